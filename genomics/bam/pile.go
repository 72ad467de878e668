package bam

import (
	"cmp"
	"math"
	"slices"
	"sync/atomic"

	"genoveil/genomics"
)

// An observation is a base of a read over a site.
type observation struct {
	id      uint64 // of the fragment, see readID
	base    byte   // 0 to 3
	quality byte   // minQuality to maxQuality
}

// maxDepth is how many reads over a site are looked at. It bounds the memory.
const maxDepth = 8000

// A pile has one sample's observations at the sites of a window. Sites before
// done are called.
type pile struct {
	options Options
	window  *window
	calls   []Call // by site
	done    int
	seen    [][]observation // by site
	spare   [][]observation // emptied
	hits    []hit
	tooDeep int // bases left out
	stop    *atomic.Bool
}

// reset begins a window.
func (p *pile) reset(w *window, calls []Call) {
	p.window, p.calls, p.done = w, calls, 0
	p.seen = slices.Grow(p.seen[:0], len(w.sites))[:len(w.sites)]
	clear(p.seen)
}

// add takes in a read that covers the reference from its position to end.
func (p *pile) add(r *record, end int) {
	positions := p.window.positions
	if p.done == len(positions) || int(positions[p.done]) >= end {
		return
	}
	p.hits = walk(p.hits[:0], r.cigar, r.pos, positions, p.done)
	if len(p.hits) == 0 {
		return
	}
	id := r.readID()
	for _, h := range p.hits {
		quality := r.quality[h.at]
		base := r.base(h.at)
		if int(quality) < p.options.MinBaseQ || base == noBase {
			continue
		}
		if base == sameAsRef {
			base = p.window.alleles[h.site][0]
		}
		if p.seen[h.site] == nil {
			p.seen[h.site] = p.fresh()
		}
		if len(p.seen[h.site]) == maxDepth {
			p.tooDeep++
			continue
		}
		quality = min(quality, r.mapQ, maxQuality) // a mapping quality of 255 stands for none
		p.seen[h.site] = append(p.seen[h.site], observation{id, base, max(quality, minQuality)})
	}
}

func (p *pile) fresh() []observation {
	if n := len(p.spare); n > 0 {
		out := p.spare[n-1]
		p.spare = p.spare[:n-1]
		return out
	}
	return make([]observation, 0, 64)
}

// finish calls all sites before a position.
func (p *pile) finish(before int) {
	for p.done < len(p.seen) && int(p.window.positions[p.done]) < before {
		i := p.done
		p.calls[i] = p.options.call(p.seen[i], p.window.alleles[i], p.window.priors[i])
		if p.seen[i] != nil {
			p.spare = append(p.spare, p.seen[i][:0])
			p.seen[i] = nil
		}
		p.done++
	}
}

// call calls a site. It reorders the observations.
func (o *Options) call(seen []observation, alleles [2]byte, p prior) Call {
	seen = mergeMates(seen)
	var costs [3]cost
	alts, depth, other := 0, 0, 0
	for _, s := range seen {
		switch s.base {
		case alleles[0]:
			costs[0] += same[s.quality]
			costs[1] += half[s.quality]
			costs[2] += different[s.quality]
			depth++
		case alleles[1]:
			costs[0] += different[s.quality]
			costs[1] += half[s.quality]
			costs[2] += same[s.quality]
			depth++
			alts++
		default: // equally probable whatever the genotype
			other++
		}
	}
	c := decide(costs, p, min(alts, depth-alts), depth)
	c.Depth, c.other = uint16(min(depth, math.MaxUint16)), uint16(min(other, math.MaxUint16))
	if depth < max(1, o.MinDepth) || int(c.GQ) < o.MinGQ {
		c.Genotype = genomics.Missing
	}
	return c
}

// mayHaveMates reports whether two observations may be of one fragment. Where it returns
// false, as at most sites, none are, and sorting is spared.
func mayHaveMates(seen []observation) bool {
	var marks [64]uint64 // a bit for each of the 4096 values that the ids' ends take
	for _, s := range seen {
		if s.id == 0 {
			continue
		}
		mark, bit := &marks[s.id>>6&63], uint64(1)<<(s.id&63)
		if *mark&bit != 0 {
			return true
		}
		*mark |= bit
	}
	return false
}

// mergeMates leaves one observation a fragment, so that a base that both mates
// read counts once. Mates that agree count as the better of the two. Where they do
// not, one of them is wrong, and the better base counts with the difference of
// their qualities, which is what the odds of the two come to; at equal quality
// neither counts.
func mergeMates(seen []observation) []observation {
	if !mayHaveMates(seen) {
		return seen
	}
	slices.SortFunc(seen, func(a, b observation) int {
		return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(b.quality, a.quality), cmp.Compare(a.base, b.base))
	})
	out := seen[:0]
	for len(seen) > 0 {
		best := seen[0]
		n := 1
		for ; best.id != 0 && n < len(seen) && seen[n].id == best.id; n++ {
			if rival := seen[n]; rival.base != best.base {
				best.quality -= min(rival.quality, best.quality)
				break
			}
		}
		for best.id != 0 && n < len(seen) && seen[n].id == best.id {
			n++
		}
		seen = seen[n:]
		if best.quality > 0 {
			best.quality = max(best.quality, minQuality)
			out = append(out, best)
		}
	}
	return out
}
