package ahead

import (
	"errors"
	"io"
	"io/fs"
	"runtime"
	"strconv"
	"testing"

	"genoveil/genomics"
)

// numbers yields so many pieces of three variants each, of which it passes over every
// fifth. What follows the last is end.
func numbers(pieces int, end error, bad int) *Variants[byte, int] {
	next := 0
	return New(func(raw *int) error {
		*raw = next
		next++
		if next == pieces {
			return end
		}
		return nil
	}, func() func(*Piece[byte, int]) error {
		return func(p *Piece[byte, int]) error {
			if p.Raw%7 == 0 {
				runtime.Gosched()
			}
			for i := range 3 {
				n := 3*p.Raw + i
				if n == bad {
					p.Add(genomics.Variant{}, 2)
					p.Drop(2)
					return errBad
				}
				if n%5 == 0 {
					p.Skip(Skip{Reason: "fifth"})
					continue
				}
				copy(p.Add(genomics.Variant{ID: strconv.Itoa(n)}, 2), []byte{byte(n), byte(n >> 8)})
			}
			return nil
		}
	})
}

var errBad = errors.New("bad")

// read demands the variants up to a number, and returns the error behind them.
func read(t *testing.T, v *Variants[byte, int], upTo int) error {
	t.Helper()
	var got genomics.Variant
	row := make([]byte, 2)
	for n := range upTo {
		if n%5 == 0 {
			continue
		}
		if err := v.Next(&got, row); err != nil {
			t.Fatal(n, err)
		}
		if got.ID != strconv.Itoa(n) || int(row[0])+int(row[1])<<8 != n {
			t.Fatal(n, got.ID, row)
		}
		if skipped := v.Skipped()["fifth"]; skipped != n/5+1 {
			t.Fatal(n, skipped)
		}
	}
	err := v.Next(&got, row)
	if again := v.Next(&got, row); again != err {
		t.Fatal(err, again)
	}
	return err
}

func TestOrder(t *testing.T) {
	broken := errors.New("broken")
	for _, end := range []error{io.EOF, broken} {
		v := numbers(1000, end, -1)
		if err := read(t, v, 3000); err != end || v.Skipped()["fifth"] != 600 {
			t.Error(err, v.Skipped())
		}
		v.Close()
	}
	v := numbers(1000, io.EOF, 1234)
	if err := read(t, v, 1234); err != errBad {
		t.Error(err)
	}
	v.Close()
	if err := read(t, numbers(1, io.EOF, 0), 0); err != errBad {
		t.Error(err)
	}
}

func TestClose(t *testing.T) {
	v := numbers(-1, io.EOF, -1) // has no end
	var got genomics.Variant
	if err := v.Next(&got, make([]byte, 2)); err != nil || got.ID != "1" {
		t.Error(got, err)
	}
	v.Close()
	if err := v.Next(&got, make([]byte, 2)); err != fs.ErrClosed {
		t.Error(err)
	}
	v = numbers(1, io.EOF, -1)
	v.Close()
	if err := v.Next(&got, make([]byte, 2)); err != fs.ErrClosed {
		t.Error(err)
	}
}
