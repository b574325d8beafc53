"""SPEC.md and the schemas say the same: bodies, enum values, capabilities,
limits, names of variables and states; default times; causes of an end."""
import pathlib
import re
import unittest

import spec_text
import schema_text

PROTO_DIR = pathlib.Path(__file__).absolute().parent.parent
SPEC = (PROTO_DIR / "SPEC.md").read_text()
PROTO = (PROTO_DIR / "drover/worker/v1/worker.proto").read_text()
ENUMS = schema_text.enums(PROTO)
MESSAGES = schema_text.messages(PROTO)
CONFIG = (PROTO_DIR / "drover/config/v1/config.proto").read_text()
ADMIN = (PROTO_DIR / "drover/admin/v1/admin.proto").read_text()
ENVELOPE = {"supervisor": "ToWorker", "worker": "ToSupervisor"}


def chapter(number):
    start = SPEC.index(f"\n## {number} ")
    return SPEC[start:SPEC.index(f"\n## {number + 1} ")]


def words(column, rows):
    return {row[column].strip("`") for row in rows}


class BodiesTest(unittest.TestCase):
    def test_every_body_of_the_envelopes_is_in_the_table(self):
        rows = spec_text.table_after(chapter(5), "can answer a body")
        for side, envelope in ENVELOPE.items():
            said = {(row["body"], int(row["number"])) for row in rows
                    if row["from"] in (side, "both")}
            there = {(field.type, field.number)
                     for name, field in MESSAGES[envelope].items()
                     if field.number >= 10}
            self.assertEqual(said, there, envelope)

    def test_what_a_body_needs_is_a_capability(self):
        rows = spec_text.table_after(chapter(5), "can answer a body")
        needed = {row["needs"].split()[0] for row in rows if row["needs"]}
        self.assertEqual(needed, set(ENUMS["Capability"]))

    def test_op_and_re_have_their_numbers(self):
        for envelope in ENVELOPE.values():
            self.assertEqual(MESSAGES[envelope]["op"].number, 1)
            self.assertEqual(MESSAGES[envelope]["re"].number, 2)


class FieldsTest(unittest.TestCase):
    def test_every_field_of_every_message(self):
        last = SPEC[SPEC.index("\n## 21 "):]
        named = re.findall(r"^\*\*(\w+)\*\*$", last, re.M)
        self.assertEqual(sorted(named), sorted(MESSAGES))
        for message in named:
            rows = spec_text.table_after(last, f"**{message}**")
            said = [(row["field"], int(row["number"]), row["type"])
                    for row in rows]
            there = [(name, field.number, field.type)
                     for name, field in MESSAGES[message].items()
                     if name != "__doc__"]
            self.assertEqual(said, there, message)


class EnumsTest(unittest.TestCase):
    def test_capabilities(self):
        rows = spec_text.table_after(chapter(6), "need none.")
        self.assertEqual(
            {row["capability"]: int(row["number"]) for row in rows},
            ENUMS["Capability"])

    def test_states(self):
        rows = spec_text.table_after(chapter(7), "## 7")
        said = {row["state"]: int(row["number"]) for row in rows
                if row["number"]}
        self.assertEqual(said, ENUMS["State"])

    def test_protocol_errors(self):
        rows = spec_text.table_after(chapter(16), "## 16")
        said = words("code", rows)
        self.assertLessEqual(set(ENUMS["ProtocolErrorCode"]), said)

    def test_result_codes_and_request_kinds_are_explained(self):
        for enum in ("ResultCode", "RequestKind"):
            for value in ENUMS[enum]:
                self.assertRegex(SPEC, rf"\b{value}\b", enum)

    def test_the_other_enums(self):
        rows = spec_text.table_after(SPEC, "The enums; 0 is")
        said = {}
        for row in rows:
            values = said.setdefault(row["enum"], {})
            values[row["value"]] = int(row["number"])
        there = {name: values for name, values in ENUMS.items()
                 if name not in ("State", "Capability")}
        self.assertEqual(said, there)

    def test_names_in_braces_are_values_of_an_enum(self):
        for message, enum in (("Result", "ResultCode"),
                              ("ProtocolError", "ProtocolErrorCode")):
            said = set(re.findall(rf"{message}\{{([A-Z_]+)\}}", SPEC))
            self.assertTrue(said)
            self.assertLessEqual(said, set(ENUMS[enum]))


