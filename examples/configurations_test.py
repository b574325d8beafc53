import glob
import subprocess
import unittest


class ConfigurationsTest(unittest.TestCase):
    def test_each_is_right(self):
        files = glob.glob("examples/*/drover.yaml")
        self.assertGreaterEqual(len(files), 4)
        for file in files:
            done = subprocess.run(
                ["supervisor/cli/drover", "check", file], timeout=20,
                check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(done.returncode, 0, done.stdout.decode())


if __name__ == "__main__":
    unittest.main()
