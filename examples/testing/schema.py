"""The protocol's messages, from the schema that the build compiled."""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_SCHEMA = "proto/drover.binpb"


def _load():
    files = descriptor_pb2.FileDescriptorSet()
    with open(_SCHEMA, "rb") as file:
        files.ParseFromString(file.read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return pool


_POOL = _load()


def _message(name):
    descriptor = _POOL.FindMessageTypeByName(f"drover.worker.v1.{name}")
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(_POOL).GetPrototype(descriptor)


ToWorker = _message("ToWorker")
ToSupervisor = _message("ToSupervisor")


def _enum(name, prefix):
    values = _POOL.FindEnumTypeByName(f"drover.worker.v1.{name}").values
    return {value.name[len(prefix):]: value.number for value in values}


# By the names without their prefix: State["STARTED"].
State = _enum("State", "STATE_")
Capability = _enum("Capability", "CAPABILITY_")
ResultCode = _enum("ResultCode", "RESULT_CODE_")
