// A Drover worker in Go, through the C library.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"drover/examples/oneline"
)

type program struct {
	worker   *Worker
	listener *oneline.Listener
	server   *oneline.Server // from Start to Stopped
	drained  <-chan struct{} // closed when nothing is in flight; or nil
	leaving  bool
}

// run returns what to exit with.
func (p *program) run(events <-chan Event, terminated <-chan os.Signal) int {
	for {
		select {
		case event, ok := <-events:
			if !ok {
				return 1 // it has been said why
			}
			if event.Kind == EventEnd {
				return event.ExitCode
			}
			p.act(event)
		case <-terminated:
			p.worker.Terminate()
		case <-p.drained:
			p.drained, p.server = nil, nil
			if p.worker.IsStopping() {
				p.worker.Stopped()
			}
		}
		if p.leaving && p.drained == nil {
			return 0
		}
	}
}

func (p *program) act(event Event) {
	switch event.Kind {
	case EventStart:
		if p.worker.Started() == nil { // a Stop may have cancelled it
			p.server = oneline.Serve(p.listener, "hello from "+p.worker.Place()+"\n")
		}
	case EventStop:
		p.drain()
		if p.drained == nil {
			p.worker.Stopped()
		}
	case EventQuit, EventLost:
		p.drain()
		p.leaving = true
	case EventDeadline:
		if p.drained != nil && p.worker.IsStopping() {
			p.worker.StoppedForced(p.server.Abandon())
			p.drained, p.server = nil, nil
		}
	}
}

// drain begins to drain, unless that is under way or nothing is served.
func (p *program) drain() {
	if p.server != nil && p.drained == nil {
		p.drained = p.server.Drain()
	}
}

// pull asks for events, in a goroutine of its own; what it returns is closed
// after the last one.
func pull(worker *Worker) <-chan Event {
	events := make(chan Event)
	go func() {
		defer close(events)
		for {
			event, err := worker.Next()
			if err != nil {
				fmt.Fprintln(os.Stderr, "worker_go:", err)
				return
			}
			events <- event
			if event.Kind == EventEnd {
				return
			}
		}
	}()
	return events
}

func listen(worker *Worker) (*oneline.Listener, error) {
	fd, err := worker.Listener("http")
	if err != nil {
		return nil, err
	}
	return oneline.NewListener(os.NewFile(fd, "http"))
}

func exitCode(err error) int {
	var failed Error
	if errors.As(err, &failed) {
		return failed.ExitCode()
	}
	return 1
}

func run() int {
	signal.Ignore(os.Interrupt) // reaches the supervisor, which says Quit
	terminated := make(chan os.Signal, 2)
	signal.Notify(terminated, syscall.SIGTERM)

	worker, err := Open("worker_go")
	if err != nil {
		fmt.Fprintln(os.Stderr, "worker_go:", err)
		return exitCode(err)
	}
	if worker == nil {
		fmt.Println("worker_go: not supervised; see README.md for how to run it")
		return 0
	}
	listener, err := listen(worker)
	if err != nil {
		worker.Fatal(exitCode(err), `listener "http": `+err.Error())
		return exitCode(err)
	}
	return (&program{worker: worker, listener: listener}).run(pull(worker), terminated)
}

func main() { os.Exit(run()) }
