// What a file may say, and the whole message for each thing it may not.
#include "supervisor/config/load.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "supervisor/config/normalize.h"
#include "supervisor/config/problem.h"
#include "supervisor/config/testing.h"

namespace drover::config {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr char kYaml[] = R"(
supervisor:
  shutdown_timeout: 1m
  admin: {socket: run/admin.sock, allow_users: [ada]}
pools:
- name: web
  command: [./worker, --fast]
  count: 4
  listeners:
  - {name: http, address: "tcp://127.0.0.1:8080"}
  - {name: local, address: "unix://run/web.sock"}
  environment: {PORT: "${slot+9000}", EMPTY: ""}
  umask: 0027
  timeouts: {stop: 1.5s}
  restart: {on_normal_exit: leave, backoff: {factor: 1.5}}
  output: {forward: false, file: "log/${slot}.log"}
)";

constexpr char kJson[] = R"({
  "supervisor": {
    "shutdownTimeout": "60s",
    "admin": {"socket": "run/admin.sock", "allow_users": ["ada"]}
  },
  "pools": [{
    "name": "web",
    "command": ["./worker", "--fast"],
    "count": 4,
    "listeners": [
      {"name": "http", "address": "tcp:\/\/127.0.0.1:8080"},
      {"name": "local", "address": "unix://run/web.sock"}
    ],
    "environment": {"PORT": "${slot+9000}", "EMPTY": ""},
    "umask": "0027",
    "timeouts": {"stop": "1.5s"},
    "restart": {"on_normal_exit": "leave", "backoff": {"factor": 1.5}},
    "output": {"forward": false, "file": "log/${slot}.log"}
  }]
})";

constexpr char kTextproto[] = R"(
supervisor {
  shutdown_timeout { seconds: 60 }
  admin { socket: "run/admin.sock" allow_users: "ada" }
}
pools {
  name: "web"
  command: ["./worker", "--fast"]
  count: 4
  listeners { name: "http" address: "tcp://127.0.0.1:8080" }
  listeners { name: "local" address: "unix://run/web.sock" }
  environment { key: "PORT" value: "${slot+9000}" }
  environment { key: "EMPTY" value: "" }
  umask: "0027"
  timeouts { stop { seconds: 1 nanos: 500000000 } }
  restart { on_normal_exit: EXIT_ACTION_LEAVE backoff { factor: 1.5 } }
  output { forward: false file: "log/${slot}.log" }
}
)";

absl::StatusOr<v1::Config> Load(absl::string_view text,
                                Format format = Format::kYaml) {
  return LoadText(text, format, "f", "/srv/app", FakeHost());
}

// The message that the text is refused with; empty if it is not.
std::string Refusal(absl::string_view text, Format format = Format::kYaml) {
  absl::StatusOr<v1::Config> config = Load(text, format);
  if (config.ok()) return "";
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(ProblemOf(config.status()).has_value()) << config.status();
  return std::string(config.status().message());
}

TEST(LoadTest, ThreeFormatsSayTheSame) {
  auto yaml = Load(kYaml);
  auto json = Load(kJson, Format::kJson);
  auto textproto = Load(kTextproto, Format::kTextproto);
  ASSERT_TRUE(yaml.ok()) << yaml.status();
  ASSERT_TRUE(json.ok()) << json.status();
  ASSERT_TRUE(textproto.ok()) << textproto.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*yaml, *json))
      << yaml->DebugString() << json->DebugString();
  EXPECT_TRUE(MessageDifferencer::Equals(*yaml, *textproto))
      << textproto->DebugString();
  EXPECT_EQ(yaml->pools(0).count(), 4u);
  EXPECT_EQ(yaml->pools(0).umask(), "0027");
  EXPECT_EQ(yaml->pools(0).environment().at("EMPTY"), "");
}

TEST(LoadTest, RelativePathsAreRelativeToTheFile) {
  auto config = Load(kYaml);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->supervisor().admin().socket(), "/srv/app/run/admin.sock");
  EXPECT_EQ(config->pools(0).listeners(1).address(),
            "unix:///srv/app/run/web.sock");
  EXPECT_EQ(config->pools(0).output().file(), "/srv/app/log/${slot}.log");
  // Not named: the supervisor's own, which another process may run.
  EXPECT_EQ(config->pools(0).directory(), "");
}

