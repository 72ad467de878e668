package readsim

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/biogo/hts/sam"
)

const (
	readLength   = 150
	insertMean   = 320 // so that two of five pairs overlap
	insertSpread = 80
	segment      = 10_000 // bases whose reads are made at a time
)

// qualities that bases have, how many of a thousand, and how often each is wrong.
// In the mean 0.48 % are.
var qualities = []struct {
	quality byte
	share   int
	wrong   float64
}{
	{37, 790, math.Pow(10, -3.7)},
	{25, 120, math.Pow(10, -2.5)},
	{15, 60, math.Pow(10, -1.5)},
	{11, 30, math.Pow(10, -1.1)},
}

// Shares of reads, per thousand, that a caller must leave out. Their bases are
// wrong a fifth of the time.
const (
	duplicates    = 50
	secondaries   = 10
	supplementary = 10
	failing       = 10
	misplaced     = 10 // mapping quality below 10
	unmapped      = 5  // placed beside their mates
)

// A sequencer makes the reads of one sample on one contig.
type sequencer struct {
	random *rand.Rand
	ref    *sam.Reference
	contig *contig
	copies [2]haplotype
	group  sam.Aux
	pairs  int
	ready  []*sam.Record // sorted
}

// run makes all reads in the order of their positions.
func (q *sequencer) run(depth float64, write func(*sam.Record) error) error {
	for begin := 0; begin < q.contig.Length; begin += segment {
		end := min(begin+segment, q.contig.Length)
		pairs := q.poisson(depth * float64(end-begin) / (2 * readLength))
		for range pairs {
			q.pair(begin + q.random.IntN(end-begin))
		}
		slices.SortStableFunc(q.ready, func(a, b *sam.Record) int { return a.Pos - b.Pos })
		// Clipping moves a read to the right only, so later pairs begin later.
		for len(q.ready) > 0 && (q.ready[0].Pos < end || end == q.contig.Length) {
			if err := write(q.ready[0]); err != nil {
				return err
			}
			q.ready = q.ready[1:]
		}
	}
	return nil
}

// poisson draws from a Poisson distribution by its normal approximation, which
// is near enough for hundreds of reads.
func (q *sequencer) poisson(mean float64) int {
	return max(0, int(math.Round(mean+math.Sqrt(mean)*q.random.NormFloat64())))
}

// pair makes a pair of reads, perhaps with copies that are not to be used.
func (q *sequencer) pair(start int) {
	insert := max(readLength, int(insertMean+insertSpread*q.random.NormFloat64()))
	if start+insert > q.contig.Length {
		return
	}
	from := &q.copies[q.random.IntN(2)]
	q.pairs++
	name := fmt.Sprintf("r%d", q.pairs)
	first := q.record(from, name, start, sam.Paired|sam.ProperPair|sam.Read1|sam.MateReverse)
	second := q.record(from, name, start+insert-readLength, sam.Paired|sam.ProperPair|sam.Read2|sam.Reverse)
	first.MatePos, second.MatePos = second.Pos, first.Pos
	first.TempLen, second.TempLen = insert, -insert
	q.ready = append(q.ready, first, second)

	for _, r := range []*sam.Record{first, second} {
		switch die := q.random.IntN(1000); {
		case die < duplicates:
			q.harm(r, fmt.Sprintf("d%d", q.pairs), sam.Duplicate)
		case die < duplicates+secondaries:
			q.harm(r, name, sam.Secondary)
		case die < duplicates+secondaries+supplementary:
			q.harm(r, name, sam.Supplementary)
		case die < duplicates+secondaries+supplementary+failing:
			q.harm(r, fmt.Sprintf("f%d", q.pairs), sam.QCFail)
		case die < duplicates+secondaries+supplementary+failing+misplaced:
			q.harm(r, fmt.Sprintf("m%d", q.pairs), 0).MapQ = byte(q.random.IntN(10))
		case die < duplicates+secondaries+supplementary+failing+misplaced+unmapped:
			q.harm(r, fmt.Sprintf("u%d", q.pairs), sam.Unmapped).Cigar = nil
		}
	}
}

// harm adds a copy of a read with many wrong bases and a flag that says so.
func (q *sequencer) harm(r *sam.Record, name string, flag sam.Flags) *sam.Record {
	bad := *r
	bad.Name = name
	bad.Flags |= flag
	seq := r.Seq.Expand()
	for i := range seq {
		if q.random.IntN(5) == 0 {
			seq[i] = letters[q.random.IntN(4)]
		}
	}
	bad.Seq = sam.NewSeq(seq)
	q.ready = append(q.ready, &bad)
	return &bad
}

// record reads one end of a fragment, with errors.
func (q *sequencer) record(from *haplotype, name string, pos int, flags sam.Flags) *sam.Record {
	start, cigar, seq := from.read(pos, readLength)
	quality := make([]byte, len(seq))
	for i := range seq {
		k, die := 0, q.random.IntN(1000)
		for die >= qualities[k].share {
			die -= qualities[k].share
			k++
		}
		quality[i] = qualities[k].quality
		if q.random.Float64() < qualities[k].wrong {
			for right := seq[i]; seq[i] == right; {
				seq[i] = letters[q.random.IntN(4)]
			}
		}
	}
	if q.random.IntN(20) == 0 {
		cigar = q.spellMatches(cigar, start, seq)
	}
	return &sam.Record{
		Name: name, Ref: q.ref, Pos: start, MapQ: 60, Cigar: cigar, Flags: flags, MateRef: q.ref,
		Seq: sam.NewSeq(seq), Qual: quality, AuxFields: sam.AuxFields{q.group},
	}
}

// spellMatches writes M as = and X.
func (q *sequencer) spellMatches(cigar sam.Cigar, pos int, seq []byte) (out sam.Cigar) {
	at := 0
	for _, op := range cigar {
		if op.Type() == sam.CigarMatch {
			for i := range op.Len() {
				kind := sam.CigarMismatch
				if seq[at+i] == q.contig.bases[pos+i] {
					kind = sam.CigarEqual
				}
				if n := len(out); n > 0 && out[n-1].Type() == kind {
					out[n-1] = sam.NewCigarOp(kind, out[n-1].Len()+1)
				} else {
					out = append(out, sam.NewCigarOp(kind, 1))
				}
			}
		} else {
			out = append(out, op)
		}
		uses := op.Type().Consumes()
		at += op.Len() * uses.Query
		pos += op.Len() * uses.Reference
	}
	return out
}
