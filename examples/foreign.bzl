"""Programs that Bazel has no rules for here: compiled by the distribution's tools."""

_MISSING = "\n".join([
    "#!/bin/sh",
    'echo "{tool} was missing when this was built (Debian package {package});" >&2',
    'echo "once it is installed: bazel clean" >&2',
    "exit 69",
])

def foreign_program(name, out, tool, package, cmd, srcs, **kwargs):
    """A program that some other compiler makes.

    Where that compiler is missing, the program says so and ends: what does not
    need it still builds, and tests ask examples/testing/toolchain.py first.

    Args:
      name: of the target.
      out: the file.
      tool: the compiler's command.
      package: the Debian package that has it.
      cmd: of a genrule; it has $@ and a directory of its own, $$TMP, which is
        also HOME.
      srcs: what it compiles, and what that needs.
      **kwargs: of the genrule.
    """
    native.genrule(
        name = name,
        srcs = srcs,
        outs = [out],
        cmd = "\n".join([
            "set -euo pipefail",
            "TMP=$$(mktemp -d); trap 'chmod -R u+w $$TMP; rm -rf $$TMP' EXIT",
            "export TMP HOME=$$TMP",
            "if ! command -v {} >/dev/null; then".format(tool),
            "cat >$@ <<'MISSING'",
            _MISSING.format(tool = tool, package = package),
            "MISSING",
            "exit",
            "fi",
            cmd,
        ]),
        executable = True,
        message = "Compiling with " + tool,
        **kwargs
    )

def go_program(name, srcs, environment, **kwargs):
    """A main package of the module //examples:go.mod.

    Args:
      name: of the target.
      srcs: its files, and what cgo needs.
      environment: NAME=VALUE, for the shell.
      **kwargs: of foreign_program().
    """
    foreign_program(
        name = name,
        srcs = srcs + ["//examples/oneline"],
        cmd = "\n".join([
            # Its caches go away, and it may not ask the network.
            "export GOCACHE=$$TMP/cache GOPATH=$$TMP/path GOFLAGS=-mod=mod GOPROXY=off",
        ] + ["export " + setting for setting in environment] + [
            "program=$$PWD/$@",
            "cd examples",
            "go build -ldflags='-s -w' -o $$program ./" + native.package_name().split("/")[-1],
        ]),
        package = "golang-go",
        tool = "go",
        **kwargs
    )

def java_program(name, srcs, main, classpath = "", **kwargs):
    """A jar of classes without a package.

    Args:
      name: of the target.
      srcs: their sources.
      main: the class that is run.
      classpath: what they are compiled against.
      **kwargs: of foreign_program().
    """
    foreign_program(
        name = name,
        srcs = srcs,
        cmd = "\n".join([
            # sun.misc.Signal is in every JDK, but the compiler warns of it.
            "javac -Xlint:all -Werror -XDignore.symbol.file -d $$TMP/classes " +
            "-cp '{}' $(SRCS)".format(classpath),
            "jar --create --file $@ --main-class {} -C $$TMP/classes .".format(main),
        ]),
        package = "default-jdk-headless",
        tool = "javac",
        **kwargs
    )
