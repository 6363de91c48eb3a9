"""Holds server.py to a part of the book: python3 -m unittest"""

import os
import subprocess
import sys
import unittest

PART = "part1"
PROCTOR = os.environ.get("PROCTOR", "proctor")


class Server(unittest.TestCase):
    def test_part(self):
        command = [PROCTOR, PART, "--", sys.executable, "server.py"]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