class LimitsTest(unittest.TestCase):
    # Where worker.proto repeats a limit: message, field, how it says it.
    REPEATED = {
        "CAPABILITIES_MAX": [("Hello", "capabilities", "at most {} entries")],
        "GAUGES_MAX": [("Gauges", "__doc__", "at most {} a message")],
        "LISTENERS_MAX": [("Welcome", "listeners", "at most {}")],
        "RELOAD_PAYLOAD_MAX": [("Reload", "payload", "at most {} bytes")],
        "USER_PAYLOAD_MAX": [("UserMessage", "payload", "At most {} bytes")],
        "TEXT_MAX": [
            (message, field, "at most {} bytes") for message, field in (
                ("Hello", "name"), ("Hello", "version"), ("Hello", "sdk"),
                ("Stop", "text"), ("StateReport", "text"), ("Result", "text"),
                ("Request", "text"), ("Progress", "text"), ("Fatal", "text"),
                ("ProtocolError", "text"))],
    }
    PATTERNS = {"pool": ("Identity", "pool"), "listener": ("Listener", "name"),
                "gauge": ("Gauge", "name"), "topic": ("UserMessage", "topic")}

    def setUp(self):
        rows = spec_text.table_after(chapter(2), "in each command.")
        self.limits = {row["name"]: int(row["value"]) for row in rows}

    def test_frame(self):
        span = f'({self.limits["FRAME_MIN"]}..{self.limits["FRAME_MAX"]})'
        self.assertIn(f"many bytes {span}", re.sub(r"\n// ", " ", PROTO))

    def test_limits_that_the_schema_repeats(self):
        for limit, places in self.REPEATED.items():
            for message, field, form in places:
                self.assertIn(form.format(self.limits[limit]),
                              MESSAGES[message][field].comment,
                              f"{message}.{field}")

    def test_no_other_number_in_the_schema(self):
        said = {int(n) for n in re.findall(r"[Aa]t most (\d+)", PROTO)}
        self.assertLessEqual(said, set(self.limits.values()))

    def test_the_largest_user_message_fits_into_a_frame(self):
        payload = self.limits["USER_PAYLOAD_MAX"]
        overhead = 2 * 11 + 2 * 4 + 2 + 63  # op, re, two heads, topic
        self.assertLessEqual(payload + overhead, self.limits["FRAME_MAX"])

    def test_patterns(self):
        rows = spec_text.table_after(chapter(2), "| ping_timeout |")
        said = {row["name"]: row["pattern"].strip("`") for row in rows}
        self.assertEqual(set(said), set(self.PATTERNS))
        for name, (message, field) in self.PATTERNS.items():
            self.assertIn(said[name], MESSAGES[message][field].comment)

    def test_every_limit_is_used(self):
        for limit in self.limits:
            self.assertGreater(len(re.findall(rf"\b{limit}\b", SPEC)), 1,
                               limit)


class TimesTest(unittest.TestCase):
    UNITS = {"ms": 1, "s": 1000, "m": 60000}
    HEARTBEAT = {"ping_interval": "interval", "ping_timeout": "timeout"}

    def test_defaults_are_those_of_the_configuration(self):
        config = schema_text.messages(CONFIG)
        rows = spec_text.table_after(chapter(2), "| REQUEST_WAIT |")
        self.assertEqual(len(rows), 10)
        for row in rows:
            name = row["time"]
            message, field = ("Heartbeat", self.HEARTBEAT[name]) \
                if name in self.HEARTBEAT else ("Timeouts", name)
            comment = config[message][field].comment
            count, unit = re.search(r"Default (\d+)(ms|s|m)\b",
                                    comment).groups()
            self.assertEqual(int(row["default"]),
                             int(count) * self.UNITS[unit], name)

    def test_causes_are_those_of_the_admin_api(self):
        known = set(schema_text.enums(ADMIN)["FailureReason"])
        rows = spec_text.named_table(SPEC, "supervisor-deadlines")
        said = {cause for row in rows for cause in row["cause"].split(" or ")}
        said |= set(re.findall(r"\bcause ([A-Z_]+)", SPEC))
        self.assertLessEqual(said - {"the first one"}, known)
        self.assertGreater(len(said & known), 5)

    def test_states_of_a_slot_are_those_of_the_admin_api(self):
        known = set(schema_text.enums(ADMIN)["WorkerState"])
        rows = spec_text.table_after(SPEC, "## 15")
        said = words("state", rows) - {"ENDED"} | {"SHUT_DOWN", "BACKING_OFF"}
        self.assertLessEqual(said, known)


class NamesTest(unittest.TestCase):
    def test_environment(self):
        rows = spec_text.table_after(chapter(3), "## 3")
        said = words("variable", rows)
        there = set(re.findall(r"\bDROVER_[A-Z_]+", PROTO))
        mentioned = set(re.findall(r"\bDROVER_[A-Z_]+", SPEC))
        self.assertEqual(mentioned - {"DROVER_"}, said)
        self.assertEqual(there, said - {"DROVER_TESTEE"})

    def test_fields_that_are_named_exist(self):
        for message, field in re.findall(r"\b([A-Z]\w+)\.([a-z_]+)", SPEC):
            if message in MESSAGES:
                self.assertIn(field, MESSAGES[message])


if __name__ == "__main__":
    unittest.main()
