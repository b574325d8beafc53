"""Reads a .proto file as text: enums, messages, and what their comments say.
Not a parser of the language: it knows the form that our files have."""
import re
from typing import NamedTuple

HEAD = re.compile(r"^(enum|message) (\w+) \{$")
FIELD = re.compile(r"^\s+((?:repeated |optional )?[\w.]+) (\w+) = (\d+);$")
VALUE = re.compile(r"^\s+([A-Z_0-9]+) = (\d+);$")


class Field(NamedTuple):
    type: str
    number: int
    comment: str


def _blocks(text):
    """(kind, name, comment above, lines inside) of each top-level block."""
    comment, block = [], None
    for line in text.splitlines():
        head = HEAD.match(line)
        if head:
            block = (*head.groups(), " ".join(comment), [])
        elif line == "}":
            if block:  # else the end of a service
                yield block
            block, comment = None, []
        elif block:
            block[3].append(line)
        else:
            comment = comment + [line[2:].strip()] \
                if line.startswith("//") else []


def enums(text):
    """{enum: {value without the enum's prefix: number}}, zero values left
    out."""
    found = {}
    for kind, name, _, lines in _blocks(text):
        if kind == "enum":
            prefix = re.sub(r"(?<!^)([A-Z])", r"_\1", name).upper() + "_"
            values = (match.groups() for match in map(VALUE.match, lines)
                      if match)
            found[name] = {value.removeprefix(prefix): int(number)
                           for value, number in values if int(number)}
    return found


def messages(text):
    """{message: {field: Field}}; a field's comment stands above it."""
    found = {}
    for kind, name, above, lines in _blocks(text):
        if kind != "message":
            continue
        fields, comment = {}, []
        for line in lines:
            match = FIELD.match(line)
            if match:
                fields[match[2]] = Field(match[1], int(match[3]),
                                         " ".join(comment))
                comment = []
            elif line.strip().startswith("//"):
                comment.append(line.strip()[2:].strip())
            else:
                comment = []
        found[name] = fields
        found[name]["__doc__"] = Field("", 0, above)
    return found
