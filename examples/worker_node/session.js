// A worker's half of the protocol (SPEC.md, chapters 6 to 8 and 13). It offers
// no capability: what is not in this file is answered with UNIMPLEMENTED.
'use strict';

const Long = require('long');
const {encode, Reader, Violation} = require('./channel');
const {State, ResultCode, ErrorCode} = require('./schema');

const EXIT_PROTOCOL = 76;
const COMMANDS = ['start', 'stop', 'quit', 'reload'];
// Known bodies that want no answer: a number in their op means nothing.
const WITHOUT_OP = ['welcome', 'ping', 'lameDuck', 'result'];

// The program gives four functions; each may take its time:
//   start()             begins to work; the program calls started() or failed()
//   drain(milliseconds) takes no more work, finishes what there is; the program
//                       calls drained(). A later one replaces an earlier one
//   abandon()           gives up what is left; returns how much that was
//   exit(code)          ends the process
class Session {
  constructor(channel, program, about) {
    this.channel = channel;
    this.program = program;
    this.state = null;  // until Welcome
    this.identity = null;
    this.timeouts = null;
    this.reader = new Reader();
    this.lastOp = Long.UZERO;
    this.answerTo = Long.UZERO;  // the op of the command under way
    this.deadline = null;
    channel.on('data', (data) => this.read(data));
    channel.on('error', () => {});  // followed by 'close'
    channel.on('close', () => this.lost());
    this.send({hello: {major: 1, pid: process.pid, pongSource: 1, ...about}});
  }

  // ---- What the program says

  started() {
    if (this.state !== State.STARTING) return false;  // a Stop came first
    this.enter(State.STARTED);
    return true;
  }

  failed(text) {
    this.enter(State.FAILED, {text: Buffer.from(text)});
    this.program.exit(1);
  }

  // Nothing is in flight any more.
  drained() {
    if (this.state === State.STOPPING) this.stopped({});
    if (this.state === State.SHUTTING_DOWN) this.program.exit(0);
  }

  // ---- What the supervisor says

  read(data) {
    try {
      for (const frame of this.reader.read(data)) this.handle(frame);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.send({protocolError: {code: error.code,
                                 text: Buffer.from(error.message)}});
      this.program.exit(EXIT_PROTOCOL);
    }
  }

  handle(frame) {
    const body = frame.body;
    if (body === 'protocolError') return this.program.exit(EXIT_PROTOCOL);
    this.checkSequence(frame, body);
    if (body === 'welcome') return this.welcome(frame.welcome);
    if (body === 'ping') return this.send({pong: {id: frame.ping.id}});
    if (body === 'quit') return this.quit(frame.quit.deadlineMs, frame.op);
    if (this.state === State.SHUTTING_DOWN) return;
    if (body === 'stop') return this.stop(frame.stop.deadlineMs, frame.op);
    if (body === 'start') return this.start(frame.op);
    if (!frame.op.isZero() && frame.re.isZero() &&
        !WITHOUT_OP.includes(body)) {
      this.answer(frame.op, ResultCode.UNIMPLEMENTED);
    }
  }

  checkSequence(frame, body) {
    if ((body === 'welcome') !== (this.state === null)) {
      throw new Violation(ErrorCode.SEQUENCE, 'Welcome comes first, and once');
    }
    if (WITHOUT_OP.includes(body)) return;
    if (!frame.op.isZero()) {
      if (frame.op.lessThanOrEqual(this.lastOp)) {
        throw new Violation(ErrorCode.SEQUENCE, `op ${frame.op} does not rise`);
      }
      this.lastOp = frame.op;
    } else if (COMMANDS.includes(body)) {
      throw new Violation(ErrorCode.SEQUENCE, `${body} without an op`);
    }
  }

  welcome({identity, timeouts}) {
    this.identity = identity;
    this.timeouts = timeouts;
    this.state = State.INITIALIZED;
  }

  start(op) {
    if (this.state === State.INITIALIZED) {
      this.answerTo = op;
      this.enter(State.STARTING);
      this.program.start();
    } else {
      this.answer(op, this.state === State.STOPPED ?
          ResultCode.UNIMPLEMENTED :  // needs RESUME
          ResultCode.INVALID_STATE);
    }
  }

  stop(milliseconds, op) {
    this.answerTo = op;
    if ([State.INITIALIZED, State.STOPPED].includes(this.state)) {
      return this.stopped({});
    }
    if (this.state !== State.STOPPING) this.enter(State.STOPPING);
    this.within(milliseconds, () => {
      this.stopped({forced: true, abandoned: this.program.abandon()});
    });
  }

  // Quit, SIGTERM (without an op), or the loss of the supervisor.
  quit(milliseconds, op) {
    if (this.state !== State.SHUTTING_DOWN) {
      this.answerTo = op ?? Long.UZERO;
      this.enter(State.SHUTTING_DOWN);
    }
    this.within(milliseconds, () => this.program.exit(0));
  }

  terminate() {
    if (this.state === null || this.state === State.SHUTTING_DOWN) {
      return this.program.exit(0);
    }
    this.quit(this.timeouts.quitMs);
  }

  lost() {
    if (this.state === null) return this.program.exit(0);
    this.quit(this.timeouts.lossMs);
  }

  // ---- How it is done

  // The earlier of two deadlines counts while the state is the same.
  within(milliseconds, passed) {
    const due = Date.now() + milliseconds;
    const earlier = this.deadline?.state === this.state ?
        Math.min(due, this.deadline.due) : due;
    clearTimeout(this.deadline?.timer);
    const left = Math.max(0, earlier - Date.now());
    this.deadline =
        {due: earlier, state: this.state, timer: setTimeout(passed, left)};
    this.program.drain(left);
  }

  stopped(report) {
    clearTimeout(this.deadline?.timer);
    this.enter(State.STOPPED, report);
  }

  enter(state, report = {}) {
    this.state = state;
    this.send({re: this.answerTo, state: {state, ...report}});
  }

  answer(op, code) {
    this.send({re: op, result: {code}});
  }

  // Never waits: what the supervisor does not read stays in Node's queue.
  send(fields) {
    if (this.channel.writable) this.channel.write(encode(fields));
  }
}

module.exports = {Session};
