package simulate

import (
	"fmt"
	"io"
	"math"
	"math/bits"
	"strconv"

	"genoveil/genomics"
)

// A Cohort is a simulated one. It is a [genomics.Source] of its genotypes, and
// has the traits that go with them when all variants have been read. Its memory
// is some 40 bytes a sample, however many variants there are.
type Cohort struct {
	options Options
	samples []string
	sites   *sites
	at      site
	genomes *haplotypes
	missing stream

	genetic []float64 // every sample's sum over the causal variants so far
	causal  []Effect
}

// New returns the cohort described by the options, or an error that says which
// of them is out of range.
func New(o Options) (*Cohort, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	c := &Cohort{
		options: o,
		samples: make([]string, o.Samples),
		sites:   newSites(o),
		genomes: newHaplotypes(o),
		missing: newStream(o.Seed, missingStream),
		genetic: make([]float64, o.Samples),
	}
	width := len(strconv.Itoa(o.Samples))
	for i := range c.samples {
		c.samples[i] = fmt.Sprintf("S%0*d", width, i+1)
	}
	return c, nil
}

// Samples returns the sample names: S and a number with leading zeros.
func (c *Cohort) Samples() []string { return c.samples }

// Next simulates the next variant, see [genomics.Source].
func (c *Cohort) Next(v *genomics.Variant, row genomics.Row) error {
	if want := genomics.RowLen(c.options.Samples); len(row) != want {
		return fmt.Errorf("simulate: a row of %d bytes for %d samples; it must have %d", len(row), c.options.Samples, want)
	}
	if !c.sites.read(&c.at) {
		return io.EOF
	}
	c.genomes.advance(&c.at, row)
	if c.at.causal {
		c.addEffect(row)
	}
	c.loseCalls(row)
	*v = c.at.Variant
	return nil
}

// Skipped returns an empty map: simulated variants are all usable.
func (c *Cohort) Skipped() map[string]int { return map[string]int{} }

// Close does nothing.
func (c *Cohort) Close() error { return nil }

// addEffect makes the present site a causal one. Its effect is such that it
// explains its share of the variance: β²·2f(1−f) = heritability/causal variants.
func (c *Cohort) addEffect(row genomics.Row) {
	f := float64(c.at.alt) / frequencyUnit
	beta := math.Sqrt(c.options.Heritability / (float64(c.options.Causal) * (2 * f * (1 - f))))
	if c.sites.random.below(2) == 0 {
		beta = -beta
	}
	var effect [3]float64
	for g := range effect {
		effect[g] = beta * (float64(g) - 2*f) // 2f is exact, so fusing changes nothing
	}
	for i := range c.genetic {
		c.genetic[i] += effect[row.At(i)]
	}
	c.causal = append(c.causal, Effect{c.at.ID, c.at.Alt, beta})
}

// loseCalls makes calls missing, after the causal variants have had their
// effect: a failed assay does not change the body.
func (c *Cohort) loseCalls(row genomics.Row) {
	p := uint32(c.options.Missing * (1 << 32))
	for start := 0; p != 0 && start < len(c.samples); start += 64 {
		lost := c.missing.bernoulli(p)
		if left := len(c.samples) - start; left < 64 {
			lost &= 1<<left - 1
		}
		for ; lost != 0; lost &= lost - 1 {
			row.Set(start+bits.TrailingZeros64(lost), genomics.Missing)
		}
	}
}
