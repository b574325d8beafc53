"""The model has no fault, no statement of it is idle, every deliberate fault is
caught by the property that is named for it, and SPEC.md says what is checked."""
import collections
import concurrent.futures
import pathlib
import re
import sys
import unittest
from typing import NamedTuple

import runs
import spec_text
import spin

HERE = pathlib.Path(__file__).absolute().parent
MUTANTS = runs.mutants((HERE / "mutants.txt").read_text())
SOURCES = {path.name: path.read_text() for path in HERE.glob("*.pml")}
PROPERTIES = spec_text.named_table((HERE.parent / "SPEC.md").read_text(),
                                   "model")
PROCESSES = {"Time": "lifecycle.pml", "Supervisor": "supervisor.pml",
             "Worker": "worker.pml", "Hostile": "hostile.pml"}
WORKERS = 2


class Sound(NamedTuple):
    result: spin.Result
    statements: list
    trace: str       # where something is broken


def say(*columns):
    print("{:<24}{:<22}{:>10} states, depth {:>5}".format(*columns),
          file=sys.stderr, flush=True)


def sound(name):
    run = runs.SOUND[name]
    with spin.Verifier(run.switches, run.liveness) as verifier:
        result = verifier.search("all_live" if run.liveness else None)
        detail = verifier.trace() if result.broken else ""
        return Sound(result, verifier.statements(), detail)


def faulty(mutant):
    with spin.Verifier(mutant.switches, bool(mutant.claim),
                       optimise=False) as verifier:
        return verifier.search(mutant.claim)


def in_parallel(work, items):
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        return list(zip(items, pool.map(work, items)))


class SoundTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.results = dict(in_parallel(sound, list(runs.SOUND)))
        for name, (result, *_) in cls.results.items():
            say(name, result.broken or "no fault", result.states, result.depth)

    def test_every_property_holds(self):
        for name, (result, _, trace) in self.results.items():
            self.assertEqual(result.broken, "", f"{name}\n{trace}")
            self.assertGreater(result.states, 1000, name)

    def test_every_statement_is_reached_but_those_marked(self):
        """A line counts as reached if one statement of it is: an inline has as
        many copies as callers."""
        lines, reached = set(), set()
        for name, (result, statements, _) in self.results.items():
            if runs.SOUND[name].liveness:
                continue
            every = collections.Counter(statements)
            missed = collections.Counter(result.unreached)
            lines |= {line for line in every if line[0] in PROCESSES}
            reached |= {line for line in every if every[line] > missed[line]}
        self.assertGreater(len(lines), 100)
        self.assertEqual(lines - reached, marked())


def marked():
    """(process, line) of what says that it is never reached."""
    return {(process, number) for process, name in PROCESSES.items()
            for number, line in enumerate(SOURCES[name].splitlines(), 1)
            if "/* never:" in line}


class MutantsTest(unittest.TestCase):
    def test_every_mutant_is_caught_by_its_property(self):
        caught = {}
        for mutant, result in in_parallel(faulty, MUTANTS):
            say(mutant.name, result.broken or "NOT CAUGHT", result.states,
                result.depth)
            caught[mutant.name] = result.broken
        self.assertEqual(caught, {mutant.name: mutant.broken
                                  for mutant in MUTANTS})

    def test_every_mutant_of_the_model_is_in_the_table(self):
        listed = re.search(r"mtype:mutant = \{(.*?)\}", SOURCES["mutants.pml"],
                           re.S)[1].replace(",", " ").split()
        self.assertEqual(sorted(listed),
                         sorted(["no_mutant"] + [m.name for m in MUTANTS]))
        used = set(re.findall(r"IS\((\w+)\)", SOURCES["supervisor.pml"]))
        self.assertEqual(used, {mutant.name for mutant in MUTANTS})


class WordsTest(unittest.TestCase):
    def test_spec_names_the_properties(self):
        safety = set(re.findall(
            r"PROPERTY\((\w+)", SOURCES["supervisor.pml"]
            + SOURCES["worker.pml"]))
        claims = set(re.findall(r"^ltl (\w+)", SOURCES["properties.pml"],
                                re.M)) - {"all_live"}
        self.assertEqual(claims, set(runs.LIVENESS))
        said = [row["property"] for row in PROPERTIES]
        self.assertEqual(sorted(said), sorted(safety | claims))

    def test_every_property_can_fail(self):
        self.assertEqual({row["property"] for row in PROPERTIES},
                         {mutant.broken for mutant in MUTANTS})

    def test_every_property_supports_a_clause(self):
        for row in PROPERTIES:
            self.assertRegex(row["supports"], r"^DRV-[A-Z]+-\d+")


if __name__ == "__main__":
    unittest.main(verbosity=0)
