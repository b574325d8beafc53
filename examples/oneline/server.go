// Package oneline is the work of the workers in Go: it answers each connection
// with one line of HTTP, a goroutine for each, and closes it.
package oneline

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// For a client to send its request.
const patience = 5 * time.Second

// Server answers one request on each connection, from a Start to its Stop.
type Server struct {
	listener *Listener
	greeting string
	mutex    sync.Mutex
	open     map[net.Conn]bool
	answers  sync.WaitGroup
	ended    chan struct{} // closed when nothing is accepted any more
}

// Serve begins to accept.
func Serve(listener *Listener, greeting string) *Server {
	s := &Server{
		listener: listener,
		greeting: greeting,
		open:     make(map[net.Conn]bool),
		ended:    make(chan struct{}),
	}
	listener.Resume()
	go s.accept()
	return s
}

// Drain accepts nothing more; what it returns is closed when nothing is in
// flight.
func (s *Server) Drain() <-chan struct{} {
	s.listener.Interrupt()
	<-s.ended
	drained := make(chan struct{})
	go func() {
		s.answers.Wait()
		close(drained)
	}()
	return drained
}

// Abandon gives up what is in flight, and returns how much that was.
func (s *Server) Abandon() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for conn := range s.open {
		conn.Close()
	}
	return len(s.open)
}

func (s *Server) accept() {
	defer close(s.ended)
	for {
		conn, err := s.listener.Accept()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		if err != nil {
			// The client has left, or there are too many descriptors.
			time.Sleep(10 * time.Millisecond)
			continue
		}
		s.mutex.Lock()
		s.open[conn] = true
		s.mutex.Unlock()
		s.answers.Add(1)
		go s.answer(conn)
	}
}

func (s *Server) answer(conn net.Conn) {
	defer s.answers.Done()
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\n"+
			"Content-Length: %d\r\n\r\n%s", len(s.greeting), s.greeting)
	}
	s.mutex.Lock()
	delete(s.open, conn)
	s.mutex.Unlock()
	conn.Close()
}
