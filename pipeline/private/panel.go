package private

import (
	"context"
	"errors"
	"io"

	"genoveil/genomics"
	"genoveil/pipeline/format"
)

// EachVariant visits the variants of the index of a cohort for scores.
func EachVariant(ctx context.Context, index string, visit func(v *genomics.Variant) error) (int, error) {
	r, err := OpenIndex(index, format.Score)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	for {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		b, err := r.NextBlock()
		if errors.Is(err, io.EOF) {
			return r.Variants, nil
		}
		if err != nil {
			return 0, err
		}
		for i := range b.Variants {
			if err := visit(&b.Variants[i]); err != nil {
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
		b, err := r.NextBlock()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, b.Variants...)
	}
}
