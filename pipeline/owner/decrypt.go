package owner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"genoveil/genomics"
	"genoveil/he"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/private"
	"genoveil/pipeline/progress"
)

// A Decryption turns encrypted sums into exact integers, block by block.
type Decryption struct {
	Sums     *format.Sums
	Index    *private.IndexReader
	Query    *private.Query
	Secret   *he.SecretKey
	Threads  int
	Report   string        // file to write where the check fails
	Progress progress.Func // variants
}

// BlockSums are the decrypted sums of one block: for every plane and column
// (numbered as in Query.Columns) one value a variant.
type BlockSums map[format.Plane]map[int][]int64

// at returns one sum, zero where the block has no such plane.
func (s BlockSums) at(plane format.Plane, column, j int) int64 {
	if values, ok := s[plane][column]; ok {
		return values[j]
	}
	return 0
}

// CheckFailedSuffix ends the names of reports.
const CheckFailedSuffix = ".check-failed"

// CheckFailed reports that sums are not what the owner's checksums say, and nothing
// else: where they failed tells a site that made them about the secret key.
type CheckFailed struct {
	report string // file that says where
	blocks []int
}

func (e *CheckFailed) Error() string {
	return fmt.Sprintf("check failed: the sums are not those of this query on this cohort. No table was written, only %s, which is as secret as the key. Tell nobody before you have read \"When the check fails\" in docs/security.md", e.report)
}

// write makes the report.
func (e *CheckFailed) write(name string, blocks int) error {
	var text strings.Builder
	fmt.Fprintf(&text, `This file is as secret as secret.key. A compute site that made the sums on purpose can
work out bits of the key from it. Do not send it to anybody, and delete it once you know
the cause. See "When the check fails" in docs/security.md.

file %s
blocks that failed, of %d:
`, name, blocks)
	for _, b := range e.blocks {
		fmt.Fprintln(&text, b)
	}
	return atomicfile.Write(e.report, []byte(text.String()), 0o600)
}

// check refuses files that do not belong together, and incomplete sums.
func (d *Decryption) check() error {
	s, name := d.Sums, d.Sums.File.Name()
	switch {
	case s.Cohort != d.Index.Cohort:
		return fmt.Errorf("%s: comes from a different cohort than %s", name, d.Index.Path)
	case d.Query.Cohort != d.Index.Cohort:
		return fmt.Errorf("the query is for a different cohort than %s", d.Index.Path)
	case d.Query.CheckID != d.Index.CheckID:
		return fmt.Errorf("%s: is not the index that this query was encrypted with: the check was renewed between them. Give that one; a renewal keeps it as FILE.index.before-1, -2 and so on", d.Index.Path)
	case s.QueryID != d.Query.QueryID || s.Traits != d.Query.Traits:
		return fmt.Errorf("%s: answers a different query", name)
	case format.NewKeyID(d.Secret.ID()) != d.Index.KeyID:
		return fmt.Errorf("the secret key is not the one that the cohort was encrypted with (key %s, cohort %s)", format.NewKeyID(d.Secret.ID()), d.Index.KeyID)
	case !s.Params.Params().Equal(d.Index.Params) || s.Samples != len(d.Index.Samples) || !format.EqualBlocks(s.Blocks, d.Index.Blocks):
		return fmt.Errorf("%s: does not have the shape of the cohort", name)
	}
	if !format.EqualSections(s.Sections, d.Query.SiteSections()) {
		return fmt.Errorf("%s: does not have the columns of the query", name)
	}
	if missing := s.Missing(); missing != "" {
		return fmt.Errorf("%s: %s; merge the missing shards first", name, missing)
	}
	return nil
}

// Each decrypts and verifies block by block and calls visit for each. Once a
// block fails its check, the rest are only checked, so that the report can name
// all that failed; visit's output must then be thrown away.
func (d *Decryption) Each(ctx context.Context, visit func(b *private.IndexBlock, number int, sums BlockSums) error) error {
	if err := d.check(); err != nil {
		return err
	}
	params, err := d.Index.Params.Sums()
	if err != nil {
		return err
	}
	decryptor, err := he.NewSumDecryptor(params, d.Secret)
	if err != nil {
		return err
	}
	modulus, err := params.NewCheckModulus(len(d.Index.Samples))
	if err != nil {
		return err
	}
	failed := &CheckFailed{report: d.Report}
	done := 0
	for number := range d.Sums.Blocks {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := d.Index.NextBlock()
		if err != nil {
			return err
		}
		done += len(b.Variants)
		sums, err := d.block(ctx, decryptor, modulus, number, b)
		if err == nil && len(failed.blocks) == 0 {
			err = visit(b, number, sums)
		}
		switch {
		case errors.Is(err, he.ErrDamaged), errors.As(err, new(genomics.Contradiction)):
			// A contradiction is in sums that passed the check but are impossible: the message
			// must not say what they decoded to.
			failed.blocks = append(failed.blocks, number)
		case err != nil:
			return err
		}
		d.Progress.Report(done, d.Index.Variants)
	}
	if len(failed.blocks) > 0 {
		return errors.Join(failed, failed.write(d.Sums.File.Name(), len(d.Sums.Blocks)))
	}
	return nil
}

