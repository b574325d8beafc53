"""What was done, and what it did to requests."""

import collections


class Table:
    def __init__(self):
        self._took = collections.defaultdict(list)
        self._sent = collections.Counter()
        self._failed = collections.Counter()   # excused or not
        self._counted = collections.Counter()  # not excused
        self._left_out = collections.Counter()
        self.failures = []

    def did(self, kind, seconds):
        """An action, and how long it took until all was well again."""
        self._took[kind].append(seconds)

    def left_out(self, kind):
        """An action of the plan that cannot be done here."""
        self._left_out[kind] += 1

    def add(self, pool, report):
        """What a load says at its end."""
        for step in report["steps"]:
            self._sent[step["step"]] += step["sent"]
            self._failed[step["step"]] += step["failed"]
        for failure in report["failures"]:
            self._counted[failure["step"]] += 1
            self.failures.append(f"{pool}, in '{failure['step']}': "
                                 f"{failure['cause']}")
        # The report shows but the first of many.
        if (more := report["failed"] - len(report["failures"])) > 0:
            self.failures.append(f"{pool}: {more} more")

    def show(self):
        print(f"\n| {'action':<29}| count | requests | failed | on connections "
              "of the killed | all well after, at most |\n"
              "|---|---|---|---|---|---|")
        for kind in [*self._took, "all"]:
            print(self._row(kind))
        for kind, count in self._left_out.items():
            print(f"NOT DONE {count} times: {kind}")

    def _row(self, kind):
        def of(counter):
            return counter[kind] if kind != "all" else sum(counter.values())
        took = (self._took[kind] if kind in self._took
                else sum(self._took.values(), []))
        failed = of(self._counted)
        return (f"| {kind:<29}| {len(took)} | {of(self._sent):,} | {failed} | "
                f"{of(self._failed) - failed} | {max(took, default=0):.1f} s |")
