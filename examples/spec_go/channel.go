package main

// The socket and its frames: chapters 3 and 4.

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"
)

const frameMax = 65536

// violation is what the supervisor did wrong; a ProtocolErrorCode.
type violation struct {
	code uint64
	text string
}

func (v violation) Error() string { return v.text }

// adopt verifies that an inherited descriptor is the stream socket that it
// should be, and keeps it from the programs that this one executes.
func adopt(number string, listens bool) (*os.File, error) {
	fd, err := strconv.Atoi(number)
	if err != nil || fd < 0 {
		return nil, fmt.Errorf("%q is no descriptor", number)
	}
	kind, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_TYPE)
	if err != nil {
		return nil, fmt.Errorf("descriptor %d: %w; a wrapper may have closed it", fd, err)
	}
	accepts, _ := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_ACCEPTCONN)
	if kind != syscall.SOCK_STREAM || (accepts != 0) != listens {
		return nil, fmt.Errorf("descriptor %d is another kind of socket; "+
			"a wrapper may have closed what it should be", fd)
	}
	if !listens {
		peer, err := syscall.Getpeername(fd)
		if err != nil {
			return nil, fmt.Errorf("descriptor %d: %w", fd, err)
		}
		if _, ok := peer.(*syscall.SockaddrUnix); !ok {
			return nil, fmt.Errorf("descriptor %d is no unix socket; "+
				"a wrapper may have closed what it should be", fd)
		}
	}
	syscall.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), number), nil
}

// channel is read by one goroutine and written by another.
type channel struct {
	file   *os.File
	outbox []byte // what the socket did not take yet
}

// frames reads in a goroutine of its own. What it returns is closed at the end
// of the stream; a violation is the last that comes.
func (c *channel) frames() <-chan frame {
	frames := make(chan frame)
	go func() {
		defer close(frames)
		for {
			data, err := c.read()
			if errors.As(err, &violation{}) {
				frames <- frame{err: err}
				return
			}
			if err != nil { // the end, however it looks
				return
			}
			frames <- decode(data)
		}
	}()
	return frames
}

func (c *channel) read() ([]byte, error) {
	var header [4]byte
	if _, err := io.ReadFull(c.file, header[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(header[:])
	if size < 1 || size > frameMax {
		return nil, violation{errorFrameSize, fmt.Sprintf("a frame of %d bytes", size)}
	}
	data := make([]byte, size)
	_, err := io.ReadFull(c.file, data)
	return data, err
}

// send never waits: a supervisor that reads nothing must not keep the worker
// from its end. flush writes the rest.
func (c *channel) send(re, body uint64, content []byte) {
	envelope := appendBytes(appendNumber(nil, fieldRe, re), body, content)
	c.outbox = binary.BigEndian.AppendUint32(c.outbox, uint32(len(envelope)))
	c.outbox = append(c.outbox, envelope...)
	c.flush()
}

// flush is true when nothing waits any more. That the supervisor has left is
// read, not written.
func (c *channel) flush() bool {
	for len(c.outbox) > 0 {
		written, err := syscall.SendmsgN(int(c.file.Fd()), c.outbox, nil, nil,
			syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL)
		switch err {
		case nil:
			c.outbox = c.outbox[written:]
		case syscall.EINTR:
		case syscall.EAGAIN:
			return false
		default:
			c.outbox = nil
		}
	}
	return true
}
