package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"genoveil/genomics"
	"genoveil/he"
	"genoveil/pipeline/atomicfile"
)

// RenewCheck gives the cohort's index new keys of the check, computed from the genotypes
// that were encrypted; the ciphertexts stay as they are. The check sums of the old keys
// say whether the genotypes are the same. The old index is kept under a further name,
// which is returned, for queries that are under way. Only Source or Dosages, Index,
// Threads and Progress of the job are used.
func (g *GenotypeJob) RenewCheck(ctx context.Context) (kept string, err error) {
	reader, encoding := g.reader()
	lock, err := TakeLock(g.Index)
	if err != nil {
		return "", err
	}
	defer lock.Release()
	old, err := openIndex(g.Index)
	if err != nil {
		return "", err
	}
	defer old.Close()
	if err := old.Purpose.need(g.Index, []Purpose{GWAS}); err != nil {
		return "", err
	}
	if old.Retired {
		return "", old.retired()
	}
	if old.Genotypes != encoding {
		return "", fmt.Errorf("%s: is of %s; give the files and flags that the cohort was encrypted with", g.Index, old.Genotypes)
	}
	if !slices.Equal(old.Samples, reader.Samples()) {
		return "", fmt.Errorf("%s: is of other samples; give the files and flags that the cohort was encrypted with", g.Index)
	}
	modulus, err := old.Params.NewCheckModulus(len(old.Samples))
	if err != nil {
		return "", err
	}
	before, err := newCheck(modulus, old.maskKey(), encoding)
	if err != nil {
		return "", err
	}
	header := old.Index
	header.Version, header.OldCheckKey, header.CheckID, header.Checks = indexVersion, nil, newID(), nil
	if header.CheckKey, err = modulus.NewKey(len(old.Samples)); err != nil {
		return "", err
	}
	check, err := newCheck(modulus, header.CheckKey, encoding)
	if err != nil {
		return "", err
	}
	err = writeIndex(g.Index, &header, func(w io.Writer) error {
		if err := g.renewBlocks(ctx, w, reader, old, before, check); err != nil {
			return err
		}
		kept, err = old.keep()
		return err
	})
	return kept, err
}

// maskKey is the key of the check, in version 1 with one κ.
func (x *Index) maskKey() he.MaskKey {
	if x.Version > 1 {
		return x.CheckKey
	}
	key := make(he.MaskKey, len(x.OldCheckKey))
	for i, k := range x.OldCheckKey {
		key[i][0] = k
	}
	return key
}

// renewBlocks writes the variants of all blocks with the sums of a new check.
func (g *GenotypeJob) renewBlocks(ctx context.Context, w io.Writer, reader blockReader, old *IndexReader, before, check *check) error {
	differ := func(number int) error {
		return fmt.Errorf("the genotypes given are not those that were encrypted (block %d); give the files and flags that the cohort was encrypted with", number)
	}
	done := 0
	for number := 0; ; number++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		expected, errOld := old.nextBlock()
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
		if err != nil || errOld != nil || !slices.EqualFunc(b.variants, expected.variants, sameVariant) || !slices.Equal(b.tally(before, g.Threads), expected.tallies) {
			return differ(number)
		}
		b.count(check, g.Threads)
		packed, err := b.lines()
		if err != nil {
			return err
		}
		if _, err := w.Write(packed); err != nil {
			return err
		}
		done += len(b.variants)
		g.Progress.report(done, old.Variants)
	}
}

// sameVariant compares variants. Versions before kept unknown alleles as in VCF.
func sameVariant(a, b genomics.Variant) bool { return a.InVCF() == b.InVCF() }

// keep writes the index, marked as retired, under the first free name FILE.before-1,
// FILE.before-2, ….
func (r *IndexReader) keep() (string, error) {
	for i := 1; ; i++ {
		name := fmt.Sprintf("%s.before-%d", r.path, i)
		if _, err := os.Lstat(name); err == nil {
			continue
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		// Of a command that was killed here.
		if err := atomicfile.Clean(name); err != nil {
			return "", err
		}
		header := r.Index
		header.Retired = true
		return name, writeIndex(name, &header, r.copyVariants)
	}
}

// retired refuses an index that is kept for queries of before.
func (r *IndexReader) retired() error {
	return fmt.Errorf("%s: is from before the check was renewed, and serves queries of then; give the index that took its place", r.path)
}
