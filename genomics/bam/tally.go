package bam

import (
	"cmp"
	"fmt"

	"genoveil/genomics"
)

// A tally says what became of a file's reads.
type tally struct {
	read   int // records, of all kinds
	usable int
	left   [reasons]int // out, by reason

	covered, called int // sites with a base that counts, and with a genotype
}

// Reasons for leaving out a read.
const (
	unmapped = iota
	flagged
	poorMapping
	noBases
	noQuality
	longCigar
	reasons
)

var reasonTexts = [reasons]string{
	"unmapped", "secondary, supplementary, duplicate or failing", "mapping quality below --min-mq",
	"without bases or CIGAR", "without base qualities", "more than 65,535 CIGAR operations",
}

// String is for the user: "reads read: 10; usable: 3; unmapped: 7".
func (t *tally) String() string {
	text := fmt.Sprintf("reads read: %d; usable: %d", t.read, t.usable)
	elsewhere := t.read - t.usable
	for i, n := range t.left {
		if n > 0 {
			text += fmt.Sprintf("; %s: %d", reasonTexts[i], n)
		}
		elsewhere -= n
	}
	if elsewhere > 0 {
		text += fmt.Sprintf("; behind the sites or on contigs without any: %d", elsewhere)
	}
	return text
}

// add counts the calls of a window.
func (t *tally) add(calls []Call) {
	for i := range calls {
		if calls[i].Depth > 0 || calls[i].other > 0 {
			t.covered++
		}
		if calls[i].Genotype != genomics.Missing {
			t.called++
		}
	}
}

// enoughSites tell that a file is of no use, where no read of it counts at any.
const enoughSites = 100

// enoughReads tell, at so many sites, that a file is of no use, where none of them counts.
// They are those of a few million bases of a genome read 30 times.
const enoughReads = 1_000_000

// checkFirst refuses, before it is read to its end, a sample none of whose first reads counts.
func (c *Caller) checkFirst() error {
	for _, f := range c.files {
		if t := &f.tally; t.usable == 0 && t.read >= cmp.Or(c.options.reads, enoughReads) && c.called >= enoughSites {
			return fmt.Errorf("%s: none of its first reads counts (%s); leave the file out, or lower the bounds if they are why", f.path, t)
		}
	}
	return nil
}

// checkUse refuses a sample of whom nothing is known: encrypted, it would look like others.
func (c *Caller) checkUse() error {
	for _, f := range c.files {
		if f.tally.covered == 0 && c.called >= enoughSites {
			return fmt.Errorf("%s: no read counts at any of %d sites (%s); leave the file out, or lower the bounds if they are why", f.path, c.called, &f.tally)
		}
	}
	return nil
}
