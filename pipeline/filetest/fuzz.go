package filetest

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
)

// Must marshals a header for a seed.
func Must(f *testing.F, x any) []byte {
	f.Helper()
	text, err := json.Marshal(x)
	if err != nil {
		f.Fatal(err)
	}
	return text
}

// Repeat makes a text of two parts with another n times between them. A bomb is so a small
// input, which a fuzzer finds by itself. It is nil if the text is too long to try.
func Repeat(before, piece []byte, n uint16, after []byte) []byte {
	if len(piece)*int(n) > 4<<20 {
		return nil
	}
	return slices.Concat(before, bytes.Repeat(piece, int(n)), after)
}
