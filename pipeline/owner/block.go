package owner

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/zeebo/xxh3"
	"golang.org/x/sync/errgroup"

	"genoveil/genomics"
	"genoveil/he"
	"genoveil/pipeline/format"
	"genoveil/pipeline/private"
)

// A block is up to N variants with the genotypes of all samples.
type block struct {
	private.IndexBlock
	samples int
	males   genomics.Mask // nil for an index that does not count them
	matrix  matrix
}

// A matrix is the genotypes of a block, one row a variant.
type matrix interface {
	// write feeds the first n rows to a hash.
	write(h io.Writer, n int)

	// tally counts rows from `from` on, one for each of tallies, and unless check is
	// nil sums their check values.
	tally(tallies []private.Tally, from int, check *check)

	// count counts the genotypes of some samples in a row, as tally does for all.
	count(row int, of genomics.Mask) genomics.Counts

	// width is the number of bytes of a chunk's genotypes in one row.
	width() int

	// copyChunk copies samples [from, to) of the first n rows to codes, width bytes
	// a row, in an order of its own. from is a multiple of ChunkSamples.
	copyChunk(codes []byte, n, from, to int)

	// fill sets values[j] to one plane's value of a sample of copied codes, for all n
	// rows.
	fill(values []int32, codes []byte, sample int, plane format.Plane)
}

// A check is the owner's secret for the checks of a cohort.
type check struct {
	modulus he.CheckModulus
	key     he.MaskKey

	subsets [][16][he.Masks]uint64 // of four samples each: Σ κ over every subset, not reduced
	total   [he.Masks]uint64       // Σ κ, not reduced
}

// newCheckKey draws the secret of the check, and a name for it. A cohort for scoring
// has none: its answers are sums over variants, which no such key covers
// (docs/security.md).
func (g *GenotypeJob) newCheckKey(samples int) (id string, key he.MaskKey, err error) {
	if g.Purpose != format.GWAS {
		return "", nil, nil
	}
	params, err := g.Params.Sums()
	if err != nil {
		return "", nil, err
	}
	modulus, err := params.NewCheckModulus(samples)
	if err != nil {
		return "", nil, err
	}
	key, err = modulus.NewKey(samples)
	return format.NewID(), key, err
}

// newCheck prepares the check with a key of newCheckKey: nil for scoring.
func (g *GenotypeJob) newCheck(key he.MaskKey, encoding format.Encoding) (*check, error) {
	if g.Purpose != format.GWAS {
		return nil, nil
	}
	params, err := g.Params.Sums()
	if err != nil {
		return nil, err
	}
	modulus, err := params.NewCheckModulus(len(key))
	if err != nil {
		return nil, err
	}
	return newCheck(modulus, key, encoding)
}

// newCheck prepares sums of κ < P for hard calls. They must fit 64 bits, which they
// do for 33 million samples: P < 8191³ < 2^39.
func newCheck(modulus he.CheckModulus, key he.MaskKey, encoding format.Encoding) (*check, error) {
	c := &check{modulus: modulus, key: key}
	if encoding != format.HardCalls {
		return c, nil
	}
	if uint64(len(key)) > math.MaxUint64/modulus.P {
		return nil, fmt.Errorf("%d samples are too many for one cohort of hard calls; encrypt them as several", len(key))
	}
	for four := range slices.Chunk(key, 4) {
		var sums [16][he.Masks]uint64
		for set := range sums {
			for i, k := range four {
				for r := range k {
					sums[set][r] += k[r] * uint64(set>>i&1)
				}
			}
		}
		c.subsets = append(c.subsets, sums)
		for r, k := range sums[15] {
			c.total[r] += k
		}
	}
	return c, nil
}

// A blockReader reads blocks of up to n variants, and io.EOF after the last.
type blockReader interface {
	Samples() []string
	next(n int) (*block, error)
}

// readRows collects up to n variants into a block: read is called with the number
// of rows read so far and returns io.EOF after the last variant.
func readRows(n, samples int, read func(row int, v *genomics.Variant) error) (*block, error) {
	b := &block{samples: samples}
	for len(b.Variants) < n {
		var v genomics.Variant
		err := read(len(b.Variants), &v)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		b.Variants = append(b.Variants, v)
	}
	if len(b.Variants) == 0 {
		return nil, io.EOF
	}
	return b, nil
}

// grow makes room for a row of size elements after `rows` rows, doubling up to n
// rows: most inputs end in their first block.
func grow[T byte | uint16](a []T, rows, size, n int) []T {
	if (rows+1)*size <= len(a) {
		return a
	}
	return append(a, make([]T, min(max(64*size, len(a)), n*size-len(a)))...)
}

// digest identifies the block's content, so that a continued encryption notices
// a changed input. That includes the sexes where they matter.
func (b *block) digest() string {
	h := xxh3.New()
	for i := range b.Variants {
		v := b.Variants[i].InVCF() // as versions before kept unknown alleles
		fmt.Fprintf(h, "%s\t%d\t%s\t%s\t%s\n", v.Chrom, v.Pos, v.ID, v.Ref, v.Alt)
	}
	b.matrix.write(h, len(b.Variants))
	if slices.ContainsFunc(b.Variants, func(v genomics.Variant) bool { return genomics.PloidyOf(v.Chrom).BySex() }) {
		h.Write(b.males)
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// count tallies every variant, in parallel.
func (b *block) count(check *check, threads int) { b.Tallies = b.tally(check, threads) }

func (b *block) tally(check *check, threads int) []private.Tally {
	tallies := make([]private.Tally, len(b.Variants))
	var group errgroup.Group
	group.SetLimit(threads)
	const rows = 2 * tallyRows
	for from := 0; from < len(tallies); from += rows {
		group.Go(func() error {
			part := tallies[from:min(from+rows, len(tallies))]
			b.matrix.tally(part, from, check)
			for i := range part {
				if b.males != nil && genomics.PloidyOf(b.Variants[from+i].Chrom).BySex() {
					part[i].Males = b.matrix.count(from+i, b.males)
				}
			}
			return nil
		})
	}
	group.Wait()
	return tallies
}

// missing counts the samples without a call of a variant; on Y, those among males.
func (b *block) missing(j int) int {
	if genomics.PloidyOf(b.Variants[j].Chrom) == genomics.YLinked {
		return b.Tallies[j].Males[genomics.Missing]
	}
	return b.Tallies[j].Counts[genomics.Missing]
}

// needed lists those of all planes that the block needs: all, or all but Missing,
// the last.
func (b *block) needed(all []format.Plane) []format.Plane {
	for j := range b.Tallies {
		if b.Tallies[j].Counts[genomics.Missing] > 0 {
			return all
		}
	}
	return all[:len(all)-1]
}

// planeRow fills values with one sample's plane values; positions beyond the
// block's variants are zero.
func (b *block) planeRow(values []int32, codes []byte, sample int, plane format.Plane) {
	b.matrix.fill(values[:len(b.Variants)], codes, sample, plane)
	clear(values[len(b.Variants):])
}
