package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/zeebo/blake3"

	"genoveil/genomics"
	"genoveil/genomics/panel"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/chunkfile"
)

// A panelDigest identifies a list of variants.
type panelDigest struct{ h *blake3.Hasher }

func newPanelDigest() panelDigest { return panelDigest{blake3.New()} }

func (d panelDigest) add(variant *genomics.Variant) {
	v := variant.InVCF() // as lists are
	fmt.Fprintf(d.h, "%s\t%d\t%s\t%s\n", v.Chrom, v.Pos, v.Ref, v.Alt)
}

func (d panelDigest) sum() (f chunkfile.Fingerprint) {
	d.h.Sum(f[:0])
	return f
}

// CheckPanel refuses a list that is not of the cohort's variants in the cohort's order.
func (c *Cohort) CheckPanel(list *panel.List) error {
	digest := newPanelDigest()
	for i := range list.Variants {
		digest.add(&list.Variants[i])
	}
	if c.Panel == nil || digest.sum() != *c.Panel {
		return fmt.Errorf("%s: is not the list of this cohort's variants; ask its owner for what 'genoveil panel' writes", list.Path)
	}
	return nil
}

// WritePanel writes the variants of an index as a list, compressed if its name ends in
// .gz, and returns their number. build names the genome assembly, if it is known.
func WritePanel(ctx context.Context, index, path, build string) (int, error) {
	// The list's header names the chromosomes.
	var chromosomes []string
	_, err := eachVariant(ctx, index, func(v *genomics.Variant) error {
		if !slices.Contains(chromosomes, v.Chrom) {
			chromosomes = append(chromosomes, v.Chrom)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	f, err := atomicfile.Create(path, 0o666)
	if err != nil {
		return 0, err
	}
	defer f.Abort()
	w := panel.NewWriter(f, strings.HasSuffix(path, ".gz"), build, chromosomes)
	n, err := eachVariant(ctx, index, w.Write)
	if err = errors.Join(err, w.Close()); err != nil {
		return 0, err
	}
	return n, f.Commit()
}

// eachVariant visits the variants of the index of a cohort for scores.
func eachVariant(ctx context.Context, index string, visit func(v *genomics.Variant) error) (int, error) {
	r, err := OpenIndex(index, Score)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	for {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		b, err := r.nextBlock()
		if errors.Is(err, io.EOF) {
			return r.Variants, nil
		}
		if err != nil {
			return 0, err
		}
		for i := range b.variants {
			if err := visit(&b.variants[i]); err != nil {
				return 0, err
			}
		}
	}
}

// AllVariants reads the variants of an index.
func (r *IndexReader) AllVariants(ctx context.Context) ([]genomics.Variant, error) {
	var all []genomics.Variant
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b, err := r.nextBlock()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, b.variants...)
	}
}
