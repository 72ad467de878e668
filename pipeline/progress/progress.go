// Package progress tells how far a step has come.
package progress

// A Func is told how far a step has come. total is 0 where it is not known
// beforehand. It is called from one goroutine at a time.
type Func func(done, total int)

// Report tells, if anybody listens.
func (p Func) Report(done, total int) {
	if p != nil {
		p(done, total)
	}
}
