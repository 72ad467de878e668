package genomics

// haploid knows which of the kept samples have one copy of a chromosome.
type haploid struct {
	allDiploid bool
	sexes      []Sex
	males      Mask
	females    Mask
	maleCount  int
	all        Mask

	chromosome string // asked about last
	last       Ploidy
	notes      map[Ploidy]*HaploidNotes
}

// HaploidNotes say what a source had on a chromosome of which samples may have one copy.
type HaploidNotes struct {
	Variants int
	Hets     int     // heterozygous calls of one copy, which were made missing
	First    Variant // the first with such a call
}

func newHaploid(allDiploid bool, sexes []Sex, kept []int, samples int) *haploid {
	if sexes != nil && kept != nil {
		all := sexes
		sexes = make([]Sex, len(kept))
		for i, at := range kept {
			sexes[i] = all[at]
		}
	}
	h := &haploid{allDiploid: allDiploid, sexes: sexes, notes: map[Ploidy]*HaploidNotes{}}
	h.males = NewMask(samples, func(i int) bool { return sexes != nil && sexes[i] == Male })
	h.females = NewMask(samples, func(i int) bool { return sexes != nil && sexes[i] == Female })
	h.maleCount = h.males.Len()
	h.all = NewMask(samples, func(int) bool { return true })
	return h
}

// ploidy is that of a variant's chromosome. Variants of one stand together.
func (h *haploid) ploidy(v *Variant) Ploidy {
	if h.allDiploid {
		return Diploid
	}
	if v.Chrom != h.chromosome {
		h.chromosome, h.last = v.Chrom, PloidyOf(v.Chrom)
	}
	if h.last != Diploid {
		h.note(h.last).Variants++
	}
	return h.last
}

// anySex reports whether the sex of a sample is known.
func (h *haploid) anySex() bool { return h.maleCount > 0 || h.females.Len() > 0 }

func (h *haploid) note(p Ploidy) *HaploidNotes {
	if h.notes[p] == nil {
		h.notes[p] = new(HaploidNotes)
	}
	return h.notes[p]
}

// dropHets makes heterozygous calls of one copy missing, and counts them.
func (h *haploid) dropHets(v *Variant, row Row) Ploidy {
	p := h.ploidy(v)
	mask := h.males
	switch p {
	case Diploid:
		return p
	case Mitochondrial:
		mask = h.all
	}
	if n := mask.DropHets(row); n > 0 {
		note := h.note(p)
		if note.Hets == 0 {
			note.First = *v
		}
		note.Hets += n
	}
	return p
}

// Sexes are those of the kept samples, nil where they are not known.
func (s *selection) Sexes() []Sex { return s.haploid.sexes }

// HaploidNotes say what there was on a chromosome so far; nil for nothing.
func (s *selection) HaploidNotes(p Ploidy) *HaploidNotes { return s.haploid.notes[p] }
