package protocol

import (
	"encoding/json"
	"fmt"

	"genoveil/secagg"
)

// A Form says what parties do in a stage.
type Form int

const (
	Complete  Form = iota // nothing: the computation is over
	Sum                   // their vectors are added up
	Statement             // each contributor says something in the clear
	Consent               // a person at each contributor agrees to go on
)

// A Stage is a step of a computation. All parties have the same, as a function of what all
// have approved and of the totals so far.
type Stage struct {
	Form  Form
	Name  string // up to 16 of a-z and -
	Width secagg.Width
	Len   int  // elements of the vector, of 64 bits
	ToAll bool // everyone is sent the total; of the last sum, the recipients alone are
}

// maxElements bounds a vector: 128 GB.
const maxElements = 1 << 34

func (s *Stage) check() error {
	if s.Form == Sum && (s.Len < 1 || s.Len > maxElements || s.Len%int(s.Width) != 0) {
		return fmt.Errorf("the stage %s has a vector of %d elements", s.Name, s.Len)
	}
	return nil
}

// A Computation is what an analysis adds up.
type Computation interface {
	// Begin takes what each contributor declared of its data when it approved.
	Begin(declared map[string]json.RawMessage) error

	// Next is the stage after those that were taken and heard.
	Next() (Stage, error)

	// Write writes elements of the own vector of the stage, from one on. Another call with
	// the same place writes the same.
	Write(at int, words []uint64) error

	// Check compares a total that was just made with the own vector, which has to be in it.
	Check(total *Vector) error

	// Take takes the total of the stage.
	Take(total *Vector) error

	// Statement is what this contributor says in the stage, and Hear what all said.
	Statement() (any, error)
	Hear(said map[string]json.RawMessage) error
}
