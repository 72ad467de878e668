package owner

import (
	"testing"

	"genoveil/genomics"
)

// TestUnknownAlleles demands that an allele which a PLINK 1 fileset does not know is the
// same as in indexes of versions that kept it as in VCF.
func TestUnknownAlleles(t *testing.T) {
	now, before := genomics.Variant{Chrom: "1", Pos: 7, ID: "rs1", Ref: "0", Alt: "0"}, genomics.Variant{Chrom: "1", Pos: 7, ID: "rs1", Ref: "N", Alt: "."}
	other := genomics.Variant{Chrom: "1", Pos: 7, ID: "rs1", Ref: "A", Alt: "."}
	if !sameVariant(now, before) || sameVariant(now, other) {
		t.Error("variants are compared wrongly")
	}
}
