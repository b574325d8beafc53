"""The one list of warning flags. Generated code is compiled without it."""

_COMMON = [
    "-Wall",
    "-Wextra",
    "-Wshadow",
    "-Wcast-qual",
    "-Wformat=2",
    "-Wvla",
    "-Werror",
    # Both languages define what an omitted member is: zero. Designated
    # initializers are read for what they set.
    "-Wno-missing-field-initializers",
]

DROVER_COPTS = _COMMON + [
    "-Wnon-virtual-dtor",
    "-Woverloaded-virtual",
    "-Wextra-semi",
    # False alarms of g++ 12 inside std::string and std::variant once it inlines.
    "-Wno-restrict",
    "-Wno-maybe-uninitialized",
]

DROVER_C_COPTS = _COMMON + [
    "-Wstrict-prototypes",
    "-Wmissing-prototypes",
    "-Wpointer-arith",
    "-Wconversion",
]
