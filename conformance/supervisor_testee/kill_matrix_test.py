"""Every mutant of the supervisor is seen by its case, and every case sees
one."""

import kill_matrix

TESTEE = "conformance/supervisor_testee/supervisor_testee"

if __name__ == "__main__":
    kill_matrix.main(kill_matrix.Matrix(
        TESTEE, ("--control", f"{TESTEE} --control"), "supervisor"))
