"""A worker held to the protocol, as a test."""

def drover_conformance_test(
        name,
        command,
        data = [],
        listeners = [],
        testee = False,
        known_failing = None,
        known_flaky = None,
        options = [],
        needs = {},
        size = "medium",
        **kwargs):
    """Runs the conformance suite over a worker.

    Args:
      name: of the test.
      command: what starts the worker, a list of words; $(rootpath ...) of `data`
        is expanded.
      data: the worker, and what it needs.
      listeners: names of listeners that the worker accepts on.
      testee: the worker does what DROVER_TESTEE asks.
      known_failing: a file of case ids that have to fail.
      known_flaky: a file of case ids that may fail.
      options: further options of drover-conformance.
      needs: commands, or files, that the worker needs of the distribution, and the
        Debian package of each. Where one is missing, the test says so and passes;
        under CI it fails.
      size: as of a test.
      **kwargs: as of a test.
    """
    wanted = []
    for program, package in needs.items():
        wanted += ["--needs", program, package]
    args = ["--listener=" + listener for listener in listeners]
    args += ["--testee"] if testee else []
    files = []
    for option, file in (
        ("--known-failing", known_failing),
        ("--known-flaky", known_flaky),
    ):
        if file:
            args.append("%s=$(rootpath %s)" % (option, file))
            files.append(file)
    native.sh_test(
        name = name,
        size = size,
        srcs = ["//conformance:run_test.sh"],
        args = wanted + args + options + ["--"] + command,
        data = data + files + ["//conformance/runner:drover-conformance"],
        **kwargs
    )
