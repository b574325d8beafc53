// A Drover worker in Go, from SPEC.md alone.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"drover/examples/oneline"
)

// offers is whether the supervisor speaks version 1.
func offers() bool {
	majors, ok := os.LookupEnv("DROVER_PROTOCOL")
	for _, major := range strings.Split(majors, ",") {
		ok = ok && major != "1"
	}
	return !ok
}

// listen finds the listener of that name in DROVER_LISTEN_FDS.
func listen(name string) (*oneline.Listener, error) {
	for _, entry := range strings.Split(os.Getenv("DROVER_LISTEN_FDS"), ",") {
		number, found, _ := strings.Cut(entry, ":")
		if found != name {
			continue
		}
		file, err := adopt(number, true)
		if err != nil {
			return nil, err
		}
		return oneline.NewListener(file)
	}
	return nil, fmt.Errorf("there is none")
}

// sameListeners is whether Welcome repeats DROVER_LISTEN_FDS.
func sameListeners(welcome message) bool {
	var said []string
	for _, content := range welcome.bytes[5] {
		listener, err := parse(content)
		if err != nil {
			return false
		}
		said = append(said, fmt.Sprintf("%d:%s", listener.numbers[1],
			listener.content(2)))
	}
	return strings.Join(said, ",") == os.Getenv("DROVER_LISTEN_FDS")
}

func run() int {
	number, supervised := os.LookupEnv("DROVER_FD")
	if !supervised {
		fmt.Println("spec_go: not supervised; see README.md for how to run it")
		return 0
	}
	file, err := adopt(number, false)
	if err == nil && !offers() {
		err = fmt.Errorf("speaks version 1 alone")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "spec_go:", err)
		return exConfig
	}

	signal.Ignore(os.Interrupt) // reaches the supervisor, which says Quit
	terminated := make(chan os.Signal, 2)
	signal.Notify(terminated, syscall.SIGTERM)

	w := &worker{channel: &channel{file: file}}
	w.listener, err = listen("http")
	if err != nil {
		w.fail(`listener "http": ` + err.Error())
		return w.exitCode
	}
	return w.run(terminated)
}

func main() { os.Exit(run()) }
