"""The shared library against its ledger and its headers.

What libdrover.so.1 exports, what drover.symbols lists and what the headers
declare are the same functions; the library needs libc alone and is small. A
symbol that was ever in the ledger stays in it.
"""

import ctypes
import os
import re
import subprocess
import tempfile
import unittest

HERE = "sdk-c/"
LIBRARY = HERE + "libdrover.so.1"
SIZE_MAX = 40000


def read(path):
    with open(HERE + path, encoding="utf-8") as file:
        return file.read()


def declared():
    text = read("include/drover.h") + read("include/drover_posix.h")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return set(re.findall(r"DROVER_API[^;]*?\b(drover_\w+)\(", text))


def ledger():
    """{name: version in which it came}."""
    lines = [line.split() for line in read("drover.symbols").splitlines()
             if line and not line.startswith("#")]
    return {name: version for name, version in lines}


def exported():
    output = subprocess.run(
        ["nm", "--dynamic", "--defined-only", "--with-symbol-versions", LIBRARY],
        check=True, capture_output=True, text=True).stdout
    names = [line.split()[-1] for line in output.splitlines()]
    return {name for name in names if not name.startswith("DROVER_1")}


class Abi(unittest.TestCase):

    def test_library_ledger_and_headers_name_the_same_functions(self):
        names = {name.split("@@")[0] for name in exported()}
        self.assertEqual(names, set(ledger()))
        self.assertEqual(names, declared())
        self.assertGreater(len(names), 60)

    def test_every_symbol_has_the_version_of_the_map(self):
        self.assertEqual({name.split("@@")[1] for name in exported()},
                         {"DROVER_1"})

    def test_it_calls_itself_libdrover_so_1_and_needs_libc_alone(self):
        output = subprocess.run(["readelf", "--dynamic", LIBRARY], check=True,
                                capture_output=True, text=True).stdout
        self.assertEqual(re.findall(r"\(SONAME\).*\[(.*)\]", output),
                         ["libdrover.so.1"])
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", output)
        allowed = r"libc\.so|ld-linux"
        self.assertEqual([n for n in needed if not re.match(allowed, n)], [])

    def test_it_is_small(self):
        with tempfile.NamedTemporaryFile() as stripped:
            subprocess.run(["strip", "-o", stripped.name, LIBRARY], check=True)
            self.assertLess(os.path.getsize(stripped.name), SIZE_MAX)

    def test_no_struct_or_enum_crosses(self):
        text = read("include/drover.h") + read("include/drover_posix.h")
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        self.assertNotIn("enum", text)
        self.assertEqual(re.findall(r"struct \w+\s*{", text), [])

    def test_another_language_can_call_it(self):
        library = ctypes.CDLL(os.path.abspath(LIBRARY))
        library.drover_version_string.restype = ctypes.c_char_p
        self.assertRegex(library.drover_version_string().decode(),
                         r"^\d+\.\d+\.\d+$")


if __name__ == "__main__":
    unittest.main()
