package meta

import (
	"errors"
	"io"
	"math"

	"genoveil/genomics/ssf"
)

// NewSSFWriter begins a table in the GWAS Catalog's GWAS-SSF v1.0, with the positions of a
// build. Its mandatory fields may not be empty, so it leaves out variants without a
// position on the build, and chromosomes other than 1 to 22, X, Y and MT. It needs effects
// and frequencies, which SampleSize and the core sums do not give.
func NewSSFWriter(w io.Writer, s *Study, build Build) (*Writer, error) {
	if s.Scheme != StdErr || s.Core {
		return nil, errors.New("GWAS-SSF needs effects and frequencies; add up w, w·β and w·f")
	}
	place := func(r *Row) int {
		if build == GRCh37 {
			return r.Variant.Pos37
		}
		return r.Variant.Pos38
	}
	t, err := newWriter(w, []column{
		integer("chromosome", func(r *Row) int { return ssf.Chromosome(r.Variant.Chrom) }),
		integer("base_pair_location", place),
		texts("effect_allele", alt), texts("other_allele", ref),
		general("beta", effect), general("standard_error", stdErr), general("effect_allele_frequency", frequency),
		pColumn("p_value", 6),
		{"variant_id", func(line []byte, r *Row) []byte {
			return ssf.AppendVariantID(line, ssf.Chromosome(r.Variant.Chrom), place(r), r.Variant.Ref, r.Variant.Alt)
		}},
		texts("rsid", func(r *Row) string { return ssf.RSID(r.Variant.ID) }),
		texts("ref_allele", func(*Row) string { return "OA" }),
		integer("n", total.samples),
		{"info", func(line []byte, r *Row) []byte {
			if math.IsNaN(r.Total.Info) {
				return append(line, ssf.Missing...)
			}
			return appendNumber(line, min(r.Total.Info, 1), 'g', 6)
		}},
		integer("n_studies", total.sites),
	})
	if err == nil {
		t.keep = func(r *Row) bool { return place(r) > 0 && ssf.Chromosome(r.Variant.Chrom) > 0 }
	}
	return t, err
}
