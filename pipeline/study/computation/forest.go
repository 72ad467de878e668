package computation

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"genoveil/genomics/meta"
	"genoveil/pipeline/study/protocol"
	"genoveil/secagg"
)

// A forest opens every site's own estimate at a few variants, to which every site consents.
// Each has slots of its own, where the others write zeros.
type forest struct {
	*tables
	leads [][]int32 // numbers in the lists of cells
	taken bool
}

// forestDeclared is what a site says: nothing beside its part.
type forestDeclared struct {
	Cohorts []string `json:"cohorts"` // of cells
}

const forestStage = "estimates"

// leastLeadFrequency keeps rare variants, which may be one family's, out of forest plots.
const leastLeadFrequency = 0.01

func newForest(s *Study) (*forest, error) { return &forest{tables: newTables(s)}, nil }

// find finds the leads in the list.
func (f *forest) find() error {
	if f.leads != nil {
		return nil
	}
	for i := range f.Analysis.Cells {
		l, err := f.list(f.Analysis.Cells[i].Ancestry)
		if err != nil {
			return err
		}
		found, err := l.Find(f.Analysis.Leads)
		if err != nil {
			return err
		}
		for _, v := range found {
			if af := l.AF(int(v)); !(min(af, 1-af) >= leastLeadFrequency) {
				return fmt.Errorf("variant %s has a frequency of %g in the list; a forest plot is of variants of %g or more", l.Variant(int(v)).ID, af, leastLeadFrequency)
			}
		}
		f.leads = append(f.leads, found)
	}
	return nil
}

func (f *forest) Dry() (*Dry, error) {
	if err := f.find(); err != nil {
		return nil, err
	}
	d := &Dry{}
	declared := forestDeclared{Cohorts: []string{}}
	for i := range f.Analysis.Cells {
		st, err := f.stratum(i)
		if err != nil {
			return nil, err
		}
		if st == nil {
			continue
		}
		declared.Cohorts = append(declared.Cohorts, st.Cohort)
		h, err := f.harmonised(i)
		if err != nil {
			return nil, err
		}
		found := 0
		var slot [meta.ForestWords]uint64
		for j, v := range f.leads[i] {
			if h.Estimates[v].Present {
				found++
			}
			if err := meta.EncodeForest(slot[:], &h.Estimates[v]); err != nil {
				return nil, fmt.Errorf("cell %s, variant %s: %w", f.Analysis.Cells[i].Name, f.Analysis.Leads[j], err)
			}
		}
		d.Lines = append(d.Lines, fmt.Sprintf("cell %s: %d of %d variants are in the table", f.Analysis.Cells[i].Name, found, len(f.leads[i])))
	}
	d.Declared = declared
	return d, nil
}

// Known says what becomes known to whom.
func (f *forest) Known() []string {
	return []string{"becomes known to " + strings.Join(f.Analysis.Recipients, ", ") + ": EACH site's OWN effect, standard error, N and frequency at these variants"}
}

func (f *forest) Begin(declared map[string]json.RawMessage) error {
	all, err := declarations[forestDeclared](declared)
	if err != nil {
		return err
	}
	for site, d := range all {
		if len(d.Cohorts) > len(f.Analysis.Cells) {
			return fmt.Errorf("%s declares more tables than there are cells", site)
		}
	}
	return f.find()
}

func (f *forest) Next() (protocol.Stage, error) {
	if f.taken {
		return protocol.Stage{}, nil
	}
	n := 0
	for i := range f.leads {
		n += f.size(i)
	}
	return protocol.Stage{Form: protocol.Sum, Name: forestStage, Width: secagg.Words64, Len: n}, nil
}

// size is how many words a cell has: for each of its sites, those of each variant.
func (f *forest) size(cell int) int {
	return len(f.Analysis.Cells[cell].Sites) * len(f.leads[cell]) * meta.ForestWords
}

func (f *forest) Write(at int, words []uint64) error {
	var all []uint64
	for i := range f.Analysis.Cells {
		section := make([]uint64, f.size(i))
		all = append(all, section...)
		h, err := f.harmonised(i)
		if err != nil {
			return err
		}
		if h == nil {
			continue
		}
		for k, site := range f.Analysis.Cells[i].Sites {
			if site != f.Name {
				continue
			}
			slot := all[len(all)-len(section)+k*len(f.leads[i])*meta.ForestWords:]
			for j, v := range f.leads[i] {
				if err := meta.EncodeForest(slot[j*meta.ForestWords:], &h.Estimates[v]); err != nil {
					return fmt.Errorf("variant %s: %w", f.Analysis.Leads[j], err)
				}
			}
		}
	}
	copy(words, all[at:])
	return nil
}

func (f *forest) Take(*protocol.Vector) error {
	f.taken = true
	return nil
}

// Check compares this site's own slots with what it wrote: the others have no business there.
func (f *forest) Check(total *protocol.Vector) error {
	at := 0
	for i := range f.Analysis.Cells {
		cell := &f.Analysis.Cells[i]
		size := len(f.leads[i]) * meta.ForestWords
		for _, site := range cell.Sites {
			if site == f.Name {
				own, there := make([]uint64, size), make([]uint64, size)
				if err := f.Write(at, own); err != nil {
					return err
				}
				if err := total.Read(at, there); err != nil {
					return err
				}
				if !slices.Equal(own, there) {
					return fmt.Errorf("the estimates of %s in the total are not those that it gave: another site has altered them", site)
				}
			}
			at += size
		}
	}
	return nil
}

func (f *forest) Statement() (any, error) {
	return nil, errors.New("a forest plot has no statements")
}
func (f *forest) Hear(map[string]json.RawMessage) error { return nil }
func (f *forest) Problems() []string                    { return nil }
func (f *forest) Review() []string                      { return nil }

// Result writes a table of the estimates of each cell.
func (f *forest) Result(prefix string, total *protocol.Vector, withoutOwn bool) (*Result, error) {
	if withoutOwn {
		return nil, errors.New("a forest plot has the estimates of each site by itself; leave out the own lines")
	}
	words := make([]uint64, total.Len)
	if err := total.Read(0, words); err != nil {
		return nil, err
	}
	r := &Result{}
	for i, cell := range f.Analysis.Cells {
		l, err := f.list(cell.Ancestry)
		if err != nil {
			return nil, err
		}
		section := words[:f.size(i)]
		words = words[f.size(i):]
		path := prefix + ".forest.tsv"
		if len(f.Analysis.Cells) > 1 {
			path = prefix + "." + cell.Name + ".forest.tsv"
		}
		err = writeNew(r, path, func(w io.Writer) error {
			t, err := meta.NewForestWriter(w, cell.Sites)
			if err != nil {
				return err
			}
			for j, v := range f.leads[i] {
				var estimates []meta.Estimate
				for k := range cell.Sites {
					e, err := meta.DecodeForest(section[(k*len(f.leads[i])+j)*meta.ForestWords:])
					if err != nil {
						return err
					}
					estimates = append(estimates, e)
				}
				if err := t.Write(l.Variant(int(v)), estimates); err != nil {
					return err
				}
			}
			return t.Flush()
		})
		if err != nil {
			return nil, err
		}
	}
	return r, nil
}
