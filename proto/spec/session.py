"""The bytes of the session in SPEC.md, made by protoc from its messages.

  session.py PROTO_DIR            says which steps differ
  session.py PROTO_DIR --rewrite  writes the right bytes into SPEC.md
"""
import pathlib
import struct
import subprocess
import sys

import spec_text

ENVELOPE = {"worker": "ToSupervisor", "supervisor": "ToWorker"}
SCHEMA = "drover/worker/v1/worker.proto"


def encode(proto_dir, writer, message):
    """One frame: the message in text format as protoc serializes it."""
    body = subprocess.run(
        ["protoc", f"--proto_path={proto_dir}",
         f"--encode=drover.worker.v1.{ENVELOPE[writer]}", SCHEMA],
        input=message.encode(), stdout=subprocess.PIPE, check=True,
        timeout=30).stdout
    return struct.pack(">I", len(body)) + body


def hex_lines(frame):
    rows = (frame[at:at + 16] for at in range(0, len(frame), 16))
    return "".join(row.hex(" ") + "\n" for row in rows)


def rewritten(proto_dir, text):
    for step in spec_text.session(text):
        right = hex_lines(encode(proto_dir, step.writer, step.message))
        before = f"```textproto\n{step.message}```\n\n```hex\n"
        text = text.replace(before + step.hex, before + right)
    return text


def main():
    proto_dir = pathlib.Path(sys.argv[1])
    spec = proto_dir / "SPEC.md"
    text = spec.read_text()
    right = rewritten(proto_dir, text)
    if "--rewrite" in sys.argv:
        spec.write_text(right)
    return 0 if right == text else 1


if __name__ == "__main__":
    sys.exit(main())
