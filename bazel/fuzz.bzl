"""Fuzz targets: one source, two uses."""

load(":copts.bzl", "DROVER_COPTS")

def drover_fuzz_test(name, srcs, corpus = [], deps = [], tags = [], **kwargs):
    """A test that replays its corpus; with --config=fuzz, a libFuzzer binary.

    Args:
      name: of the test.
      srcs: define LLVMFuzzerTestOneInput.
      corpus: files, usually a glob.
      deps: as of a cc_test.
      tags: as of a cc_test; "fuzz" is added, by which `make fuzz` finds it.
      **kwargs: as of a cc_test.
    """
    native.cc_test(
        name = name,
        srcs = srcs,
        copts = DROVER_COPTS,
        args = ["$(locations {})".format(label) for label in corpus],
        data = corpus,
        linkopts = select({
            "//bazel:libfuzzer": ["-fsanitize=fuzzer"],
            "//conditions:default": [],
        }),
        deps = deps + select({
            "//bazel:libfuzzer": [],
            "//conditions:default": ["//bazel:fuzz_replay"],
        }),
        tags = tags + ["fuzz"],
        **kwargs
    )
