// The channel: frames over the inherited socket (SPEC.md, chapters 3 and 4).
'use strict';

const fs = require('fs');
const net = require('net');
const {ToWorker, ToSupervisor, ErrorCode} = require('./schema');

const FRAME_MAX = 65536;

// The supervisor broke the protocol.
class Violation extends Error {
  constructor(code, text) {
    super(text);
    this.code = code;
  }
}

// Cuts a stream of bytes into messages, wherever it is torn.
class Reader {
  constructor() {
    this.rest = Buffer.alloc(0);
  }

  // The messages that are whole now, one after the other. Throws a Violation
  // after those that came before it.
  * read(data) {
    this.rest = Buffer.concat([this.rest, data]);
    while (this.rest.length >= 4) {
      const size = this.rest.readUInt32BE(0);
      if (size < 1 || size > FRAME_MAX) {
        throw new Violation(ErrorCode.FRAME_SIZE, `a frame of ${size} bytes`);
      }
      if (this.rest.length < 4 + size) return;
      const frame = this.rest.subarray(4, 4 + size);
      this.rest = this.rest.subarray(4 + size);
      yield decode(frame);
    }
  }
}

function decode(frame) {
  try {
    return ToWorker.decode(frame);
  } catch (error) {
    throw new Violation(ErrorCode.PARSE, error.message);
  }
}

function encode(fields) {
  const frame = ToSupervisor.encode(ToSupervisor.fromObject(fields)).finish();
  const header = Buffer.alloc(4);
  header.writeUInt32BE(frame.length, 0);
  return Buffer.concat([header, frame]);
}

// Whether a descriptor is a connected AF_UNIX stream socket: a wrapper may have
// closed it, and the number may belong to something else by now.
function isChannel(fd) {
  let link;
  try {
    link = fs.readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return false;
  }
  const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
  return fs.readFileSync('/proc/net/unix', 'latin1').split('\n').some((line) => {
    const [, , , , type, state, number] = line.trim().split(/\s+/);
    return number === inode && type === '0001' && state === '03';
  });
}

// The channel of this process; null where there is none in the environment.
// Throws where it is not what it should be.
function adopt(environment) {
  const number = environment.DROVER_FD;
  if (number === undefined) return null;
  if (!/^\d{1,3}$/.test(number) || !isChannel(Number(number))) {
    throw new Error(`DROVER_FD=${number} is no channel; a wrapper (npm?) ` +
                    'may have closed it');
  }
  if (!(environment.DROVER_PROTOCOL ?? '1').split(',').includes('1')) {
    throw new Error('the supervisor does not speak version 1');
  }
  return new net.Socket({fd: Number(number), readable: true, writable: true});
}

// The descriptors of the listeners by their names.
function listeners(environment) {
  const entries = (environment.DROVER_LISTEN_FDS ?? '').split(',');
  return new Map(entries.filter(Boolean).map((entry) => {
    const [number, name] = entry.split(':');
    return [name, Number(number)];
  }));
}

module.exports = {Reader, Violation, adopt, encode, listeners};
