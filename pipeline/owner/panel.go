package owner

import (
	"context"
	"errors"
	"slices"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/panel"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/private"
)

// WritePanel writes the variants of an index as a list, compressed if its name ends in
// .gz, and returns their number. build names the genome assembly, if it is known.
func WritePanel(ctx context.Context, index, path, build string) (int, error) {
	// The list's header names the chromosomes.
	var chromosomes []string
	_, err := private.EachVariant(ctx, index, func(v *genomics.Variant) error {
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
	n, err := private.EachVariant(ctx, index, w.Write)
	if err = errors.Join(err, w.Close()); err != nil {
		return 0, err
	}
	return n, f.Commit()
}
