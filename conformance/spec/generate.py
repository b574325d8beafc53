"""SPEC.md's clauses as rows of a C++ table, on standard output."""
import json
import pathlib
import sys

import spec_text


def row(clause):
    level = clause.level.capitalize()
    side = clause.side.capitalize()
    # JSON's escapes of plain text are C++'s as well.
    text = json.dumps(clause.text, ensure_ascii=False)
    return f'{{"{clause.id}", Level::k{level}, Side::k{side},\n {text}}},'


if __name__ == "__main__":
    for each in spec_text.clauses(pathlib.Path(sys.argv[1]).read_text()):
        print(row(each))
