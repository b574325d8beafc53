"""Every mutant of the worker is seen by its case, and every case sees one."""

import kill_matrix

if __name__ == "__main__":
    kill_matrix.main(kill_matrix.Matrix("conformance/testee/testee",
                                        ("--testee",)))
