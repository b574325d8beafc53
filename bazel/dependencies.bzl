"""Everything that Drover takes from elsewhere.

All of it comes from the distribution (bazel/packages.txt); nothing is downloaded.
"""

load(":system_library.bzl", "inline_repository", "system_library")

# One link group serves all of abseil: an archive gives only the members that are
# asked for, and one group is searched once. The names say what a target uses.
_ABSL_TARGETS = [
    "algorithm_container",
    "any_invocable",
    "base",
    "bind_front",
    "bits",
    "btree",
    "cleanup",
    "cord",
    "core_headers",
    "fixed_array",
    "flags",
    "flags_parse",
    "flags_usage",
    "flat_hash_map",
    "flat_hash_set",
    "function_ref",
    "hash",
    "inlined_vector",
    "int128",
    "memory",
    "node_hash_map",
    "node_hash_set",
    "optional",
    "random_random",
    "span",
    "status",
    "statusor",
    "str_format",
    "strings",
    "time",
    "type_traits",
    "utility",
    "variant",
]

def _stub_repositories():
    # Bazel 4 asks for these by name and would fetch them. The native rules do all
    # that is needed of the first two; coverage is not measured through Bazel.
    inline_repository(
        name = "rules_cc",
        files = {
            "cc/BUILD": "",
            "cc/defs.bzl": "".join([
                "{0} = native.{0}\n".format(rule)
                for rule in ["cc_binary", "cc_import", "cc_library", "cc_test", "cc_toolchain", "cc_toolchain_suite"]
            ]),
        },
    )
    inline_repository(
        name = "rules_java",
        files = {
            "java/BUILD": "",
            "java/defs.bzl": "".join([
                "{0} = native.{0}\n".format(rule)
                for rule in ["java_binary", "java_import", "java_library", "java_package_configuration", "java_plugin", "java_runtime", "java_test", "java_toolchain"]
            ]),
        },
    )
    inline_repository(
        name = "remote_coverage_tools",
        files = {
            "BUILD": "".join([
                "filegroup(name = \"{}\", visibility = [\"//visibility:public\"])\n".format(name)
                for name in ["coverage_report_generator", "lcov_merger"]
            ]),
        },
    )

def drover_dependencies():
    """Declares every external repository."""
    _stub_repositories()

    system_library(
        name = "absl",
        libraries = {"absl": ["absl_" + name for name in _ABSL_TARGETS]},
        aliases = {name: "absl" for name in _ABSL_TARGETS},
    )
    system_library(
        name = "protobuf",
        libraries = {"protobuf": ["protobuf"]},
    )

    # gRPC's own module does not name protobuf, nor the libraries beside it.
    system_library(
        name = "grpc",
        libraries = {
            "grpc++": ["grpc++", "protobuf"],
            "grpc++_reflection": ["-lgrpc++_reflection", "grpc++", "protobuf"],
            "grpc++_error_details": ["-lgrpc++_error_details", "grpc++", "protobuf"],
        },
        aliases = {
            "error_details": "grpc++_error_details",
            "reflection": "grpc++_reflection",
        },
    )
    system_library(
        name = "yaml_cpp",
        libraries = {"yaml-cpp": ["yaml-cpp"]},
    )
    system_library(
        name = "asio",
        headers = ["asio.hpp"],
        libraries = {"asio": []},
        defines = [
            "ASIO_STANDALONE",
            "ASIO_NO_DEPRECATED",
            # Whether it uses aligned_alloc depends on which header a file includes
            # before it (seen in 1.22): two files would free each other's memory
            # the wrong way.
            "ASIO_DISABLE_STD_ALIGNED_ALLOC",
        ],
    )
    system_library(
        name = "cli11",
        headers = ["CLI/CLI.hpp"],
        libraries = {"cli11": []},
    )
    system_library(
        name = "prometheus_cpp",
        libraries = {
            "core": ["prometheus-cpp-core"],
            "pull": ["prometheus-cpp-pull"],
        },
    )

    # For tests and benchmarks.
    system_library(
        name = "googletest",
        libraries = {
            "gtest": ["gmock", "gtest"],
            "gtest_main": ["gmock_main", "gmock", "gtest"],
        },
        aliases = {
            "gmock": "gtest",
            "gmock_main": "gtest_main",
        },
    )
    system_library(
        name = "benchmark",
        libraries = {
            "benchmark": ["benchmark"],
            "benchmark_main": ["-lbenchmark_main", "benchmark"],
        },
    )
    system_library(
        name = "rapidcheck",
        headers = ["rapidcheck.h"],
        libraries = {"rapidcheck": ["-lrapidcheck"]},
    )

    # For examples.
    system_library(
        name = "boost",
        headers = ["boost/beast.hpp"],
        libraries = {"beast": []},
    )
    system_library(
        name = "libmicrohttpd",
        libraries = {"libmicrohttpd": ["libmicrohttpd"]},
        static = False,
    )
