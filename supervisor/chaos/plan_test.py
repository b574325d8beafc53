"""A seed is a plan: whoever has the seed can have the run again."""

import itertools
import unittest

from supervisor.chaos import plan


def first(seed, count=200):
    return list(itertools.islice(plan.actions(seed), count))


class PlanTest(unittest.TestCase):
    def test_the_same_seed_is_the_same_plan(self):
        self.assertEqual(first(7), first(7))

    def test_another_seed_is_another_plan(self):
        self.assertNotEqual(first(7), first(8))

    def test_a_longer_run_begins_as_a_shorter_one(self):
        self.assertEqual(first(7, 300)[:50], first(7, 50))

    def test_every_kind_comes_before_one_comes_twice(self):
        for seed in range(20):
            kinds = [action.kind for action in first(seed, len(plan.WEIGHTS))]
            self.assertEqual(sorted(kinds), sorted(plan.WEIGHTS))

    def test_every_pool_is_met(self):
        self.assertEqual({action.pool for action in first(1)},
                         set(plan.POOLS))

    def test_pauses_are_bounded(self):
        low, high = plan.PAUSE
        for action in first(3):
            self.assertTrue(low <= action.pause <= high, action)

    def test_only_what_may_be_overtaken_is_hasty(self):
        hasty = {action.kind for action in first(5) if action.hasty}
        self.assertEqual(hasty, set(plan.HASTY))


if __name__ == "__main__":
    unittest.main()
