package main

// The worker's states: chapters 5 to 9 and 13.

import (
	"errors"
	"fmt"
	"os"
	"time"

	"drover/examples/oneline"
)

type worker struct {
	channel  *channel
	listener *oneline.Listener
	state    uint64
	stopOp   uint64
	server   *oneline.Server  // while something may be in flight
	drained  <-chan struct{}  // closed when nothing is in flight; or nil
	deadline <-chan time.Time // of the Stop, or of the end; or nil
	until    time.Time        // the same
	resumes  bool
	lossMs   uint64
	quitMs   uint64
	place    string
	exitCode int
	over     bool
}

// run returns what to exit with.
func (w *worker) run(terminated <-chan os.Signal) int {
	w.sayHello()
	frames := w.channel.frames()
	for !w.over {
		var retry <-chan time.Time
		if !w.channel.flush() {
			retry = time.After(10 * time.Millisecond)
		}
		select {
		case <-retry:
		case f, ok := <-frames:
			if ok {
				w.handle(f)
			} else {
				frames = nil
				w.lose()
			}
		case <-terminated:
			w.terminate()
		case <-w.drained:
			w.idle()
		case <-w.deadline:
			w.giveUp()
		}
	}
	return w.exitCode
}

func (w *worker) sayHello() {
	content := appendNumber(nil, 1, 1) // major
	content = appendBytes(content, 3, []byte{capabilityResume})
	content = appendNumber(content, 4, uint64(os.Getpid()))
	content = appendBytes(content, 5, []byte("spec_go"))
	content = appendNumber(content, 8, 1) // the main loop answers Ping
	w.channel.send(0, hello, content)
}

// ---- What comes

func (w *worker) handle(f frame) {
	switch {
	case f.err != nil:
		w.violate(f.err)
	case f.body == protocolError:
		w.exit(exProtocol)
	case w.state == shuttingDown && f.body != ping && f.body != quit:
	case (f.body == welcome) != (w.state == connecting):
		w.violate(violation{errorSequence, "not in this state"})
	case f.op == 0 && (f.body == start || f.body == stop || f.body == quit):
		w.violate(violation{errorSequence, "a command without op"})
	default:
		w.act(f)
	}
}

func (w *worker) act(f frame) {
	switch f.body {
	case welcome:
		w.enter(f.inner)
	case start:
		w.start(f.op)
	case stop:
		w.stop(f.op, f.inner.numbers[1])
	case quit:
		w.sayGoodbye(f.op)
		w.leave(f.inner.numbers[1])
	case ping:
		w.channel.send(0, pong, appendNumber(nil, 1, f.inner.numbers[1]))
	case lameDuck, result: // never with an answer
	default:
		if f.op != 0 && f.re == 0 {
			w.refuse(f.op, unimplemented)
		}
	}
}

func (w *worker) enter(welcome message) {
	capabilities, err := welcome.list(2)
	identity, err2 := parse(welcome.content(3))
	timeouts, err3 := parse(welcome.content(4))
	if err != nil || err2 != nil || err3 != nil {
		w.violate(violation{errorParse, "no Welcome"})
		return
	}
	for _, capability := range capabilities {
		w.resumes = w.resumes || capability == capabilityResume
	}
	if !sameListeners(welcome) {
		w.fail("the listeners of Welcome are not those of DROVER_LISTEN_FDS")
		return
	}
	w.quitMs, w.lossMs = timeouts.numbers[3], timeouts.numbers[4]
	w.place = fmt.Sprintf("%s/%d generation %d", identity.content(1),
		identity.numbers[2], identity.numbers[3])
	w.state = initialized
}

func (w *worker) start(op uint64) {
	switch {
	case w.state == initialized || w.state == stopped && w.resumes:
		w.server = oneline.Serve(w.listener, "hello from "+w.place+"\n")
		w.report(started, op, nil)
	case w.state == stopped:
		w.refuse(op, unimplemented)
	default:
		w.refuse(op, invalidState)
	}
}

func (w *worker) stop(op, milliseconds uint64) {
	w.stopOp = op
	if w.server == nil {
		w.report(stopped, op, nil)
		return
	}
	if w.state != stopping {
		w.drained = w.server.Drain()
		w.report(stopping, op, nil)
	}
	w.limit(milliseconds)
}

func (w *worker) lose() {
	if w.state == connecting {
		w.exit(0)
		return
	}
	w.leave(w.lossMs)
}

func (w *worker) terminate() {
	if w.state == connecting || w.state == shuttingDown {
		w.exit(0)
		return
	}
	w.sayGoodbye(0)
	w.leave(w.quitMs)
}

func (w *worker) sayGoodbye(op uint64) {
	if w.state != shuttingDown {
		w.report(shuttingDown, op, nil)
		w.deadline = nil // that of a Stop counts no more
	}
}

// ---- What happens in the worker itself

// idle is called when a drain has ended.
func (w *worker) idle() {
	w.server, w.drained, w.deadline = nil, nil, nil
	if w.state == stopping {
		w.report(stopped, w.stopOp, nil)
	} else {
		w.exit(0)
	}
}

// giveUp is called when a drain has reached its deadline.
func (w *worker) giveUp() {
	abandoned := w.server.Abandon()
	w.server, w.drained, w.deadline = nil, nil, nil
	if w.state == stopping {
		more := appendNumber(nil, 3, uint64(abandoned))
		w.report(stopped, w.stopOp, appendNumber(more, 4, 1)) // forced
	} else {
		w.exit(0)
	}
}

// leave finishes what is in flight, and exits.
func (w *worker) leave(milliseconds uint64) {
	w.state = shuttingDown
	if w.server == nil {
		w.exit(0)
		return
	}
	if w.drained == nil {
		w.drained = w.server.Drain()
	}
	w.limit(milliseconds)
}

// limit keeps the earlier of two deadlines.
func (w *worker) limit(milliseconds uint64) {
	until := time.Now().Add(time.Duration(milliseconds) * time.Millisecond)
	if w.deadline == nil || until.Before(w.until) {
		w.until = until
		w.deadline = time.After(time.Until(until))
	}
}

func (w *worker) violate(err error) {
	var v violation
	errors.As(err, &v)
	content := appendBytes(appendNumber(nil, 1, v.code), 2, []byte(v.text))
	w.channel.send(0, protocolError, content)
	w.exit(exProtocol)
}

// fail is for last words about what is not as it should be.
func (w *worker) fail(why string) {
	content := appendBytes(appendNumber(nil, 1, exConfig), 2, []byte(why))
	w.channel.send(0, fatal, content)
	w.exit(exConfig)
}

func (w *worker) exit(code int) {
	if !w.over {
		w.exitCode, w.over = code, true
	}
}

// ---- Words

func (w *worker) report(state, op uint64, more []byte) {
	w.state = state
	w.channel.send(op, stateReport, append(appendNumber(nil, 1, state), more...))
}

func (w *worker) refuse(op, code uint64) {
	w.channel.send(op, answer, appendNumber(nil, 1, code))
}
