package pipeline

import (
	"fmt"

	"github.com/zeebo/blake3"

	"genoveil/genomics"
	"genoveil/pipeline/chunkfile"
)

type panelDigest struct{ h *blake3.Hasher }

func newPanelDigest() *panelDigest { return &panelDigest{blake3.New()} }

func (d *panelDigest) add(v *genomics.Variant) {
	fmt.Fprintf(d.h, "%s\t%d\t%s\t%s\n", v.Chrom, v.Pos, v.Ref, v.Alt)
}

func (d *panelDigest) sum() (f chunkfile.Fingerprint) {
	d.h.Sum(f[:0])
	return f
}
