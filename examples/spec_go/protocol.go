package main

// The numbers of chapters 5, 6, 7 and 21 that a worker of few capabilities
// needs, and frames as they are read.

const (
	fieldOp = 1
	fieldRe = 2

	welcome       = 10 // bodies from the supervisor
	start         = 11
	stop          = 12
	quit          = 13
	ping          = 14
	reload        = 15
	lameDuck      = 16
	result        = 17
	protocolError = 18
	userMessage   = 19

	hello       = 10 // bodies from the worker
	stateReport = 11
	pong        = 12
	answer      = 13
	fatal       = 17

	connecting   = 0 // states
	initialized  = 1
	started      = 3
	stopping     = 4
	stopped      = 5
	shuttingDown = 6

	unimplemented = 3 // codes of Result
	invalidState  = 4

	errorFrameSize = 1 // codes of ProtocolError
	errorParse     = 2
	errorSequence  = 3

	capabilityResume = 2

	exProtocol = 76
	exConfig   = 78
)

// A frame from the supervisor, or why there is none.
type frame struct {
	op, re uint64
	body   uint64 // 0: none that is known
	inner  message
	err    error
}

func decode(data []byte) frame {
	envelope, err := parse(data)
	f := frame{op: envelope.numbers[fieldOp], re: envelope.numbers[fieldRe]}
	for number := uint64(welcome); err == nil && number <= userMessage; number++ {
		if len(envelope.bytes[number]) > 0 {
			f.body = number
			f.inner, err = parse(envelope.content(number))
		}
	}
	if err != nil {
		f.err = violation{errorParse, err.Error()}
	}
	return f
}
