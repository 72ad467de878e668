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

	var stale, bare []string
	var jumps int
	var read, size int64
	var all counts
	for _, f := range c.files {
		if f.stale {
			stale = append(stale, f.index.path)
		}
		if f.index == nil {
			bare = append(bare, f.path)
		}
		jumps += f.jumps
		all.tooDeep += f.carry.dropped
		read += f.blocks.total()
		size += f.size
	}
	if n := len(c.matcher.renamed); n > 0 {
		first := c.matcher.renamed[0]
		info("contigs that have other names in the BAM files than in the panel, and were matched: %d (%s is %s, for example)", n, first.name, first.here)
	}
	for _, m := range c.matcher.missing {
		warn("contig %s is not in %d of %d BAM files (%s, for example): their calls are missing there", m.contig, m.files, len(c.files), m.path)
	}
	if len(stale) > 0 {
		warn("%d of %d indexes are older than their BAM files (%s, for example): if they are of other files, calls can be missing; make them again with samtools index", len(stale), len(c.files), stale[0])
	}
	for _, p := range c.piles {
		all.add(p.counts)
	}
	if all.noQuality > 0 {
		warn("reads without base qualities were left out: %d", all.noQuality)
	}
	if all.longCigar > 0 {
		warn("reads with more than 65,535 CIGAR operations were left out: %d", all.longCigar)
	}
	if all.tooDeep > 0 {
		warn("sites are deeper than %d reads; bases or whole reads beyond that were left out: %d", maxDepth, all.tooDeep)
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
