"""C++ from .proto files, through the system's protoc."""

def drover_cc_proto(name, srcs, deps = [], grpc = False, **kwargs):
    """A cc_library of generated messages, or of generated service stubs.

    The package of the call is the import root: in //proto, the file
    drover/worker/v1/worker.proto is imported, and its header included, by that path.

    Args:
      name: of the library; "<name>_srcs" holds its files and those they import.
      srcs: .proto files, by their path below the package.
      deps: drover_cc_proto targets of the same package for what srcs import. With
        grpc, the first of them is the one that holds the messages of srcs.
      grpc: service stubs (.grpc.pb.h) instead of messages (.pb.h).
      **kwargs: visibility, testonly.
    """
    package = native.package_name()
    outs = []
    for src in srcs:
        stem = src[:-len(".proto")] + (".grpc.pb" if grpc else ".pb")
        outs += [stem + ".h", stem + ".cc"]

    native.filegroup(
        name = name + "_srcs",
        srcs = srcs + [dep + "_srcs" for dep in deps],
        **kwargs
    )

    flags = "--cpp_out=$(RULEDIR)"
    if grpc:
        flags = "--plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin --grpc_out=$(RULEDIR)"
    native.genrule(
        name = name + "_files",
        srcs = [":" + name + "_srcs"],
        outs = outs,
        cmd = " ".join(["protoc", "--proto_path=" + package, flags] + srcs),
        message = "Generating C++ of",
        **kwargs
    )

    native.cc_library(
        name = name,
        srcs = [out for out in outs if out.endswith(".cc")],
        hdrs = [out for out in outs if out.endswith(".h")],
        includes = ["."],
        # Not our text: its warnings are not ours to mend.
        copts = ["-w"],
        deps = deps + (["@grpc//:grpc++"] if grpc else ["@protobuf"]),
        **kwargs
    )
