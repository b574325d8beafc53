// The HTTP side: what is served, and how connections end without losing a
// request.
'use strict';

const http = require('http');
const net = require('net');

const LINGER_MS = 500;

class Server {
  constructor(greeting, drained) {
    this.greeting = greeting;
    this.drained = drained;    // called when no connection is left to drain
    this.closing = false;      // answers say "Connection: close"
    this.lingerMs = LINGER_MS;
    this.lastMoment = null;
    this.connections = new Map();  // socket -> {requests, read}
    this.http = http.createServer((request, response) => {
      this.answer(request, response);
    });
    // Node's own limit closes idle connections while a request may be on its
    // way.
    this.http.keepAliveTimeout = 0;
    this.http.on('connection', (socket) => this.connected(socket));
  }

  // Takes connections; failed(error) where the address cannot be used.
  listen(address, failed, listening) {
    this.http.once('error', failed);
    this.http.listen(address, listening);
  }

  // Takes no more connections; idle ones are kept for their next request until
  // shortly before the time is over.
  drain(milliseconds) {
    this.closing = true;
    if (this.http.listening) {
      // Not http.Server's own close(), which closes idle connections at once.
      net.Server.prototype.close.call(this.http);
    }
    const margin = Math.min(1000, milliseconds / 4);
    clearTimeout(this.lastMoment);
    this.lastMoment = setTimeout(() => {
      this.lingerMs = margin / 2;
      // After the poll phase, which reads what has arrived.
      setImmediate(() => this.closeIdle());
    }, milliseconds - margin);
    setImmediate(() => this.checkDrained());
  }

  // Ends all; returns how many requests that gave up.
  abandon() {
    const busy = [...this.connections.keys()].filter((s) => this.isBusy(s));
    for (const socket of this.connections.keys()) socket.destroy();
    return busy.length;
  }

  // ---- Connections

  connected(socket) {
    this.connections.set(socket, {requests: 0, read: 0, leaving: false});
    // What Node does after an answer with "Connection: close". Its own way
    // closes both directions, which can destroy that answer on its way.
    socket.destroySoon = () => this.leave(socket);
    socket.on('close', () => {
      this.connections.delete(socket);
      this.checkDrained();
    });
  }

  leave(socket) {
    const connection = this.connections.get(socket);
    if (!connection || connection.leaving) return;
    connection.leaving = true;
    socket.end();
    setTimeout(() => socket.destroy(), this.lingerMs).unref();
  }

  isBusy(socket) {
    const {requests, read} = this.connections.get(socket);
    return requests > 0 || socket.bytesRead > read;
  }

  closeIdle() {
    for (const socket of this.connections.keys()) {
      if (!this.isBusy(socket)) this.leave(socket);
    }
  }

  checkDrained() {
    if (!this.closing || this.connections.size > 0) return;
    clearTimeout(this.lastMoment);
    this.drained();
  }

  // ---- Requests

  answer(request, response) {
    const socket = request.socket;
    const connection = this.connections.get(socket);
    if (!connection || connection.leaving) return;
    connection.requests++;
    response.on('close', () => {
      connection.requests--;
      connection.read = socket.bytesRead;
    });
    const url = new URL(request.url, 'http://worker');
    const ms = url.searchParams.get('ms') ?? '';
    if (url.pathname === '/') {
      this.finish(response, 200, this.greeting());
    } else if (url.pathname === '/slow' && /^\d{1,5}$/.test(ms)) {
      setTimeout(() => this.finish(response, 200, this.greeting()), Number(ms));
    } else {
      this.finish(response, 404, 'try / or /slow?ms=300\n');
    }
  }

  finish(response, status, text) {
    // Decided last: a Stop may have come during the work.
    if (this.closing) response.setHeader('Connection', 'close');
    response.writeHead(status, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': Buffer.byteLength(text),
      'X-Worker-Pid': process.pid,
    });
    response.end(text);
  }
}

module.exports = {Server};
