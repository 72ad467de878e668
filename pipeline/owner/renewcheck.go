package owner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"genoveil/genomics"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/private"
)

// RenewCheck gives the cohort's index new keys of the check, computed from the genotypes
// that were encrypted; the ciphertexts stay as they are. The check sums of the old keys
// say whether the genotypes are the same. The old index is kept under a further name,
// which is returned, for queries that are under way. Only Source or Dosages, Index,
// Threads and Progress of the job are used.
func (g *GenotypeJob) RenewCheck(ctx context.Context) (kept string, err error) {
	reader, encoding := g.reader()
	lock, err := atomicfile.TakeLock(g.Index)
	if err != nil {
		return "", err
	}
	defer lock.Release()
	old, err := private.OpenAnyIndex(g.Index)
	if err != nil {
		return "", err
	}
	defer old.Close()
	if err := old.Purpose.Need(g.Index, []format.Purpose{format.GWAS}); err != nil {
		return "", err
	}
	if old.Retired {
		return "", old.RetiredError()
	}
	if old.Genotypes != encoding {
		return "", fmt.Errorf("%s: is of %s; give the files and flags that the cohort was encrypted with", g.Index, old.Genotypes)
	}
	if !slices.Equal(old.Samples, reader.Samples()) {
		return "", fmt.Errorf("%s: has different samples; give the files and flags that the cohort was encrypted with", g.Index)
	}
	params, err := old.Params.Sums()
	if err != nil {
		return "", err
	}
	modulus, err := params.NewCheckModulus(len(old.Samples))
	if err != nil {
		return "", err
	}
	before, err := newCheck(modulus, old.MaskKey(), encoding)
	if err != nil {
		return "", err
	}
	header := old.Index
	header.Version, header.OldCheckKey, header.CheckID, header.Checks = max(old.Version, 2), nil, format.NewID(), nil
	if header.CheckKey, err = modulus.NewKey(len(old.Samples)); err != nil {
		return "", err
	}
	check, err := newCheck(modulus, header.CheckKey, encoding)
	if err != nil {
		return "", err
	}
	err = private.WriteIndex(g.Index, &header, func(w io.Writer) error {
		if err := g.renewBlocks(ctx, w, reader, old, before, check); err != nil {
			return err
		}
		kept, err = old.Keep()
		return err
	})
	return kept, err
}

// renewBlocks writes the variants of all blocks with the sums of a new check.
func (g *GenotypeJob) renewBlocks(ctx context.Context, w io.Writer, reader blockReader, old *private.IndexReader, before, check *check) error {
	differ := func(number int) error {
		return fmt.Errorf("the genotypes given are not those that were encrypted (block %d); give the files and flags that the cohort was encrypted with", number)
	}
	done := 0
	var males genomics.Mask
	if old.Version >= 3 {
		males = genomics.NewMask(len(old.Samples), func(i int) bool { return old.Sexes != nil && old.Sexes[i] == genomics.Male })
	}
	for number := 0; ; number++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		expected, errOld := old.NextBlock()
		if errOld != nil && !errors.Is(errOld, io.EOF) {
			return errOld
		}
		b, err := reader.next(old.Params.N())
		if errors.Is(err, io.EOF) && errors.Is(errOld, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if b != nil {
			b.males = males
		}
		if err != nil || errOld != nil || !slices.EqualFunc(b.Variants, expected.Variants, sameVariant) || !slices.Equal(b.tally(before, g.Threads), expected.Tallies) {
			return differ(number)
		}
		b.count(check, g.Threads)
		packed, err := b.Lines(max(old.Version, 2))
		if err != nil {
			return err
		}
		if _, err := w.Write(packed); err != nil {
			return err
		}
		done += len(b.Variants)
		g.Progress.Report(done, old.Variants)
	}
}

// sameVariant compares variants. Versions before kept unknown alleles as in VCF.
func sameVariant(a, b genomics.Variant) bool { return a.InVCF() == b.InVCF() }
