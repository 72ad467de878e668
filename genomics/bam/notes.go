package bam

import (
	"fmt"

	"genoveil/genomics"
)

// A Note is a sentence about the files that a user should see.
type Note = genomics.Note

// Notes says what was odd about the files and how they were read. It may be called
// when Next has returned io.EOF.
func (c *Caller) Notes() []Note {
	var notes []Note
	info := func(format string, args ...any) { notes = append(notes, Note{Text: fmt.Sprintf(format, args...)}) }
	warn := func(format string, args ...any) {
		notes = append(notes, Note{Text: fmt.Sprintf(format, args...), Warning: true})
	}

	var stale, bare, unmarked []string
	var old, scarce []*scanner
	var jumps int
	var read, size int64
	var tooDeep, noQualities, longCigars int
	for _, f := range c.files {
		if f.stale {
			stale = append(stale, f.index.path)
		}
		if f.index == nil {
			bare = append(bare, f.path)
		}
		if f.unmarked {
			unmarked = append(unmarked, f.path)
		}
		jumps += f.jumps
		tooDeep += f.carry.dropped
		noQualities += f.tally.left[noQuality]
		longCigars += f.tally.left[longCigar]
		if f.scale.isOld() {
			old = append(old, f)
		}
		if 10*f.tally.called < c.called {
			scarce = append(scarce, f)
		}
		read += f.blocks.total()
		if f.handle == nil {
			size += f.blocks.total()
		} else {
			size += f.size
		}
	}
	if n := len(c.matcher.renamed); n > 0 {
		first := c.matcher.renamed[0]
		info("contigs with different names in the BAM files and the panel, which were matched: %d (%s is %s, for example)", n, first.name, first.here)
	}
	for _, m := range c.matcher.missing {
		warn("contig %s is not in %d of %d BAM files (%s, for example): their calls are missing there", m.contig, m.files, len(c.files), m.path)
	}
	if len(stale) > 0 {
		warn("%d of %d indexes are older than their BAM files (%s, for example): if they belong to different files, calls can be missing; make them again with samtools index", len(stale), len(c.files), stale[0])
	}
	if len(unmarked) > 0 {
		warn("%d of %d BAM files have no end marker (%s, for example). Files of 2009 and before have none. A newer file was cut off, and calls are missing: copy it again", len(unmarked), len(c.files), unmarked[0])
	}
	if len(old) > 0 {
		warn("%d of %d BAM files may have qualities that are too high by 31, but are too small to tell. In %s, for example, %s", len(old), len(c.files), old[0].path, &old[0].scale)
	}
	if len(scarce) > 0 {
		f := scarce[0]
		warn("%d of %d samples have genotypes at less than a tenth of the sites: %s (%s), for example, at %d of %d. Of this file: %s", len(scarce), len(c.files), f.sample, f.path, f.tally.called, c.called, &f.tally)
	}
	if noQualities > 0 {
		warn("reads without base qualities were left out: %d", noQualities)
	}
	if longCigars > 0 {
		warn("reads with more than 65,535 CIGAR operations were left out: %d", longCigars)
	}
	for _, p := range c.piles {
		tooDeep += p.tooDeep
	}
	if tooDeep > 0 {
		warn("sites are deeper than %d reads; bases or whole reads beyond that were left out: %d", maxDepth, tooDeep)
	}
	if len(bare) > 0 {
		info("%d of %d BAM files have no index (%s, for example) and were read from beginning to end", len(bare), len(c.files), bare[0])
	}
	how := "in one pass, as the sites are too dense for jumps to gain anything"
	switch {
	case jumps > 0:
		how = fmt.Sprintf("through their indexes; jumps: %d", jumps)
	case len(bare) == len(c.files):
		how = "in one pass"
	}
	info("read %.3g %% of the BAM files (%s)", 100*float64(read)/float64(max(1, size)), how)
	return notes
}
