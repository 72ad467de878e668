package study

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"genoveil/genomics/meta"
	"genoveil/pipeline/study/home"
)

var today = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

// A world is a study on one machine.
type world struct {
	t     testing.TB
	dir   string
	homes map[string]string
}

func noPassphrase() (string, error) { return "", nil }

// newWorld makes a study whose parties joined and confirmed.
func newWorld(t testing.TB, charterText string, files map[string]string) *world {
	t.Helper()
	w := &world{t: t, dir: filepath.Join(t.TempDir(), "folder"), homes: map[string]string{}}
	w.ok(Create(w.dir))
	w.ok(os.WriteFile(filepath.Join(w.dir, charterName), []byte(charterText), 0o666))
	for name, text := range files {
		w.ok(os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o666))
	}
	d := w.open()
	for _, party := range d.Charter.Parties() {
		w.homes[party] = filepath.Join(t.TempDir(), party)
		w.ok(d.Join(party, w.homes[party], noPassphrase, noPassphrase))
	}
	d = w.open()
	phrase, err := d.Phrase()
	w.ok(err)
	for _, home := range w.homes {
		w.ok(d.Confirm(home, phrase))
	}
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) open() *Dir {
	w.t.Helper()
	d, err := Open(w.dir)
	w.ok(err)
	return d
}

// at opens a party's home.
func (w *world) at(party string) *Site {
	w.t.Helper()
	s, err := w.open().OpenSite(w.homes[party], "test", noPassphrase, today)
	w.ok(err)
	return s
}

func (w *world) propose(text string) {
	w.t.Helper()
	_, err := w.open().Propose([]byte(text), today, true)
	w.ok(err)
}

// approveAll has all parties approve all that is pending.
func (w *world) approveAll() {
	w.t.Helper()
	for party := range w.homes {
		s := w.at(party)
		pending, err := s.Pending()
		w.ok(err)
		for _, name := range pending {
			q, err := s.Ask(name)
			w.ok(err)
			w.ok(s.Approve(context.Background(), q, true))
		}
		s.Close()
	}
}

// run steps all parties until nothing changes, agreeing to whatever has no problems.
func (w *world) run() map[string]map[string]Step {
	w.t.Helper()
	last := map[string]map[string]Step{}
	for range 100 {
		waiting := false
		for party := range w.homes {
			s := w.at(party)
			steps, err := s.Step(context.Background())
			w.ok(err)
			last[party] = map[string]Step{}
			for _, step := range steps {
				last[party][step.Name] = step
				if step.Err != nil {
					continue
				}
				waiting = waiting || !step.State.Done
				if step.State.Person {
					r, err := s.Review(context.Background(), step.Name)
					w.ok(err)
					if r != nil {
						w.ok(s.Agree(context.Background(), r, false))
					}
				}
			}
			s.Close()
		}
		if !waiting {
			return last
		}
	}
	return last
}

// A cohort is tables of sites that test the same variants.
type cohort struct {
	list   string
	tables map[string]string // by site
}

// simulated makes tables of effects around common ones, of variants of which each site lacks
// some.
func simulated(sites []string, variants int, seed uint64) cohort {
	r := rand.New(rand.NewPCG(seed, 1))
	var list bytes.Buffer
	w, err := meta.NewListWriter(&list, []string{"all"})
	if err != nil {
		panic(err)
	}
	c := cohort{tables: map[string]string{}}
	var tables = map[string]*strings.Builder{}
	for _, s := range sites {
		tables[s] = &strings.Builder{}
		tables[s].WriteString("CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N BETA SE LOG10P\n")
	}
	alleles := [][2]string{{"A", "C"}, {"G", "T"}, {"C", "T"}, {"A", "G"}, {"A", "T"}}
	for i := range variants {
		a := alleles[r.IntN(len(alleles))]
		f := 0.05 + 0.9*r.Float64()
		v := meta.Variant{ID: fmt.Sprintf("rs%d", i+1), Chrom: "1", Pos37: 1000 + 10*i, Pos38: 2000 + 10*i, Ref: a[0], Alt: a[1]}
		if err := w.Write(v, []float64{f}); err != nil {
			panic(err)
		}
		beta := 0.0
		if i%10 == 0 {
			beta = 0.3 * r.NormFloat64()
		}
		for k, s := range sites {
			if r.IntN(10) == 0 {
				continue
			}
			n := 1000 + 200*k
			own := min(max(f+0.01*r.NormFloat64(), 0.03), 0.97)
			se := 1 / math.Sqrt(2*own*(1-own)*float64(n))
			b := beta + se*r.NormFloat64()
			ref, alt := a[0], a[1]
			if r.IntN(3) == 0 {
				ref, alt, own, b = alt, ref, 1-own, -b
			}
			z := math.Abs(b / se)
			fmt.Fprintf(tables[s], "1 %d %s %s %s %.6g %d %.6g %.6g %.6g\n", v.Pos38, v.ID, ref, alt, own, n, b, se, -math.Log10(math.Erfc(z/math.Sqrt2)))
		}
	}
	if err := w.Flush(); err != nil {
		panic(err)
	}
	c.list = list.String()
	for s, t := range tables {
		c.tables[s] = t.String()
	}
	return c
}

// give puts a table into each home.
func (w *world) give(c cohort) {
	w.t.Helper()
	for site, table := range c.tables {
		w.ok(os.WriteFile(filepath.Join(w.homes[site], "table.txt"), []byte(table), 0o600))
		w.ok(os.WriteFile(filepath.Join(w.homes[site], home.SiteFile), []byte("strata:\n  - ancestry: all\n    cohort: cohort of "+site+"\n    tables:\n      ldl: {file: table.txt, build: 38}\n"), 0o600))
	}
}
