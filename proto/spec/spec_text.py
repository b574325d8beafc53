"""Reads SPEC.md: clauses, tables, the session in hex, the worker."""
import re
from typing import NamedTuple

CLAUSE = re.compile(
    r"^- \*\*(DRV-[A-Z]+-\d+)\*\* \[(MUST|SHOULD|MAY), "
    r"(worker|supervisor|both)\] (.*)$")
STEP = re.compile(
    r"^\*\*(\d+)\. (worker|supervisor)\*\* ([^\n]*)\n\n"
    r"```textproto\n(.*?)```\n\n```hex\n(.*?)```", re.M | re.S)


class Clause(NamedTuple):
    id: str
    level: str
    side: str
    text: str


class Step(NamedTuple):
    number: int
    writer: str
    note: str
    message: str
    hex: str

    @property
    def bytes(self):
        return bytes.fromhex(self.hex)


def clauses(text):
    matches = map(CLAUSE.match, text.splitlines())
    return [Clause(*match.groups()) for match in matches if match]


def prose(text):
    """The lines that are neither clauses nor inside a code block."""
    inside, lines = False, []
    for line in text.splitlines():
        if line.startswith("```"):
            inside = not inside
        elif not inside and not CLAUSE.match(line):
            lines.append(line)
    return lines


def cells(row):
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def table_after(text, mark):
    """The first table behind `mark`, as one dict a row."""
    lines = text[text.index(mark) + len(mark):].splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append(cells(line))
    head, body = rows[0], rows[2:]
    for row in body:
        if len(row) != len(head):
            raise ValueError(f"{len(row)} cells under {len(head)} heads: {row}")
    return [dict(zip(head, row)) for row in body]


def named_table(text, name):
    return table_after(text, f"<!-- table: {name} -->")


def session(text):
    return [Step(int(n), *rest) for n, *rest in STEP.findall(text)]


def worker_source(text):
    chapter = text[text.index("## 20 "):]
    return re.search(r"```python\n(.*?)```", chapter, re.S).group(1)
