package bam

import (
	"cmp"
	"io"
	"math"

	"genoveil/genomics/sites"
)

// windowSites is how many sites are called at a time. More gain nothing: what is
// done once a window and file takes microseconds.
const windowSites = 4096

// windowCalls bounds the calls of a window, of 12 bytes, where there are many files.
const windowCalls = 1 << 21

// A window is a stretch of sites on one contig, and the calls there.
type window struct {
	numbers   []int // of the contig, by dictionary
	sites     []sites.Site
	positions []int32 // 0-based
	next      int     // where the next window on the same contig begins, or math.MaxInt
	alleles   [][2]byte
	priors    []prior
	calls     []Call // file by file, by site
	odd       []bool // sites whose alleles the reads do not show
	at        int    // site to be delivered next
	err       error  // in place of the calls
}

// of returns the calls of a file.
func (w *window) of(file int) []Call {
	return w.calls[file*len(w.sites) : (file+1)*len(w.sites)]
}

// fill reads the next sites. Those on contigs that no file has are counted and left
// out. It returns io.EOF if there are no more sites.
func (c *Caller) fill(w *window) error {
	w.sites, w.positions, w.alleles, w.priors, w.at = w.sites[:0], w.positions[:0], w.alleles[:0], w.priors[:0], 0
	size := max(1, min(cmp.Or(c.options.window, windowSites), windowCalls/len(c.files)))
	for len(w.sites) < size {
		if err := c.peek(); err == io.EOF && len(w.sites) > 0 {
			break
		} else if err != nil {
			return err
		}
		if len(w.sites) > 0 && c.ahead.Chrom != w.sites[0].Chrom {
			break
		}
		c.peeked = false
		if c.ahead.Chrom != c.chrom {
			var err error
			if c.numbers, c.length, err = c.matcher.match(c.ahead.Chrom); err != nil {
				return err
			}
			c.chrom = c.ahead.Chrom
			if c.length > 0 {
				if err := c.matcher.meet(c.chrom, c.numbers); err != nil {
					return err
				}
			}
		}
		switch {
		case c.length == 0:
			c.lost++
			continue
		case c.ahead.Pos > c.length:
			return c.sites.Errorf("position %s:%d is beyond the end of the contig, which has %d bases in the BAM files", c.chrom, c.ahead.Pos, c.length)
		}
		w.numbers = c.numbers
		w.sites = append(w.sites, c.ahead)
		w.positions = append(w.positions, int32(c.ahead.Pos-1))
		w.alleles = append(w.alleles, [2]byte{sites.Base(c.ahead.Ref[0]), sites.Base(c.ahead.Alt[0])})
		w.priors = append(w.priors, newPrior(c.ahead.Frequency))
	}
	// An error of the sites is returned once it matters.
	w.next = math.MaxInt
	if err := c.peek(); err == nil && c.ahead.Chrom == c.chrom {
		w.next = c.ahead.Pos - 1
	}
	if n := len(w.sites) * len(c.files); n > cap(w.calls) {
		w.calls = make([]Call, n)
	} else {
		w.calls = w.calls[:n]
	}
	return nil
}

// peek makes sure that the next site is in ahead.
func (c *Caller) peek() error {
	if c.peeked {
		return nil
	}
	err := c.sites.Next(&c.ahead)
	c.peeked = err == nil
	return err
}

// fewest is how many fragments over all samples tell whether a site's alleles are
// right. With half a percent of wrong bases they all err once in 10^11 sites.
const fewest = 5

// findOdd marks the sites at which most fragments of all files show neither allele,
// and returns how many they are, of how many that have enough reads to tell.
func (w *window) findOdd(files int) (odd, tested int) {
	w.odd = append(w.odd[:0], make([]bool, len(w.sites))...)
	for i := range w.sites {
		depth, other := 0, 0
		for f := range files {
			call := &w.of(f)[i]
			depth += int(call.Depth)
			other += int(call.other)
		}
		if depth+other >= fewest {
			tested++
		}
		if other >= fewest && other > depth {
			w.odd[i] = true
			odd++
		}
	}
	return odd, tested
}
