package oneline

import (
	"net"
	"os"
	"syscall"
	"time"
)

// Listener accepts on a socket that other processes accept on as well.
//
// net.FileListener would not do: it takes O_NONBLOCK off the socket for a
// moment, and with it off that of all siblings.
type Listener struct {
	file *os.File
	raw  syscall.RawConn
}

// NewListener accepts on what was adopted as a listening socket.
func NewListener(file *os.File) (*Listener, error) {
	raw, err := file.SyscallConn()
	return &Listener{file, raw}, err
}

// Accept waits for a connection; it fails once Interrupt was called.
func (l *Listener) Accept() (net.Conn, error) {
	var fd int
	var failed error
	err := l.raw.Read(func(listening uintptr) bool {
		fd, _, failed = syscall.Accept4(int(listening),
			syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK)
		return failed != syscall.EAGAIN // a sibling was faster
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "connection")
	defer file.Close() // net has a duplicate
	return net.FileConn(file)
}

// Interrupt makes Accept fail until Resume is called.
func (l *Listener) Interrupt() { l.file.SetReadDeadline(time.Now()) }

// Resume lets Accept wait again.
func (l *Listener) Resume() { l.file.SetReadDeadline(time.Time{}) }
