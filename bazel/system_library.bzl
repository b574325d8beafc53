"""Repositories whose targets are libraries of the operating system.

The headers lie where the compiler looks anyway; what a target adds is how to
link. Release binaries link what is not libc statically, so that they run on a
machine that has none of these packages; `--define=drover_link=dynamic` takes the
shared objects instead.
"""

_REMEDY = "Run bazel/install-dependencies.sh (or see bazel/packages.txt)."

# Parts of the C library: a static copy next to the shared libc is a mistake.
_LIBC = ["-lc", "-ldl", "-lm", "-lpthread", "-lrt"]

def _capture(repository_ctx, arguments):
    result = repository_ctx.execute(arguments)
    if result.return_code != 0:
        fail("{} failed: {} {}".format(" ".join(arguments), result.stderr.strip(), _REMEDY))
    return [word for word in result.stdout.strip().split(" ") if word]

def _unique(items):
    # The last mention stays: a linker wants what is depended on behind what depends.
    seen = {}
    for item in reversed(items):
        seen[item] = True
    return reversed(seen.keys())

def _library_flags(repository_ctx, specs):
    modules = [spec for spec in specs if not spec.startswith("-l")]
    flags = [spec for spec in specs if spec.startswith("-l")]
    if modules:
        query = ["pkg-config", "--libs"]
        if repository_ctx.attr.static:
            query.append("--static")
        flags += _capture(repository_ctx, query + modules)

    # Not -L: a directory outside the system's would need its headers too. Not
    # -Wl,...: those are --push-state pairs that de-duplication would tear apart.
    return _unique([flag for flag in flags if flag.startswith("-l")])

def _has_archive(repository_ctx, flag):
    name = "lib{}.a".format(flag[len("-l"):])

    # A compiler that does not know the file answers with the bare name.
    return _capture(repository_ctx, ["cc", "-print-file-name=" + name]) != [name]

def _static_linkopts(repository_ctx, flags):
    archives = [flag for flag in flags if flag not in _LIBC and _has_archive(repository_ctx, flag)]
    shared = [flag for flag in flags if flag not in archives]
    grouped = []
    if archives:
        grouped = ["-Wl,-Bstatic", "-Wl,--start-group"] + archives + ["-Wl,--end-group", "-Wl,-Bdynamic"]
    return grouped + _as_needed(shared)

def _as_needed(flags):
    if not flags:
        return []
    return ["-Wl,--push-state,--as-needed"] + flags + ["-Wl,--pop-state"]

def _library_rule(repository_ctx, name, specs):
    flags = _library_flags(repository_ctx, specs)
    linkopts = repr(_as_needed(flags))
    if repository_ctx.attr.static:
        linkopts = """select({{
        "@drover//bazel:dynamic_link": {dynamic},
        "//conditions:default": {static},
    }})""".format(
            dynamic = linkopts,
            static = repr(_static_linkopts(repository_ctx, flags)),
        )
    return """
cc_library(
    name = "{name}",
    defines = {defines},
    linkopts = {linkopts} + ["-pthread"],
)
""".format(
        name = name,
        defines = repr(repository_ctx.attr.defines),
        linkopts = linkopts,
    )

def _system_library_impl(repository_ctx):
    for header in repository_ctx.attr.headers:
        if not repository_ctx.path("/usr/include/" + header).exists:
            fail("There is no <{}> on this machine. {}".format(header, _REMEDY))

    rules = ["package(default_visibility = [\"//visibility:public\"])\n"]
    for name, specs in repository_ctx.attr.libraries.items():
        rules.append(_library_rule(repository_ctx, name, specs))
    for name, actual in repository_ctx.attr.aliases.items():
        rules.append("\nalias(\n    name = \"{}\",\n    actual = \":{}\",\n)\n".format(name, actual))
    repository_ctx.file("BUILD", "".join(rules))

system_library = repository_rule(
    implementation = _system_library_impl,
    attrs = {
        "libraries": attr.string_list_dict(
            doc = "target name -> pkg-config modules, or -l flags where a library has no module",
        ),
        "aliases": attr.string_dict(doc = "further target name -> target name"),
        "headers": attr.string_list(doc = "checked to exist, for libraries that pkg-config does not know"),
        "defines": attr.string_list(),
        "static": attr.bool(default = True),
    },
    configure = True,
    local = True,
)

def _inline_repository_impl(repository_ctx):
    for path, content in repository_ctx.attr.files.items():
        repository_ctx.file(path, content)

inline_repository = repository_rule(
    implementation = _inline_repository_impl,
    attrs = {"files": attr.string_dict(doc = "path -> content")},
    doc = "A repository written out in its own declaration.",
)
