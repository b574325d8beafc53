"""crash_soak.py, shorter: see there."""

import unittest

from supervisor.integration.crash_soak import Soak  # pylint: disable=unused-import

if __name__ == "__main__":
    unittest.main()
