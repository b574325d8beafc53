// The protocol's messages, from its schema.
'use strict';

const path = require('path');
const protobuf = require('protobufjs');

const root = protobuf.loadSync(
    path.join(__dirname, '../../proto/drover/worker/v1/worker.proto'));

const message = (name) => root.lookupType(`drover.worker.v1.${name}`);
// By the names without the prefix that protobuf wants: State.STARTED.
const values = (name, prefix) =>
    Object.fromEntries(
        Object.entries(root.lookupEnum(`drover.worker.v1.${name}`).values)
            .map(([key, number]) => [key.slice(prefix.length), number]));

module.exports = {
  ToWorker: message('ToWorker'),
  ToSupervisor: message('ToSupervisor'),
  State: values('State', 'STATE_'),
  Capability: values('Capability', 'CAPABILITY_'),
  ResultCode: values('ResultCode', 'RESULT_CODE_'),
  ErrorCode: values('ProtocolErrorCode', 'PROTOCOL_ERROR_CODE_'),
};
