"""The architecture as data: which room of the tree may include which other.

A room is a directory of ROOMS; what a file includes is read from its #include lines.
A path that no room claims is a system header.
"""
import dataclasses
import pathlib
import re

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.M)
SOURCES = (".h", ".cc", ".c")

# Where an include path that does not begin with its directory leads.
PLACES = (
    (re.compile(r"drover/\w+/v\d+/\w+(\.grpc)?\.pb\.h"), "proto"),
    (re.compile(r"drover(_\w+)?\.h"), "sdk-c"),
    (re.compile(r"drover/\w+\.h"), "sdk-cpp"),
)

LIBRARIES = (
    ("absl/", "absl"),
    ("asio", "asio"),
    ("CLI/", "CLI11"),
    ("google/protobuf/", "protobuf"),
    ("google/rpc/", "grpc"),
    ("grpc", "grpc"),
    ("prometheus/", "prometheus"),
    ("yaml-cpp/", "yaml-cpp"),
)
TEST_LIBRARIES = ("gtest/", "gmock/", "benchmark/", "rapidcheck")

# What a function of (state, event, now) has no use for: descriptors, files, threads,
# clocks, and chance that no seed decides.
IMPURE = re.compile(
    r"(unistd|fcntl|poll|spawn|pthread|sched|signal|stdio|time|dirent|netdb|syslog|errno)\.h$"
    r"|(sys|linux|net|netinet|arpa)/"
    r"|(iostream|fstream|cstdio|filesystem|thread|mutex|shared_mutex|condition_variable"
    r"|future|chrono|ctime|random|cerrno)$"
    r"|supervisor/base/log\.h$"
    r"|absl/(time/clock\.h|synchronization/|random/|log/)"
    r"|(asio|grpc|boost/)")

# Locks that TSan does not see: they come compiled, and without it. Every access
# that they guard would be a race to it.
UNSEEN_LOCKS = "absl/synchronization/"

# A worker's state, in the words of the core, of the protocol, and of the admin API.
WORKER_STATE = re.compile(
    r"\bWorkerState\b|\bworker::v1::(State\b|STATE_)|\bWORKER_STATE_[A-Z]|\bIsStable\b")


@dataclasses.dataclass(frozen=True)
class Room:
    rooms: tuple = ()            # may be included beside itself
    libraries: tuple = ("absl", "protobuf")
    pure: bool = False           # no IMPURE header outside its tests
    stateless: bool = False      # decides nothing by a worker's state
    in_tests: tuple = ()         # further rooms and libraries for its tests


ROOMS = {
    "supervisor/base": Room(libraries=("absl",)),
    "supervisor/wire": Room(("proto",), pure=True),
    "supervisor/core": Room(("supervisor/base", "supervisor/wire", "proto"), pure=True),
    # Chance and time come from the seed; its program alone writes to somebody.
    "supervisor/sim": Room(
        ("supervisor/base", "supervisor/core", "supervisor/wire", "proto"), pure=True),
    # The state as bytes, and whether it makes sense.
    "supervisor/handover": Room(
        ("supervisor/base", "supervisor/config", "supervisor/core", "supervisor/wire", "proto"),
        pure=True),
    "supervisor/output": Room(("supervisor/base",)),
    "supervisor/os": Room(
        ("supervisor/base", "supervisor/config", "supervisor/core", "supervisor/output",
         "supervisor/wire", "proto"),
        ("absl", "asio", "protobuf"), stateless=True),
    "supervisor/config": Room(
        ("supervisor/base", "proto"), ("absl", "protobuf", "yaml-cpp")),
    "supervisor/control": Room(
        ("supervisor/base", "supervisor/config", "supervisor/core", "supervisor/output",
         "supervisor/wire", "proto")),
    # Never core or os: what breaks the gateway must find nothing of the supervisor in it.
    "supervisor/admin": Room(
        ("supervisor/base", "supervisor/wire", "proto"),
        ("absl", "grpc", "prometheus", "protobuf"), stateless=True),
    "supervisor/embed": Room(
        ("supervisor/base", "supervisor/config", "supervisor/control", "supervisor/core",
         "supervisor/os", "supervisor/output", "supervisor/wire", "proto"),
        ("absl", "asio", "protobuf")),
    "supervisor/main": Room(
        ("supervisor/base", "supervisor/config", "supervisor/control", "supervisor/core",
         "supervisor/handover", "supervisor/os", "supervisor/output", "supervisor/wire",
         "proto"),
        ("absl", "asio", "CLI11", "protobuf")),
    # Outlives what it starts, so there is nothing in it that could fail.
    "supervisor/hold": Room(("supervisor/base",), libraries=()),
    # Measures the rooms it names; nothing depends on it.
    "supervisor/bench": Room(
        ("supervisor/config", "supervisor/core", "supervisor/os", "supervisor/output", "proto"),
        ("absl", "asio", "protobuf")),
    # Starts the supervisor as a program, so it links nothing that runs one.
    "supervisor/cli": Room(
        ("supervisor/admin", "supervisor/base", "supervisor/config", "supervisor/output",
         "supervisor/wire", "proto"),
        ("absl", "CLI11", "grpc", "protobuf")),
    "sdk-c": Room(libraries=(), in_tests=("proto", "absl", "protobuf")),
    "sdk-cpp": Room(("sdk-c",), ("absl",), in_tests=("proto", "protobuf")),
    # Never the supervisor or an SDK: what it judges must not share its mistakes.
    "conformance": Room(("proto",), ("absl", "CLI11", "protobuf")),
}


