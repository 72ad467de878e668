package vcf

import (
	"maps"
	"slices"

	"genoveil/genomics"
)

// An oddity is why a record is passed over. The detail is what the first of its kind
// looks like, for records that a program should not write, and else empty.
type oddity struct{ reason, detail string }

func (o oddity) none() bool { return o.reason == "" }

// Reasons for passing over an odd record, beside those that all readers have.
const (
	lateGT  = "GT not the first key of FORMAT"
	oddCall = "a call that is no genotype of the record"
)

// What is noted of records that are read.
const (
	polyploid = "calls with more than two alleles, read as missing"
	extraTab  = "lines with a tab too many at the end"
	noLineEnd = "no line end after the last line: if the file is cut off there, the last call is wrong"
)

// isWarning says which notes are warnings.
func isWarning(reason string) bool { return reason == polyploid || reason == noLineEnd }

// A remark is what a piece says of a record: that it was passed over, or something about
// the one that is read next.
type remark struct {
	at     int // number of the piece's records before it
	line   int
	reason string
	detail string
	calls  int  // that it is about, or 1
	passed bool // over the record
}

// notes are the remarks of a record under way.
type notes struct {
	list []remark
	seen map[string]bool // reasons noted before
}

// add notes something of a call. The detail is made for the first of a reason only.
func (n *notes) add(reason string, detail func() string) {
	for i := range n.list {
		if r := &n.list[i]; r.reason == reason {
			r.calls++
			return
		}
	}
	r := remark{reason: reason, calls: 1}
	if !n.seen[reason] {
		if n.seen == nil {
			n.seen = map[string]bool{}
		}
		n.seen[reason] = true
		r.detail = detail()
	}
	n.list = append(n.list, r)
}

// A tally counts remarks of one reason.
type tally struct {
	count int
	first string // where the first is, and what
}

// tallies are the counts by reason.
type tallies map[string]*tally

// add counts a remark. place names a line.
func (t tallies) add(r remark, place func(line int) string) {
	one := t[r.reason]
	if one == nil {
		one = new(tally)
		t[r.reason] = one
		switch {
		case r.detail != "":
			one.first = place(r.line) + ": " + r.detail
		case !r.passed && r.line > 0:
			one.first = place(r.line)
		}
	}
	one.count += r.calls
}

// skipped is the counts by reason and what the first is.
func (t tallies) skipped() map[string]int {
	all := map[string]int{}
	for reason, one := range t {
		if one.first != "" {
			reason += genomics.FirstIn + one.first
		}
		all[reason] = one.count
	}
	return all
}

// notes spells the counts out.
func (t tallies) notes() []genomics.Note {
	var all []genomics.Note
	for _, reason := range slices.Sorted(maps.Keys(t)) {
		one := t[reason]
		all = append(all, genomics.Note{Text: reason, Warning: isWarning(reason), Count: one.count, First: one.first})
	}
	return all
}
