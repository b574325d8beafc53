#!/usr/bin/python3
"""Writes the table into docs/conformance.md of the workspace."""

import os
import pathlib

import coverage

MARK = "| clause | level |"


def main():
    root = pathlib.Path(os.environ["BUILD_WORKSPACE_DIRECTORY"])
    document = root / "docs" / "conformance.md"
    text = document.read_text(encoding="utf-8")
    begin = text.index(MARK)
    table = coverage.table(list(coverage.rows()))
    document.write_text(text[:begin] + table + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