def is_test(path):
    # A program of a pure room is no more of it than its tests are.
    return (re.search(r"(/sim/main|_test|_fuzz|_bench|_benchmark|/testing)\.\w+$", path) is not None
            or re.search(r"/(testing|tests|testdata)/|/fake_", path) is not None)


def room_of(path):
    """The room, or top directory, that a path from the root lies in; None for none."""
    if path.startswith("supervisor/") and path.count("/") > 1:
        return "/".join(path.split("/")[:2])
    return path.split("/")[0] if "/" in path else None


def target_of(include, tops):
    """What an include path names: a room, a library, or None for a system header."""
    for pattern, room in PLACES:
        if pattern.fullmatch(include):
            return room
    if include.split("/")[0] in tops:
        return room_of(include)
    for prefix, library in LIBRARIES:
        if include.startswith(prefix):
            return library
    return None


def without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)


def complaints(path, text, tops):
    """Yields what is wrong with one file."""
    name = room_of(path)
    room = ROOMS.get(name)
    if room is None:
        if name and name.startswith("supervisor/"):
            yield f"{path}: {name} is no room of bazel/layering.py; give it its arrows"
        return
    test = is_test(path)
    if room.stateless and not test:
        for found in WORKER_STATE.findall(without_comments(text)):
            yield f"{path}: {name} must not know a worker's state"
            break
    allowed = {name, *room.rooms, *room.libraries, *(room.in_tests if test else ())}
    for quoted, angled in INCLUDE.findall(text):
        include = quoted or angled
        if quoted and "/" not in include and not target_of(include, tops):
            continue  # A neighbour in the same directory.
        target = target_of(include, tops)
        if target and target not in allowed:
            yield f"{path}: {name} must not include {include} (that is {target})"
        elif include.startswith(TEST_LIBRARIES) and not test:
            yield f"{path}: {include} outside a test"
        elif include.startswith(UNSEEN_LOCKS):
            yield f"{path}: TSan does not see {include}; the standard library's it does"
        elif room.pure and not test and IMPURE.match(include):
            yield f"{path}: {name} is pure and must not include {include}"


def check(root):
    """All complaints about the tree at root, and how many files were read."""
    root = pathlib.Path(root)
    tops = {room.split("/")[0] for room in ROOMS} | {"proto", "examples"}
    found, count = [], 0
    for top in sorted(tops):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in SOURCES and path.is_file():
                count += 1
                found += complaints(path.relative_to(root).as_posix(),
                                    path.read_text(encoding="utf-8"), tops)
    return found, count
