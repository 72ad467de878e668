package format

import (
	"fmt"

	"github.com/zeebo/blake3"

	"genoveil/genomics"
	"genoveil/genomics/panel"
	"genoveil/pipeline/chunkfile"
)

// A panelDigest identifies a list of variants.
type panelDigest struct{ h *blake3.Hasher }

func NewPanelDigest() panelDigest { return panelDigest{blake3.New()} }

func (d panelDigest) Add(variant *genomics.Variant) {
	v := variant.InVCF() // as lists are
	fmt.Fprintf(d.h, "%s\t%d\t%s\t%s\n", v.Chrom, v.Pos, v.Ref, v.Alt)
}

func (d panelDigest) Sum() (f chunkfile.Fingerprint) {
	d.h.Sum(f[:0])
	return f
}

// CheckPanel refuses a list that is not of the cohort's variants in the cohort's order.
func (c *Cohort) CheckPanel(list *panel.List) error {
	digest := NewPanelDigest()
	for i := range list.Variants {
		digest.Add(&list.Variants[i])
	}
	if c.Panel == nil || digest.Sum() != *c.Panel {
		return fmt.Errorf("%s: is not the list of this cohort's variants; ask its owner for what 'genoveil panel' writes", list.Path)
	}
	return nil
}
