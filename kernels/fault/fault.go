// Package fault turns faults in memory that is mapped from a file into errors. Such a fault
// is a page that the disk cannot read, or that is missing because somebody cut the file.
package fault

import (
	"errors"
	"runtime/debug"
)

// ErrGone is the error of a page that cannot be had.
var ErrGone = errors.New("a part of a file can no longer be read; is the disk failing, or was the file cut?")

// Guarded is do under Guard.
func Guarded(do func() error) func() error { return func() error { return Guard(do) } }

// Guard calls do on this goroutine. Where do reads a word of a mapped file that cannot be
// had, Guard returns ErrGone instead of ending the program. What do was writing is then
// in an unknown state.
func Guard(do func() error) (err error) {
	before := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(before)
	defer func() {
		if p := recover(); p != nil {
			// The runtime's error for a fault, and no other, tells the address.
			if _, ok := p.(interface{ Addr() uintptr }); !ok {
				panic(p)
			}
			err = ErrGone
		}
	}()
	return do()
}
