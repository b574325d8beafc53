package main

/*
#cgo LDFLAGS: -l:libdrover.so.1
#include <stdlib.h>
#include <drover.h>
#include <drover_posix.h>
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// Event is what there is to do; see drover.h for each.
type Event struct {
	Kind     int
	ExitCode int
}

// The kinds of events.
const (
	EventStart    = int(C.DROVER_EVENT_START)
	EventStop     = int(C.DROVER_EVENT_STOP)
	EventQuit     = int(C.DROVER_EVENT_QUIT)
	EventLost     = int(C.DROVER_EVENT_LOST)
	EventDeadline = int(C.DROVER_EVENT_DEADLINE)
	EventEnd      = int(C.DROVER_EVENT_END)
)

// Error is a call that failed.
type Error C.int

func (e Error) Error() string {
	return C.GoString(C.drover_strerror(C.int(e)))
}

// ExitCode is what a program exits with that cannot go on after the error.
func (e Error) ExitCode() int {
	return int(C.drover_exit_code(C.int(e)))
}

func check(result C.int) (C.int, error) {
	if result < 0 {
		return 0, Error(result)
	}
	return result, nil
}

// Worker is the channel to the supervisor. All methods may be called by any
// goroutine; one of them asks for events.
type Worker struct {
	handle *C.drover_worker
}

// Open returns nil where no supervisor started this program.
//
// The library leaves the signals alone: its handler could be called on the
// small stack of a goroutine.
func Open(name string) (*Worker, error) {
	var options *C.drover_options
	if _, err := check(C.drover_options_new(&options)); err != nil {
		return nil, err
	}
	defer C.drover_options_free(options)
	withText(name, func(text *C.char) C.int {
		return C.drover_options_set_name(options, text)
	})
	withText("drover-go/1.0", func(text *C.char) C.int {
		return C.drover_options_set_sdk(options, text)
	})
	C.drover_options_add_capability(options, C.DROVER_CAPABILITY_RESUME)
	C.drover_options_set_signals(options, C.DROVER_SIGNALS_LEAVE)

	var worker Worker
	got, err := check(C.drover_open(options, &worker.handle))
	if err != nil || got == 0 {
		return nil, err
	}
	return &worker, nil
}

// Next waits for the next event.
func (w *Worker) Next() (Event, error) {
	var event *C.drover_event
	for {
		got, err := check(C.drover_next_event(w.handle, -1, &event))
		if err != nil {
			return Event{}, err
		}
		if got == 1 { // 0: a signal came
			break
		}
	}
	return Event{
		Kind:     int(C.drover_event_kind(event)),
		ExitCode: int(C.drover_event_exit_code(event)),
	}, nil
}

// Listener is the descriptor of the listening socket of that name.
func (w *Worker) Listener(name string) (uintptr, error) {
	fd, err := check(withText(name, func(text *C.char) C.int {
		return C.drover_listener(w.handle, text)
	}))
	return uintptr(fd), err
}

// Terminate acts as if the supervisor had said Quit.
func (w *Worker) Terminate() { C.drover_terminate(w.handle) }

// IsStopping is true from Stop until Stopped.
func (w *Worker) IsStopping() bool {
	return C.drover_state(w.handle) == C.DROVER_STATE_STOPPING
}

// Started is refused where a stronger command has come meanwhile.
func (w *Worker) Started() error {
	_, err := check(C.drover_started(w.handle, nil))
	return err
}

// Stopped is refused likewise.
func (w *Worker) Stopped() error {
	_, err := check(C.drover_stopped(w.handle, nil))
	return err
}

// StoppedForced says that so many requests were given up.
func (w *Worker) StoppedForced(abandoned int) error {
	_, err := check(C.drover_stopped_forced(w.handle, nil, C.uint32_t(abandoned)))
	return err
}

// Fatal is for last words, before an exit with that code.
func (w *Worker) Fatal(code int, why string) {
	withText(why, func(text *C.char) C.int {
		return C.drover_fatal(w.handle, C.uint32_t(code), text)
	})
}

// Place is "web/3 generation 2", once Welcome was read.
func (w *Worker) Place() string {
	session := C.drover_worker_session(w.handle)
	return fmt.Sprintf("%s/%d generation %d",
		C.GoString(C.drover_session_pool(session)),
		C.drover_session_slot(session),
		C.drover_session_generation(session))
}

func withText(text string, call func(*C.char) C.int) C.int {
	copied := C.CString(text)
	defer C.free(unsafe.Pointer(copied))
	return call(copied)
}