// block decrypts one block and verifies it.
func (d *Decryption) block(ctx context.Context, decryptor *he.SumDecryptor, modulus he.CheckModulus, number int, b *private.IndexBlock) (BlockSums, error) {
	decoded, err := d.decode(ctx, decryptor, number)
	if err != nil {
		return nil, err
	}
	sums := BlockSums{}
	for _, section := range d.Query.Sections {
		if number < section.From || number >= section.To {
			continue
		}
		// The owner's index says which planes the block has, not the compute site.
		for p, plane := range d.Index.Genotypes.Planes() {
			query := section.Planes[plane]
			if query == nil || !slices.Contains(d.Index.Blocks[number].Planes, plane) {
				continue
			}
			byPosition := decoded[plane]
			if sums[plane] == nil {
				sums[plane] = map[int][]int64{}
			}
			var inOrder, digits [][]int64
			for _, c := range query.Columns {
				values := byPosition[d.Query.Columns[c].Position]
				sums[plane][c] = values
				inOrder = append(inOrder, values)
			}
			for _, position := range query.Digits {
				digits = append(digits, byPosition[position])
			}
			expected := make([][he.Masks]uint64, len(b.Tallies))
			for j := range b.Tallies {
				expected[j] = b.Tallies[j].Check[p]
			}
			if err := modulus.Verify(d.Index.Params.N(), query.Check, digits, expected, inOrder); err != nil {
				return nil, err
			}
		}
	}
	return sums, nil
}

// A blockColumn is one column against one plane of a block.
type blockColumn struct {
	plane  format.Plane
	column int // position
}

// decode decrypts all sums of a block, in parallel, by plane and position, and adds the
// batches. All are read before the first is decrypted. So a chunk that cannot be read
// has the same error whatever the others decrypt to: which of the two comes first would
// tell a site about the key.
func (d *Decryption) decode(ctx context.Context, decryptor *he.SumDecryptor, number int) (map[format.Plane]map[int][]int64, error) {
	var wanted []blockColumn
	decoded := map[format.Plane]map[int][]int64{}
	for _, plane := range d.Sums.Blocks[number].Planes {
		decoded[plane] = map[int][]int64{}
		for _, column := range format.ColumnsOf(d.Sums.Sections, number, plane) {
			wanted = append(wanted, blockColumn{plane, column})
		}
	}
	unreadable := make([]error, len(wanted))
	d.parallel(ctx, len(wanted), func(i int) error {
		for _, batch := range d.Sums.Batches() {
			if _, err := d.Sums.Read(format.SumEntry{Batch: batch, Block: number, Plane: wanted[i].plane, Column: wanted[i].column}); err != nil {
				unreadable[i] = err
				break
			}
		}
		return nil
	})
	if err := cmp.Or(unreadable...); err != nil {
		return nil, err
	}
	var mu sync.Mutex
	err := d.parallel(ctx, len(wanted), func(i int) error {
		w, total := wanted[i], make([]int64, d.Sums.Params.N())
		for _, batch := range d.Sums.Batches() {
			sum, err := d.Sums.Read(format.SumEntry{Batch: batch, Block: number, Plane: w.plane, Column: w.column})
			if err != nil {
				return he.ErrDamaged // somebody changed the file meanwhile
			}
			samples := min(d.Sums.Samples-batch*d.Sums.Params.Batch(), d.Sums.Params.Batch())
			values, err := decryptor.Decode(sum, samples)
			if err != nil {
				return err
			}
			for j, x := range values {
				total[j] += x
			}
		}
		mu.Lock()
		defer mu.Unlock()
		decoded[w.plane][w.column] = total
		return nil
	})
	return decoded, err
}

// parallel calls do for 0 … n−1 until ctx ends. It goes on where one fails: when it ends
// says nothing of where that was.
func (d *Decryption) parallel(ctx context.Context, n int, do func(i int) error) error {
	var tasks errgroup.Group
	tasks.SetLimit(d.Threads)
	for i := range n {
		tasks.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return do(i)
		})
	}
	return tasks.Wait()
}
