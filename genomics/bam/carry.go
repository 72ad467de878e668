package bam

import "slices"

// A carry has copies of the reads that reach the next window. Of many it has those
// that reach furthest: fewer than twice maxDepth, and at least maxDepth of those over
// any later site, if there are as many.
type carry struct {
	reads   []carried
	least   int // no read that ends here or before is needed any more
	dropped int // reads that were not needed
}

// carried is a copy of a read that covers the reference up to end.
type carried struct {
	record
	end int
}

// add takes in a copy of a read, if it is needed.
func (c *carry) add(r *record, end int) {
	if end <= c.least {
		c.dropped++
		return
	}
	c.reads = append(c.reads, carried{r.clone(), end})
	if len(c.reads) == 2*maxDepth {
		slices.SortStableFunc(c.reads, func(a, b carried) int { return b.end - a.end })
		c.reads = slices.Delete(c.reads, maxDepth, len(c.reads))
		c.least = c.reads[maxDepth-1].end
		c.dropped += maxDepth
	}
}

// keep drops the reads that end at a position or before.
func (c *carry) keep(beyond int) {
	c.reads = slices.DeleteFunc(c.reads, func(r carried) bool { return r.end <= beyond })
}

// clear drops all reads, as on another contig.
func (c *carry) clear() {
	clear(c.reads) // lets go of their bytes
	c.reads, c.least = c.reads[:0], 0
}

// clone copies a record out of the reader's buffer.
func (r *record) clone() record {
	out := *r
	all := slices.Concat(r.name, r.cigar, r.seq, r.quality)
	for _, part := range []*[]byte{&out.name, &out.cigar, &out.seq, &out.quality} {
		n := len(*part)
		*part, all = all[:n:n], all[n:]
	}
	return out
}
