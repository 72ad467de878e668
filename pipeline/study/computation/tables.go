package computation

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"

	"genoveil/genomics/meta"
	"genoveil/genomics/sumstats"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/home"
	"genoveil/pipeline/study/sitefile"
)

// tables are a site's summary statistics for one trait, a table a cell, and the study's
// list of variants in the ancestry of each.
type tables struct {
	*Study
	trait charter.Trait

	lists map[string]*meta.List // by ancestry
	own   []*meta.Harmonised    // of cells, read when they are needed

	// lambdas are the genomic control of each table, as METAL has it: of all that the
	// charter's filters leave, also of what is too rare to be contributed.
	lambdas []float64
}

// scheme is how sites are weighed.
func (t *tables) scheme() meta.Scheme {
	if t.Analysis.Scheme == charter.SampleSize {
		return meta.SampleSize
	}
	return meta.StdErr
}

func newTables(s *Study) *tables {
	trait, _ := s.Charter.Trait(s.Analysis.Trait)
	return &tables{Study: s, trait: trait, lists: map[string]*meta.List{}}
}

// stratum has the table of a cell, nil where the site has no part in it.
func (t *tables) stratum(cell int) (*sitefile.Stratum, error) {
	c := &t.Analysis.Cells[cell]
	if !t.contributes(c) {
		return nil, nil
	}
	return t.Site.Find(c, "a table of "+t.trait.Name, func(st *sitefile.Stratum) bool { return st.Tables[t.trait.Name].File != "" })
}

// Inputs stand for the tables and how they are read.
func (t *tables) Inputs() ([]byte, error) {
	var files []string
	settings := []sitefile.Table{}
	for c := range t.Analysis.Cells {
		st, err := t.stratum(c)
		if err != nil {
			return nil, err
		}
		if st != nil {
			table := st.Tables[t.trait.Name]
			files, settings = append(files, table.File), append(settings, table)
		}
	}
	return t.Site.Pledge(files, settings)
}

// used is what the ledger is to know of a table.
func (t *tables) used(cell *charter.Cell, st *sitefile.Stratum, samples int) (home.Used, error) {
	table := st.Tables[t.trait.Name]
	digest, err := t.Site.Digest(table.File)
	if err != nil {
		return home.Used{}, err
	}
	as, err := json.Marshal([]any{table, t.Charter.Filters, t.Charter.Variants, cell.Ancestry})
	if err != nil {
		return home.Used{}, err
	}
	sum := sha256.Sum256(as)
	return home.Used{Units: t.ownUnits(cell), Label: "the table of " + t.trait.Name, File: digest, As: hex.EncodeToString(sum[:]), Samples: samples}, nil
}

// list is the study's list of variants, with the frequencies of an ancestry.
func (t *tables) list(ancestry string) (*meta.List, error) {
	if l := t.lists[ancestry]; l != nil {
		return l, nil
	}
	l, err := openList(t.Study, ancestry)
	t.lists[ancestry] = l
	if err == nil {
		err = t.keepLength(l.Len())
	}
	return l, err
}

// lengthSuffix ends the name of a file beside the home's copy of the list. It has the number
// of variants, for rounds that ask for nothing else: a list of millions takes ten seconds to
// read.
const lengthSuffix = ".length"

// length is how many variants the list has.
func (t *tables) length() (int, error) {
	path, err := t.File(t.Charter.Variants)
	if err != nil {
		return 0, err
	}
	text, err := os.ReadFile(path + lengthSuffix)
	if err == nil {
		if n, err := strconv.Atoi(string(text)); err == nil {
			return n, nil
		}
	}
	l, err := t.any()
	if err != nil {
		return 0, err
	}
	return l.Len(), nil
}

func (t *tables) keepLength(n int) error {
	path, err := t.File(t.Charter.Variants)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path + lengthSuffix); err == nil {
		return nil
	}
	return atomicfile.Write(path+lengthSuffix, []byte(strconv.Itoa(n)), 0o600)
}

func openList(s *Study, ancestry string) (*meta.List, error) {
	path, err := s.File(s.Charter.Variants)
	if err != nil {
		return nil, err
	}
	return meta.OpenList(path, ancestry)
}

// any is some list, for what does not depend on the ancestry.
func (t *tables) any() (*meta.List, error) { return t.list(t.Analysis.Cells[0].Ancestry) }

// harmonised is the site's table of a cell, nil where it has no part in it.
func (t *tables) harmonised(cell int) (*meta.Harmonised, error) {
	if t.own == nil {
		cells := len(t.Analysis.Cells)
		t.own, t.lambdas = make([]*meta.Harmonised, cells), make([]float64, cells)
	}
	if h := t.own[cell]; h != nil {
		return h, nil
	}
	st, err := t.stratum(cell)
	if st == nil || err != nil {
		return nil, err
	}
	l, err := t.list(t.Analysis.Cells[cell].Ancestry)
	if err != nil {
		return nil, err
	}
	table := st.Tables[t.trait.Name]
	r, err := sumstats.Open(t.Site.Path(table.File), sumstats.Options{Columns: table.Columns.Sumstats(), SEFromP: table.SEFromP, N: table.N, Cases: table.Cases})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	harmonise := l.Harmonise
	if table.Palindromes == sitefile.Forward {
		harmonise = l.HarmoniseForward
	}
	h, err := harmonise(r, meta.Build(table.Build))
	if err != nil {
		return nil, err
	}
	f := t.Charter.Filters
	h.Filter(meta.Filter{Info: f.Info, Count: f.MAC, Effective: f.NEff})
	t.lambdas[cell] = h.Lambda(t.scheme())
	h.DropRare()
	t.own[cell] = h
	return h, nil
}

// declaredTable is what a site says of its table of a cell.
type declaredTable struct {
	Card       meta.Card `json:"card"`
	Lambda     float64   `json:"lambda"` // genomic control, as the scheme has it
	Cohort     string    `json:"cohort"`
	Software   string    `json:"software"`
	Panel      string    `json:"panel"`
	Covariates []string  `json:"covariates"`
}

// tablesDeclared is what a site says of its tables, by cell.
type tablesDeclared struct {
	Cells map[string]declaredTable `json:"cells"`
}

// check refuses what no table has.
func (d *tablesDeclared) check(a *charter.Analysis, site string) error {
	n := 0
	for i := range a.Cells {
		cell := &a.Cells[i]
		t, there := d.Cells[cell.Name]
		if there != slices.Contains(cell.Sites, site) {
			return fmt.Errorf("%s has no table of the cell %s, or one that nobody asked for", site, cell.Name)
		}
		if !there {
			continue
		}
		n++
		if !(t.Lambda >= 1 && t.Lambda < 100) || t.Card.N < 1 || t.Card.N >= 1<<27 || t.Card.Cases < 0 || t.Card.Cases > t.Card.N {
			return fmt.Errorf("the table of %s in the cell %s has %d samples, %d cases and a genomic control of %g", site, cell.Name, t.Card.N, t.Card.Cases, t.Lambda)
		}
		for _, text := range append([]string{t.Cohort, t.Software, t.Panel}, t.Covariates...) {
			if len(text) > 200 || len(t.Covariates) > 200 {
				return fmt.Errorf("%s declares more of its table than fits a card", site)
			}
		}
	}
	if n != len(d.Cells) {
		return fmt.Errorf("%s declares tables of cells that there are not", site)
	}
	return nil
}
