package main

// Envelopes, as chapter 21 of SPEC.md describes them.

import (
	"encoding/binary"
	"errors"
)

var errParse = errors.New("bytes are no envelope")

// message holds the fields of a message by number.
type message struct {
	numbers map[uint64]uint64   // the last varint
	repeats map[uint64][]uint64 // every varint
	bytes   map[uint64][][]byte // every string of bytes
}

func parse(data []byte) (message, error) {
	m := message{map[uint64]uint64{}, map[uint64][]uint64{}, map[uint64][][]byte{}}
	var groups []uint64 // the numbers of those that are open
	for len(data) > 0 {
		key, rest, err := varint(data)
		if err != nil || key>>3 == 0 || key>>3 >= 1<<29 {
			return m, errParse
		}
		number, kind := key>>3, key&7
		switch kind {
		case 3:
			groups = append(groups, number)
			data = rest
			continue
		case 4:
			if len(groups) == 0 || groups[len(groups)-1] != number {
				return m, errParse
			}
			groups = groups[:len(groups)-1]
			data = rest
			continue
		}
		value, content, rest, err := field(kind, rest)
		if err != nil {
			return m, err
		}
		data = rest
		if len(groups) > 0 {
			continue
		}
		switch kind {
		case 0:
			m.numbers[number] = value
			m.repeats[number] = append(m.repeats[number], value)
		case 2:
			m.bytes[number] = append(m.bytes[number], content)
		}
	}
	if len(groups) > 0 {
		return m, errParse
	}
	return m, nil
}

// field is what follows the key of a field that is no group.
func field(kind uint64, data []byte) (value uint64, content, rest []byte, err error) {
	var size uint64
	switch kind {
	case 0:
		value, rest, err = varint(data)
		return
	case 1:
		size = 8
	case 2:
		if size, data, err = varint(data); err != nil {
			return
		}
	case 5:
		size = 4
	default:
		return 0, nil, nil, errParse
	}
	if size > uint64(len(data)) {
		return 0, nil, nil, errParse
	}
	return 0, data[:size], data[size:], nil
}

func varint(data []byte) (uint64, []byte, error) {
	value, size := binary.Uvarint(data)
	if size <= 0 {
		return 0, nil, errParse
	}
	return value, data[size:], nil
}

// content is the last string of bytes of a field; nil where there is none.
func (m message) content(number uint64) []byte {
	all := m.bytes[number]
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}

// list is a repeated number, packed or not.
func (m message) list(number uint64) ([]uint64, error) {
	list := m.repeats[number]
	for _, packed := range m.bytes[number] {
		for len(packed) > 0 {
			value, rest, err := varint(packed)
			if err != nil {
				return nil, err
			}
			list, packed = append(list, value), rest
		}
	}
	return list, nil
}

// appendNumber and appendBytes write a field; one of value zero is left out.
func appendNumber(to []byte, number, value uint64) []byte {
	if value == 0 {
		return to
	}
	return binary.AppendUvarint(binary.AppendUvarint(to, number<<3), value)
}

func appendBytes(to []byte, number uint64, value []byte) []byte {
	to = binary.AppendUvarint(to, number<<3|2)
	to = binary.AppendUvarint(to, uint64(len(value)))
	return append(to, value...)
}
