#!/usr/bin/python3
"""Calls a method of the admin API knowing nothing of it but reflection.

  reflection_client.py unix:/run/drover/admin.sock
  reflection_client.py unix:/run/drover/admin.sock ListPools
  reflection_client.py unix:/run/drover/admin.sock ScalePool \
      '{"pool": "web", "count": 8}'
  reflection_client.py unix:/run/drover/admin.sock WatchEvents --max 10

Without a method it lists them. Each answer is one line of JSON on standard
output. A failed call prints its code, message and detail as JSON on standard
error and ends with exit code 1; 2 means wrong usage.

No generated code is used and no .proto file read: the messages of the
reflection service itself are described below, all else the server tells. Needs
grpc and protobuf for Python (Debian: python3-grpcio, python3-protobuf).
"""

import argparse
import json
import sys

import grpc
from google.protobuf import descriptor_pb2
from google.protobuf import descriptor_pool
from google.protobuf import json_format
from google.protobuf import message_factory

SERVICE = "drover.admin.v1.AdminService"
REFLECTION = "grpc.reflection.v1alpha"
REFLECTION_METHOD = f"/{REFLECTION}.ServerReflection/ServerReflectionInfo"

# What is used of the reflection protocol: message -> (name, number, type)...
# where a type ending in * is repeated.
REFLECTION_MESSAGES = {
    "ServerReflectionRequest": [
        ("file_by_filename", 3, "string"),
        ("file_containing_symbol", 4, "string"),
        ("list_services", 7, "string"),
    ],
    "FileDescriptorResponse": [("file_descriptor_proto", 1, "bytes*")],
    "ErrorResponse": [("error_code", 1, "int32"), ("error_message", 2, "string")],
    "ServerReflectionResponse": [
        ("file_descriptor_response", 4, "FileDescriptorResponse"),
        ("error_response", 7, "ErrorResponse"),
    ],
}


def _describe_reflection():
    """The file descriptor of REFLECTION_MESSAGES."""
    field_type = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(
        name="reflection.proto", package=REFLECTION, syntax="proto3")
    for message_name, fields in REFLECTION_MESSAGES.items():
        message = file.message_type.add(name=message_name)
        for name, number, kind in fields:
            field = message.field.add(name=name, number=number)
            field.label = (field_type.LABEL_REPEATED if kind.endswith("*")
                           else field_type.LABEL_OPTIONAL)
            kind = kind.rstrip("*")
            if kind in REFLECTION_MESSAGES:
                field.type = field_type.TYPE_MESSAGE
                field.type_name = f".{REFLECTION}.{kind}"
            else:
                field.type = getattr(field_type, f"TYPE_{kind.upper()}")
    return file


class Types:
    """Message classes of one descriptor pool, by full name."""

    def __init__(self):
        self.pool = descriptor_pool.DescriptorPool()
        self._factory = message_factory.MessageFactory(self.pool)

    def of(self, descriptor):
        return self._factory.GetPrototype(descriptor)

    def named(self, name):
        return self.of(self.pool.FindMessageTypeByName(name))


class Reflection:
    """Asks a server for the files that describe a symbol."""

    def __init__(self, channel, timeout):
        types = Types()
        types.pool.Add(_describe_reflection())
        self._request = types.named(f"{REFLECTION}.ServerReflectionRequest")
        response = types.named(f"{REFLECTION}.ServerReflectionResponse")
        self._call = channel.stream_stream(
            REFLECTION_METHOD,
            request_serializer=self._request.SerializeToString,
            response_deserializer=response.FromString)
        self._timeout = timeout

    def _ask(self, **question):
        for answer in self._call(iter([self._request(**question)]),
                                 timeout=self._timeout):
            if answer.HasField("error_response"):
                raise LookupError(answer.error_response.error_message)
            return [
                descriptor_pb2.FileDescriptorProto.FromString(file)
                for file in answer.file_descriptor_response.file_descriptor_proto
            ]
        raise LookupError("reflection gave no answer")

    def files_of(self, symbol):
        """The files that are needed for it, each after those it imports."""
        files = {}
        missing = self._ask(file_containing_symbol=symbol)
        while missing:
            for file in missing:
                files[file.name] = file
            wanted = {name for file in files.values()
                      for name in file.dependency} - files.keys()
            missing = [file for name in sorted(wanted)
                       for file in self._ask(file_by_filename=name)]
        return _in_order(files)


def _in_order(files):
    ordered = {}

    def add(name):
        if name not in ordered:
            for dependency in files[name].dependency:
                add(dependency)
            ordered[name] = files[name]

    for name in files:
        add(name)
    return list(ordered.values())


class AdminClient:
    """The admin service, each method callable by its name."""

    def __init__(self, target, timeout=30):
        """`timeout` in seconds holds for each call; None is for ever."""
        self._channel = grpc.insecure_channel(target)
        self._timeout = timeout
        self._types = Types()
        for file in Reflection(self._channel, timeout).files_of(SERVICE):
            self._types.pool.Add(file)
        self._service = self._types.pool.FindServiceByName(SERVICE)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._channel.close()

    def methods(self):
        return [method.name for method in self._service.methods]

    def call(self, name, request=None):
        """Yields the answers, one or many, as dictionaries."""
        method = self._service.methods_by_name.get(name)
        if method is None:
            raise LookupError(f"{SERVICE} has no method {name!r}")
        message = json_format.ParseDict(
            request or {}, self._types.of(method.input_type)())
        # A unary answer is a stream of one.
        answers = self._channel.unary_stream(
            f"/{SERVICE}/{name}",
            request_serializer=type(message).SerializeToString,
            response_deserializer=self._types.of(method.output_type).FromString,
        )(message, timeout=self._timeout)
        try:
            for answer in answers:
                yield json_format.MessageToDict(
                    answer, preserving_proto_field_name=True,
                    descriptor_pool=self._types.pool)
        finally:
            answers.cancel()

    def error(self, failure):
        """A grpc.RpcError as a dictionary, with its ErrorDetail if it has one."""
        described = {"code": failure.code().name, "message": failure.details()}
        for key, value in failure.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                status = self._types.named("drover.admin.v1.StatusDetails")
                for detail in status.FromString(value).details:
                    name = detail.type_url.rpartition("/")[2]
                    message = self._types.named(name).FromString(detail.value)
                    described["detail"] = json_format.MessageToDict(message)
        return described


def _parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", help="unix:/path/of/admin.sock")
    parser.add_argument("method", nargs="?")
    parser.add_argument("request", nargs="?", type=json.loads, default={},
                        help="as JSON; default {}")
    parser.add_argument("--max", type=int, metavar="N",
                        help="leave after so many answers")
    parser.add_argument("--timeout", type=float, default=30, metavar="SECONDS")
    return parser.parse_args()


def _say(message):
    print(json.dumps(message, ensure_ascii=False), flush=True)


def main():
    arguments = _parse_arguments()
    try:
        client = AdminClient(arguments.target, arguments.timeout)
    except grpc.RpcError as failure:
        print(json.dumps({"code": failure.code().name,
                          "message": failure.details()}), file=sys.stderr)
        return 1
    with client:
        if arguments.method is None:
            for name in client.methods():
                print(name)
            return 0
        try:
            answers = client.call(arguments.method, arguments.request)
            for count, answer in enumerate(answers, start=1):
                _say(answer)
                if count == arguments.max:
                    break
        except grpc.RpcError as failure:
            print(json.dumps(client.error(failure)), file=sys.stderr)
            return 1
        except (LookupError, json_format.ParseError) as error:
            print(error, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
