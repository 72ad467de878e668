package study

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/folder"
	"genoveil/pipeline/study/home"
	"genoveil/pipeline/study/protocol"
)

// These tests are attacks that worked once.

// attacked is a study of sites with tables of one trait.
func attacked(t *testing.T, sites string) *world {
	c := simulated(strings.Split(sites, ", "), 60, 7)
	w := newWorld(t, "study: s\nsites: ["+sites+"]\ntraits: [{name: ldl, kind: quantitative, sd: 1.0}]\nvariants: list.tsv\n", map[string]string{"list.tsv": c.list})
	w.give(c)
	return w
}

// approveBy has some parties approve an analysis, without consent to anything.
func (w *world) approveBy(name string, parties ...string) error {
	w.t.Helper()
	for _, p := range parties {
		s := w.at(p)
		q, err := s.Ask(name)
		if err == nil {
			err = s.Approve(context.Background(), q, false)
		}
		s.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// rewrite changes the canonical form of an analysis, as a proposer can.
func (w *world) rewrite(name string, change func(a *charter.Analysis)) {
	w.t.Helper()
	d := w.open()
	_, a, err := d.analysis(name)
	w.ok(err)
	change(a)
	w.ok(os.WriteFile(filepath.Join(w.dir, name, canonicalName), a.Canonical(), 0o666))
}

func fails(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}

// TestRefusedConsent: a site that refuses its consent is asked again when the same is
// proposed under another name.
func TestRefusedConsent(t *testing.T) {
	w := attacked(t, "a, b, c, d")
	w.propose("name: t1\nkind: meta\ntrait: ldl\n")
	w.approveAll()
	const again = "kind: meta\ntrait: ldl\nsites: [a, b, c]\n"
	w.propose("name: t3\n" + again)
	w.ok(w.approveBy("t3", "a", "b", "c")) // d is asked, and refuses
	_, err := w.open().Propose([]byte("name: t4\n"+again), today, false)
	fails(t, err, "themselves: d.")
}

// TestOmittedHistory: the history lacks an analysis that no contributor was in, and that
// lies in the folder.
func TestOmittedHistory(t *testing.T) {
	w := attacked(t, "a, b, c, d, e, f, g")
	w.propose("name: t1\nkind: meta\ntrait: ldl\nsites: [a, b, c, d, e, f]\n")
	w.propose("name: t2\nkind: meta\ntrait: ldl\nsites: [a, b, c]\n")
	w.approveAll()
	w.propose("name: t3\nkind: meta\ntrait: ldl\nsites: [d, e, g]\n")
	w.rewrite("t3", func(a *charter.Analysis) {
		a.History = slices.DeleteFunc(a.History, func(p charter.Past) bool { return p.Name == "t2" })
	})
	fails(t, w.approveBy("t3", "d"), `the history lacks the analysis "t2", which is in the folder`)
}

// TestHistoriesInACircle: three analyses, each with one of the others in its history, never
// look at all three together.
func TestHistoriesInACircle(t *testing.T) {
	w := attacked(t, "a, b, c, d, e, f, g, z")
	w.propose("name: t1\nkind: meta\ntrait: ldl\nsites: [a, b, c, z]\n")
	w.propose("name: t2\nkind: meta\ntrait: ldl\nsites: [d, e, f, z]\n")
	w.propose("name: t3\nkind: meta\ntrait: ldl\n")
	past := map[string]charter.Past{}
	for _, name := range []string{"t1", "t2", "t3"} {
		_, a, err := w.open().analysis(name)
		w.ok(err)
		past[name] = a.Past(w.open().Charter)
	}
	for name, before := range map[string]string{"t1": "t2", "t3": "t1", "t2": "t3"} {
		w.rewrite(name, func(a *charter.Analysis) { a.History = []charter.Past{past[before]} })
	}
	for _, name := range []string{"t1", "t3", "t2"} {
		if err := w.approveBy(name, "z"); err != nil {
			fails(t, err, "the history lacks the analysis")
			return
		}
	}
	t.Error("all three were approved")
}

// TestNearlyTheSameRows: two fits of rows of which one has one less, in a cell of one
// ancestry and in one of all.
func TestNearlyTheSameRows(t *testing.T) {
	w := newWorld(t, "study: s\nsites: [a, b, c]\nancestries: [all, other]\n", nil)
	for site, h := range w.homes {
		var b strings.Builder
		b.WriteString("y x z u\n")
		for i := range 600 {
			z, u := fmt.Sprint(i*7%13), fmt.Sprint(i*11%17)
			if site == "a" && i == 17 {
				z = "NA"
			}
			if site == "b" && i < 60 {
				z = "NA"
			}
			if site == "b" && i >= 59 && i < 119 {
				u = "NA"
			}
			fmt.Fprintf(&b, "%d %d %s %s\n", i*5%11, i*3%17, z, u)
		}
		w.ok(os.WriteFile(filepath.Join(h, "rows.txt"), []byte(b.String()), 0o600))
		w.ok(os.WriteFile(filepath.Join(h, home.SiteFile), []byte("strata: [{ancestry: all, rows: rows.txt}]\n"), 0o600))
	}
	const fit = "kind: fit\nmodel: linear\noutcome: y\n"
	w.propose("name: f1\n" + fit + "columns: [x]\ncells: [{name: all, ancestry: all}]\n")
	w.ok(w.approveBy("f1", "a", "b", "c"))
	w.propose("name: f2\n" + fit + "columns: [x, z]\n")
	fails(t, w.approveBy("f2", "a"), "give --consent")
	s := w.at("a")
	q, err := s.Ask("f2")
	w.ok(err)
	for _, want := range []string{"of 600 samples of this site, and this one is of 599", "one has 1 rows"} {
		if !strings.Contains(strings.Join(q.Lines, "\n"), want) {
			t.Errorf("the site is not told %q: %q", want, q.Lines)
		}
	}
	s.Close()

	// Sixty rows less is no small difference of two. One person lacks both columns.
	fails(t, w.approveBy("f2", "b"), "give --consent")
	w.propose("name: f3\n" + fit + "columns: [x, u]\n")
	s = w.at("b")
	defer s.Close()
	q, err = s.Ask("f3")
	w.ok(err)
	if !strings.Contains(strings.Join(q.Lines, "\n"), "rows of the same file, but not the same rows") {
		t.Errorf("%q", q.Lines)
	}
}

// TestSmallestPart: sets of rows cut a file into parts.
func TestSmallestPart(t *testing.T) {
	for _, test := range []struct {
		sets [][]byte
		want int
	}{
		{[][]byte{{0xff}}, 0},
		{[][]byte{{0xff}, {0xff}}, 0},
		{[][]byte{{0xff}, {0xfe}}, 1},
		{[][]byte{{0x0f}, {0xf0, 1}}, 4},
		{[][]byte{{0xff, 0xff}, {0xff}, {0xf0, 0xff}}, 4},
	} {
		if got := smallestPart(test.sets); got != test.want {
			t.Errorf("%x: %d, want %d", test.sets, got, test.want)
		}
	}
}

// TestOtherData: the same trait of a changed table, and the same table under another name.
func TestOtherData(t *testing.T) {
	w := attacked(t, "a, b, c")
	w.propose("name: t1\nkind: meta\ntrait: ldl\n")
	w.approveAll()
	w.propose("name: t2\nkind: meta\ntrait: ldl\n")
	ask := func() string {
		s := w.at("a")
		defer s.Close()
		q, err := s.Ask("t2")
		w.ok(err)
		return strings.Join(q.Lines, "\n")
	}
	if lines := ask(); strings.Contains(lines, "EXPOSED") {
		t.Errorf("the same again is exposed: %s", lines)
	}
	table := filepath.Join(w.homes["a"], "table.txt")
	text, err := os.ReadFile(table)
	w.ok(err)
	w.ok(os.WriteFile(table, []byte(strings.Replace(string(text), " 1000 ", " 1000  ", 1)), 0o600))
	if lines := ask(); !strings.Contains(lines, "EXPOSED: the analysis t1 was of the same trait and of other data of this site") {
		t.Errorf("another table is not: %s", lines)
	}
	w.ok(os.WriteFile(table, text, 0o600))
	s := w.at("a")
	defer s.Close()
	work, err := s.work("t2")
	w.ok(err)
	dry, err := work.computation.Dry()
	w.ok(err)
	dry.Used[0].Label = "the table of ldl-c"
	lines, err := s.comparedData(work, dry.Used)
	w.ok(err)
	if len(lines) != 1 || !strings.Contains(lines[0], "the same file was the table of ldl of other samples or another trait") {
		t.Errorf("another name of the trait: %q", lines)
	}
}

// TestHugeHistory: what is exposed by thousands of totals is not computed: all are.
func TestHugeHistory(t *testing.T) {
	w := attacked(t, "a, b, c")
	w.propose("name: t1\nkind: meta\ntrait: ldl\n")
	d := w.open()
	_, a, err := d.analysis("t1")
	w.ok(err)
	for k := range 2000 {
		if k%50 == 0 {
			a.History = append(a.History, charter.Past{ID: fmt.Sprintf("%032x", k), Study: "s", Name: fmt.Sprintf("n%d", k), Numbers: "meta:ldl"})
		}
		h := &a.History[len(a.History)-1]
		h.Rosters = append(h.Rosters, []charter.Unit{{Site: fmt.Sprint("x", k), Ancestry: "all", Sex: "male"}})
	}
	docs, err := protocol.NewDocuments(d.Charter.Canonical(), d.Keys, a.Canonical())
	w.ok(err)
	if len(docs.Exposed) == 0 || len(docs.Exposed[0]) < 2000 {
		t.Errorf("%d sets exposed", len(docs.Exposed))
	}
}

// TestPipes: a pipe or a device in the folder is an error, and is not waited for.
func TestPipes(t *testing.T) {
	w := attacked(t, "a, b, c")
	for _, make := range []func(path string) error{
		func(path string) error { return syscall.Mkfifo(path, 0o666) },
		func(path string) error { return os.Symlink("/dev/zero", path) },
	} {
		path := filepath.Join(t.TempDir(), "x")
		w.ok(make(path))
		_, err := digest(path)
		fails(t, err, "not a regular file")
		_, err = folder.DigestOf(path, 1)
		fails(t, err, "not a regular file")
		_, err = folder.ReadFile(path, 1)
		fails(t, err, "not a regular file")
	}
}

// TestLinkedRound: a round of the folder that is a link leads nothing out of it.
func TestLinkedRound(t *testing.T) {
	w := attacked(t, "a, b, c")
	w.propose("name: t1\nkind: meta\ntrait: ldl\n")
	elsewhere := t.TempDir()
	w.ok(os.Symlink(elsewhere, filepath.Join(w.dir, "t1", "approve")))
	fails(t, w.approveBy("t1", "a"), "a link, and no directory of the folder")
	if entries, err := os.ReadDir(elsewhere); err != nil || len(entries) > 0 {
		t.Errorf("%v, %v", entries, err)
	}
}

// TestRestoredElsewhere: a home that is behind its messages of one analysis does nothing in
// another.
func TestRestoredElsewhere(t *testing.T) {
	w := attacked(t, "a, b, c")
	w.propose("name: zeta\nkind: meta\ntrait: ldl\n")
	counter := filepath.Join(w.homes["a"], "s", "counter")
	w.ok(w.approveBy("zeta", "a"))
	w.ok(os.WriteFile(counter, []byte("0\n"), 0o600))
	_, err := w.open().OpenSite(w.homes["a"], "test", noPassphrase, today)
	if !errors.Is(err, home.ErrCopied) {
		t.Error(err)
	}
}

// TestReservedStudies: a study has no name that a file of a home has.
func TestReservedStudies(t *testing.T) {
	_, err := charter.ParseYAML([]byte("study: ledger\nsites: [a, b, c]\n"), nil)
	fails(t, err, "the study cannot have the name")
}
