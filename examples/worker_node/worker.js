#!/usr/bin/env node
// An HTTP server that is a Drover worker, written from SPEC.md and worker.proto
// without an SDK. It loses no request when it is stopped or replaced.
'use strict';

const {adopt, encode, listeners} = require('./channel');
const {Server} = require('./server');
const {Session} = require('./session');

const EXIT_CONFIG = 78;

function supervised(channel) {
  // Node cannot duplicate a descriptor, and closes a listener with its server:
  // so it cannot resume after a Stop, and offers no RESUME.
  const fd = listeners(process.env).get('http');
  const program = {
    start() {
      server.listen({fd}, (error) => session.failed(error.message), () => {
        if (!session.started()) server.drain(0);
      });
    },
    drain: (milliseconds) => server.drain(milliseconds),
    abandon: () => server.abandon(),
    exit: (code) => process.exit(code),
  };
  const session = new Session(channel, program, {
    name: Buffer.from('worker_node'),
    version: Buffer.from('1.0'),
  });
  const server = new Server(() => {
    const {pool, slot, generation} = session.identity;
    return `hello from ${pool}/${slot} generation ${generation}\n`;
  }, () => session.drained());
  process.on('SIGTERM', () => session.terminate());
  process.on('SIGINT', () => {});
}

function alone() {
  const port = Number(process.env.PORT ?? 8080);
  const server =
      new Server(() => `hello from process ${process.pid}\n`, process.exit);
  const failed = (error) => fail(error.message, 1);
  server.listen({port, host: '127.0.0.1'}, failed, () => {
    console.error(`worker_node: not supervised, listening on port ${port}`);
  });
  process.once('SIGTERM', () => server.drain(5000));
  process.once('SIGINT', () => server.drain(5000));
}

function fail(text, code) {
  console.error(`worker_node: ${text}`);
  process.exit(code);
}

function main() {
  let channel;
  try {
    channel = adopt(process.env);
  } catch (error) {
    fail(error.message, EXIT_CONFIG);
  }
  if (channel === null) return alone();
  if (!listeners(process.env).has('http')) {
    const text = 'there is no listener "http"';
    channel.write(encode({fatal: {code: EXIT_CONFIG, text: Buffer.from(text)}}));
    fail(text, EXIT_CONFIG);
  }
  supervised(channel);
}

main();