TEST(LoadTest, AliasesAndNullAndCommentsAreUnderstood) {
  auto config = Load(R"(
# Two pools that wait alike.
pools:
- {name: a, command: [w], timeouts: &slow {stop: 2m}, user: ~}
- {name: b, command: [w], timeouts: *slow, environment: }
)");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->pools(1).timeouts().stop().seconds(), 120);
}

TEST(LoadTest, JsonEscapesBeyondTheBasicPlane) {
  auto config =
      Load(R"({"pools":[{"name":"a","command":["\ud83d\ude00","\\ud83d"]}]})",
           Format::kJson);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->pools(0).command(0), "\xf0\x9f\x98\x80");
  EXPECT_EQ(config->pools(0).command(1), "\\ud83d");
}

// Refused --------------------------------------------------------------------

struct Case {
  const char* name;
  std::string text;
  std::string message;
  Format format = Format::kYaml;
};

class RefusedTest : public testing::TestWithParam<Case> {};

TEST_P(RefusedTest, WithThisMessage) {
  EXPECT_EQ(Refusal(GetParam().text, GetParam().format), GetParam().message);
}

std::string NameOf(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

// One pool with these lines besides name and command.
std::string Pool(absl::string_view lines) {
  return absl::StrCat("pools:\n- name: web\n  command: [./worker]\n", lines);
}

INSTANTIATE_TEST_SUITE_P(
    Syntax, RefusedTest,
    testing::Values(
        Case{"Empty", "",
             "f: no configuration in it; give at least one pool with name and "
             "command"},
        Case{"Comment", "# nothing\n",
             "f: no configuration in it; give at least one pool with name and "
             "command"},
        Case{"NotUtf8", "pools:\n- name: \xff",
             "f:2:9: the byte 0xff is not UTF-8; save the file as UTF-8"},
        Case{"Nul", std::string("pools:\0", 7),
             "f:1:7: a NUL character; give UTF-8 text"},
        Case{"Tab", "pools:\n\t- name: web",
             "f:2:2: illegal block entry; indent with spaces, not tabs"},
        Case{"TwoDocuments", Pool("---\n") + Pool(""),
             "f:4:1: a second document begins; give one document; several "
             "pools go under pools:"},
        Case{"Unclosed", "pools: [",
             "f:1:1: end of sequence flow not found; mend the YAML here or "
             "just before"},
        Case{"ListAtTop", "- name: web",
             "f:1:1: a list does not fit; give a map that begins with pools:"},
        Case{"WordAtTop", "web",
             "f:1:1: \"web\" does not fit; give a map that begins with pools:"},
        Case{"Tag", "pools: !python/object {}",
             "f:1:8: the tag \"!python/object\" means nothing here; leave it "
             "out"},
        Case{"AliasInItself", "pools: &a [*a]",
             "f:1:12: the alias stands inside what it names; write the value "
             "out"},
        Case{"MergeKey", Pool("  <<: {count: 2}\n"),
             "f:4:3: pools[0].<<: merge keys are not supported; name the whole "
             "value with an alias: timeouts: *slow"},
        Case{"Deep", std::string(1000, '[') + std::string(1000, ']'),
             "f:1:17: nested deeper than 16 levels; see the schema; it is "
             "flatter"},
        Case{"TooLarge", std::string(kFileSizeMax + 1, ' '),
             "f: too large; a configuration has at most 524288 bytes"},
        Case{"JsonBareWord", "{pools: []}",
             "f:1:2: \"pools\" is no JSON value; put text in quotation marks",
             Format::kJson},
        Case{"JsonBlock", "pools: []",
             "f:1:1: not one JSON object; begin with { and close every "
             "bracket, or name the file .yaml",
             Format::kJson},
        Case{"JsonUnclosed", "{\"pools\": [",
             "f:1:1: not one JSON object; begin with { and close every "
             "bracket, or name the file .yaml",
             Format::kJson},
        Case{"JsonAlias", "{\"pools\": &a []}",
             "f:1:11: JSON has no anchors; leave it out", Format::kJson},
        Case{"TextprotoSyntax", "pools {\n  name: web\n}",
             "f:2:9: Expected string, got: web; mend the text here",
             Format::kTextproto},
        Case{"TextprotoUnknownField", "pools {\n  comand: \"w\"\n}",
             "f:2:9: comand: no such field; did you mean command?",
             Format::kTextproto}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Types, RefusedTest,
    testing::Values(
        Case{"UnknownField", "pools:\n- name: web\n  comand: [w]\n",
             "f:3:3: pools[0].comand: no such field; did you mean command?"},
        Case{"UnknownFieldNothingNear", Pool("  limits: {zebra: 1}\n"),
             "f:4:12: pools[0].limits.zebra: no such field; known are "
             "open_files, processes, core_size, address_space, file_size, "
             "cpu_seconds, locked_memory, stack"},
        Case{"TextForNumber", Pool("  count: four\n"),
             "f:4:10: pools[0].count: \"four\" does not fit; give a whole "
             "number, 0 or more, or auto"},
        Case{"NegativeNumber", Pool("  count: -1\n"),
             "f:4:10: pools[0].count: \"-1\" does not fit; give a whole "
             "number, 0 or more, or auto"},
        Case{"NumberTooLarge", Pool("  count: 99999999999\n"),
             "f:4:10: pools[0].count: \"99999999999\" does not fit; give a "
             "whole number, 0 or more, or auto"},
        Case{"TextForBool", Pool("  inherit_environment: yes\n"),
             "f:4:24: pools[0].inherit_environment: \"yes\" does not fit; give "
             "true or false"},
        Case{"TextForDuration", Pool("  timeouts: {stop: soon}\n"),
             "f:4:20: pools[0].timeouts.stop: \"soon\" does not fit; give a "
             "duration such as 500ms, 1.5s or 2m"},
        Case{"DurationWithoutUnit", Pool("  timeouts: {stop: 30}\n"),
             "f:4:20: pools[0].timeouts.stop: \"30\" has no unit; give a "
             "duration such as 500ms, 1.5s or 2m"},
        Case{"DurationInf", Pool("  timeouts: {stop: inf}\n"),
             "f:4:20: pools[0].timeouts.stop: \"inf\" does not fit; give a "
             "duration such as 500ms, 1.5s or 2m"},
        Case{"UnknownEnum", Pool("  restart: {on_normal_exit: retry}\n"),
             "f:4:29: pools[0].restart.on_normal_exit: \"retry\" does not fit; "
             "give one of restart, leave, stop_pool, shut_down"},
        Case{"UnspecifiedEnum",
             Pool("  restart: {on_normal_exit: EXIT_ACTION_UNSPECIFIED}\n"),
             "f:4:29: pools[0].restart.on_normal_exit: "
             "\"EXIT_ACTION_UNSPECIFIED\" does not fit; give one of restart, "
             "leave, stop_pool, shut_down"},
        Case{"NotANumber", Pool("  restart: {backoff: {factor: nan}}\n"),
             "f:4:31: pools[0].restart.backoff.factor: \"nan\" does not fit; "
             "give a number"},
        Case{"TextForList", "pools:\n- {name: web, command: ./worker}\n",
             "f:2:24: pools[0].command: \"./worker\" does not fit; give a "
             "list: [a, b], or lines that begin with -"},
        Case{"ListForText", Pool("  directory: [a]\n"),
             "f:4:14: pools[0].directory: a list does not fit; give text"},
        Case{"TextForMap", Pool("  environment: A=b\n"),
             "f:4:16: pools[0].environment: not a map; write lines such as "
             "NAME: value"},
        Case{"TextForMessage", Pool("  timeouts: 30s\n"),
             "f:4:13: pools[0].timeouts: \"30s\" does not fit; give a map of "
             "fields"},
        Case{"NullInList", "pools:\n- {name: web, command: [w, ~]}\n",
             "f:2:28: pools[0].command[1]: null does not fit; write \"\" for "
             "an empty value"},
        Case{"NullVariable", Pool("  environment:\n    A:\n"),
             "f:6:1: pools[0].environment.A: null does not fit; write \"\" for "
             "an empty value"},
        Case{"FieldTwice", Pool("  count: 1\n  count: 2\n"),
             "f:5:3: pools[0].count: given twice; keep one"},
        Case{"VariableTwice", Pool("  environment: {A: 1, A: 2}\n"),
             "f:4:23: pools[0].environment.A: given twice; keep one"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Values, RefusedTest,
    testing::Values(
        Case{"NoPools", "pools: []\nsupervisor: {admin: {enabled: false}}",
             "f:1:8: pools: none; give at least one"},
        Case{"NoName", "pools:\n- command: [w]\n",
             "f:2:3: pools[0].name: missing; give the pool a name"},
        Case{"BadName", "pools:\n- {name: Web, command: [w]}\n",
             "f:2:10: pools[0].name: \"Web\" is no name; give "
             "[a-z][a-z0-9-]{0,62}"},
        Case{"PoolTwice",
             "pools:\n- {name: a, command: [w]}\n- {name: a, command: [w]}\n",
             "f:3:10: pools[1].name: \"a\" is the name of pools[0] too; give "
             "each pool a name of its own"},
        Case{"NoCommand", "pools:\n- name: web\n",
             "f:2:3: pools[0].command: missing; give the program and its "
             "arguments, as [./worker, --fast]"},
        Case{"EmptyCommand", "pools:\n- {name: web, command: []}\n",
             "f:2:24: pools[0].command: missing; give the program and its "
             "arguments, as [./worker, --fast]"},
        Case{"CountZero", Pool("  count: 0\n"),
             "f:4:10: pools[0].count: 0 is below 1; give 1..4096"},
        Case{"CountAboveLimit", Pool("  count: 4097\n"),
             "f:4:10: pools[0].count: 4097 is above 4096; give 1..4096"},
        Case{"CountsAboveLimit",
             "pools:\n- {name: a, command: [w], count: 4000}\n"
             "- {name: b, command: [w], count: 97}\n",
             "f:2:1: pools: 4097 workers in all is above 4096; lower the "
             "counts"},
        Case{"ListenerTwice",
             Pool("  listeners:\n"
                  "  - {name: http, address: 'tcp://127.0.0.1:1'}\n"
                  "  - {name: http, address: 'tcp://127.0.0.1:2'}\n"),
             "f:6:12: pools[0].listeners[1].name: \"http\" is the name of "
             "pools[0].listeners[0] too; give each listener of a pool a name "
             "of its own"},
        Case{"AddressTwice",
             "pools:\n"
             "- name: a\n"
             "  command: [w]\n"
             "  listeners: [{name: http, address: 'tcp://[::]:80'}]\n"
             "- name: b\n"
             "  command: [w]\n"
             "  listeners: [{name: http, address: 'tcp://[0::0]:80'}]\n",
             "f:7:37: pools[1].listeners[0].address: \"tcp://[::]:80\" is "
             "pools[0].listeners[0].address too; give each listener an address "
             "of its own"},
        Case{"AddressOfTheAdminSocket",
             Pool("  listeners:\n  - name: x\n"
                  "    address: unix:///run/user/1000/drover/admin.sock\n"),
             "f:6:14: pools[0].listeners[0].address: "
             "\"unix:///run/user/1000/drover/admin.sock\" is "
             "supervisor.admin.socket too; give each listener an address of "
             "its own"},
        Case{"BadAddress", Pool("  listeners: [{name: a, address: ':80'}]\n"),
             "f:4:34: pools[0].listeners[0].address: \":80\" is not an "
             "address; write tcp://127.0.0.1:8080 or unix:///run/app.sock"},
        Case{"NoAddress", Pool("  listeners: [{name: a}]\n"),
             "f:4:15: pools[0].listeners[0].address: missing; give one such as "
             "tcp://127.0.0.1:8080 or unix:///run/app.sock"},
        Case{"ModeOfTcp",
             Pool("  listeners: [{name: a, address: 'tcp://0.0.0.0:0', mode: "
                  "0600}]\n"),
             "f:4:59: pools[0].listeners[0].mode: only a unix socket has a "
             "mode; leave it out"},
        Case{"BadMode",
             Pool("  listeners: [{name: a, address: 'unix:///a', mode: "
                  "rw}]\n"),
             "f:4:53: pools[0].listeners[0].mode: \"rw\" is no mode; give "
             "octal digits in quotes, \"0000\"..\"0777\""},
        Case{"NegativeTimeout", Pool("  timeouts: {stop: -1s}\n"),
             "f:4:20: pools[0].timeouts.stop: -1s is below 1ms; give 1ms..24h"},
        Case{"TimeoutTooLong", Pool("  timeouts: {stop: 25h}\n"),
             "f:4:20: pools[0].timeouts.stop: 25h is above 24h; give 1ms..24h"},
        Case{"HeartbeatTooShort", Pool("  heartbeat: {interval: 1ms}\n"),
             "f:4:25: pools[0].heartbeat.interval: 1ms is below 100ms; give 0 "
             "or 100ms..1h"},
        Case{"HeartbeatNegative", Pool("  heartbeat: {interval: -1s}\n"),
             "f:4:25: pools[0].heartbeat.interval: -1s is below 0; give 0 or "
             "100ms..1h"},
        Case{"UnknownUser", Pool("  user: nemo\n"),
             "f:4:9: pools[0].user: no user \"nemo\" on this machine; give the "
             "name or number of one"},
        Case{"UnknownGroup", Pool("  group: nemo\n"),
             "f:4:10: pools[0].group: no group \"nemo\" on this machine; give "
             "the name or number of one"},
        Case{"ControlFdOfOutput", Pool("  control_fd: 1\n"),
             "f:4:15: pools[0].control_fd: 1 is below 3; give 0 or 3..255"},
        Case{"BadUmask", Pool("  umask: 999\n"),
             "f:4:10: pools[0].umask: \"999\" is no mode; give octal digits in "
             "quotes, \"0000\"..\"0777\""},
        Case{"VariableWithEquals", Pool("  environment: {'A=B': c}\n"),
             "f:4:16: pools[0].environment: \"A=B\" is no name of a variable; "
             "give one without = and NUL"},
        Case{"ReservedVariable", Pool("  environment: {DROVER_FD: 3}\n"),
             "f:4:28: pools[0].environment.DROVER_FD: names that begin with "
             "DROVER_ are reserved; choose another"},
        Case{"UnknownReference", Pool("  environment: {A: '${host}'}\n"),
             "f:4:20: pools[0].environment.A: unknown reference ${host}; known "
             "are ${pool}, ${slot}, ${slot+N}, ${generation}; write $$ for a "
             "dollar sign"},
        Case{"BareDollar", Pool("  environment: {A: '$HOME/bin'}\n"),
             "f:4:20: pools[0].environment.A: a $ begins no reference; known "
             "are ${pool}, ${slot}, ${slot+N}, ${generation}; write $$ for a "
             "dollar sign"},
        Case{"GenerationInFile", Pool("  output: {file: 'a${generation}'}\n"),
             "f:4:18: pools[0].output.file: unknown reference ${generation}; "
             "known are ${pool}, ${slot}, ${slot+N}; write $$ for a dollar "
             "sign"},
        Case{"BackoffMaxBelowInitial",
             Pool("  restart: {backoff: {initial: 2s, max: 1s}}\n"),
             "f:4:41: pools[0].restart.backoff.max: 1s is below initial; give "
             "2s..24h"},
        Case{"TextprotoPlace", "pools {\n  name: \"web\"\n  count: 0\n}\n",
             "f:1:1: pools[0].command: missing; give the program and its "
             "arguments, as [./worker, --fast]",
             Format::kTextproto},
        Case{"TextprotoCount",
             "pools {\n  name: \"web\"\n  command: \"w\"\n  count: 0\n}\n",
             "f:4:3: pools[0].count: 0 is below 1; give 1..4096",
             Format::kTextproto}),
    NameOf);

// Ten lines that stand for a billion values.
TEST(BoundsTest, AnAliasBombIsRefusedUnexpanded) {
  std::string bomb = "a: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 0; i < 9; ++i) {
    absl::StrAppend(&bomb, "b", i, ": &a", i + 1, " [");
    for (int j = 0; j < 10; ++j) absl::StrAppend(&bomb, "*a", i, ", ");
    absl::StrAppend(&bomb, "]\n");
  }
  EXPECT_EQ(Refusal(bomb),
            "f:5:45: more than 100000 values, counting what aliases stand for; "
            "use fewer aliases");
}

TEST(BoundsTest, ManyAliasesAreRefused) {
  std::string many = "pools: [&a x";
  for (size_t i = 0; i < 1001; ++i) many += ", *a";
  EXPECT_EQ(Refusal(many + "]"),
            "f:1:4015: more than 1000 aliases; write values out");
}

TEST(BoundsTest, ManyListenersAreRefused) {
  std::string text = "pools:\n- name: a\n  command: [w]\n  listeners:\n";
  for (int i = 0; i < 65; ++i) {
    absl::StrAppend(&text, "  - {name: l", i, ", address: 'tcp://[::]:0'}\n");
  }
  EXPECT_EQ(Refusal(text),
            "f:2:1: pools: 65 listeners in all is above 64; run a second "
            "supervisor for the rest");
}

TEST(BoundsTest, ManyPoolsAreRefused) {
  std::string text = "pools:\n";
  for (int i = 0; i < 65; ++i) {
    absl::StrAppend(&text, "- {name: p", i, ", command: [w]}\n");
  }
  EXPECT_EQ(
      Refusal(text),
      "f:2:1: pools: 65 is above 64; run a second supervisor for the rest");
}

}  // namespace
}  // namespace drover::config
