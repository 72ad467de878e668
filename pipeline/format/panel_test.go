package format

import (
	"testing"

	"genoveil/genomics"
)

// TestUnknownAlleles demands that an allele which a PLINK 1 fileset does not know is the
// same as in lists of versions that kept it as in VCF.
func TestUnknownAlleles(t *testing.T) {
	now, before := genomics.Variant{Chrom: "1", Pos: 7, ID: "rs1", Ref: "0", Alt: "0"}, genomics.Variant{Chrom: "1", Pos: 7, ID: "rs1", Ref: "N", Alt: "."}
	other := genomics.Variant{Chrom: "1", Pos: 7, ID: "rs1", Ref: "A", Alt: "."}
	digest := func(v genomics.Variant) string {
		d := NewPanelDigest()
		d.Add(&v)
		sum := d.Sum()
		return string(sum[:])
	}
	if digest(now) != digest(before) || digest(now) == digest(other) {
		t.Error("digests of lists are wrong")
	}
}
