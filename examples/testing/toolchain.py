"""What a test does where the language of its worker is not installed."""

import os
import shutil
import unittest


def require(program, package):
    """Skips the module's tests where there is no such command or file, and says
    which package has it; the summary of the run counts it. Under CI it fails."""
    if shutil.which(program) or os.path.isfile(program):
        return
    missing = f"MISSING {program} (Debian package {package})"
    if os.environ.get("CI"):
        raise AssertionError(missing)
    print(missing, flush=True)
    raise unittest.SkipTest(missing)
