package study

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/home"
	"genoveil/pipeline/study/protocol"
)

const fits = `
study: fits
sites: [a, b, c]
recipients: [analyst]
`

// aFit is an analysis with few rounds.
const aFit = "name: first\nkind: fit\nmodel: linear\noutcome: age\ncolumns: [rs1]\n"

// newFits is a study of three sites with rows.
func newFits(t testing.TB) *world {
	t.Helper()
	w := newWorld(t, fits, nil)
	for _, site := range []string{"a", "b", "c"} {
		w.giveRows(site)
	}
	return w
}

func (w *world) giveRows(site string) {
	w.t.Helper()
	w.ok(os.WriteFile(filepath.Join(w.homes[site], "rows.tsv"), []byte(individuals(site)), 0o600))
	w.ok(os.WriteFile(filepath.Join(w.homes[site], home.SiteFile), []byte("strata:\n- {ancestry: all, cohort: cohort of "+site+", rows: rows.tsv}\n"), 0o600))
}

// steps takes a step at a party, and demands what it says of an analysis.
func (w *world) step(party, analysis string) Step {
	w.t.Helper()
	s := w.at(party)
	defer s.Close()
	steps, err := s.Step(context.Background())
	w.ok(err)
	i := slices.IndexFunc(steps, func(x Step) bool { return x.Name == analysis })
	if i < 0 {
		w.t.Fatalf("%s has no part in %s", party, analysis)
	}
	return steps[i]
}

// approve approves one analysis at a party.
func (w *world) approve(party, analysis string) error {
	w.t.Helper()
	s := w.at(party)
	defer s.Close()
	q, err := s.Ask(analysis)
	if err != nil {
		return err
	}
	return s.Approve(context.Background(), q, true)
}

func (w *world) refused(err error, want string) {
	w.t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		w.t.Errorf("%v, and not %q", err, want)
	}
}

// written is a file of the folder.
func (w *world) canonical(name string) string { return filepath.Join(w.dir, name, canonicalName) }

// repropose changes an analysis that nobody approved.
func (w *world) repropose(name string, change func(a *charter.Analysis)) {
	w.t.Helper()
	_, a, err := w.open().analysis(name)
	w.ok(err)
	change(a)
	w.ok(os.WriteFile(w.canonical(name), a.Canonical(), 0o666))
}

// TestHistoryLacks: an analysis whose history lacks one that a site's ledger has is refused,
// with the entry that it lacks; and with another roster, and another analysis under its
// identifier.
func TestHistoryLacks(t *testing.T) {
	w := newFits(t)
	w.propose(aFit)
	w.approveAll()
	w.run()
	w.propose(strings.Replace(aFit, "first", "second", 1))
	var past charter.Past
	w.repropose("second", func(a *charter.Analysis) {
		past = a.History[0]
		a.History = []charter.Past{}
	})
	err := w.approve("a", "second")
	w.refused(err, `the history lacks the analysis "first" of the study "fits"`)
	past.Approved = false
	w.refused(err, past.Entry())
	w.repropose("second", func(a *charter.Analysis) {
		past.Rosters = [][]charter.Unit{past.Rosters[0][:4]}
		a.History = []charter.Past{past}
	})
	w.refused(w.approve("a", "second"), `the history has another analysis "first"`)
	w.repropose("second", func(a *charter.Analysis) {
		a.ID, a.History = past.ID, []charter.Past{}
	})
	w.refused(w.approve("a", "second"), `it has the identifier of the analysis "first"`)
}

// TestHistoryClaims: a history that claims approvals which a site or the others never gave
// is refused: it would have exposures pass for consented to.
func TestHistoryClaims(t *testing.T) {
	w := newFits(t)
	w.propose(aFit)
	w.propose(strings.Replace(aFit, "first", "second", 1)) // with a first that nobody approved
	claim := func(a *charter.Analysis) { a.History[0].Approved = true }
	w.repropose("second", claim)
	w.refused(w.approve("a", "second"), `the history says that this site approved the analysis "first", and its ledger does not`)
	w.ok(w.approve("a", "first"))
	w.refused(w.approve("a", "second"), `the history says that all sites approved "first", and their approvals are not (all) in the folder`)
	w.repropose("second", func(a *charter.Analysis) {
		a.History[0].Approved = false
		a.History = append(a.History, charter.Past{
			ID: strings.Repeat("0", 32), Study: "other", Name: "x", Rosters: [][]charter.Unit{{{Site: "z", Ancestry: "all", Sex: "male"}}},
			Numbers: "fit:x", Approved: true,
		})
	})
	w.refused(w.approve("a", "second"), `the history says that all sites approved "x" of the study "other", which cannot be seen here`)
	w.repropose("second", func(a *charter.Analysis) { a.History[1].Study, a.History[1].Name = "fits", "x" })
	w.refused(w.approve("a", "second"), `the history says that all sites approved "x"`)
	for _, party := range []string{"b", "c", "analyst"} {
		w.ok(w.approve(party, "first"))
	}
	w.repropose("second", func(a *charter.Analysis) {
		claim(a)
		a.History = a.History[:1]
	})
	w.ok(w.approve("a", "second"))
}

// TestOpenedByOne: one site abandoned an analysis that another had opened already. Its
// history is not the end of all later ones.
func TestOpenedByOne(t *testing.T) {
	w := newFits(t)
	w.propose(aFit)
	w.approveAll()
	opened := func() bool {
		found, err := filepath.Glob(filepath.Join(w.dir, "first", "01-moments-open", "a.msg"))
		w.ok(err)
		return found != nil
	}
	for turns := 0; !opened(); turns++ {
		if turns > 20 {
			t.Fatal("a never opens")
		}
		for _, party := range []string{"b", "analyst", "c"} {
			// Only a goes as far as opening.
			if complete, _ := filepath.Glob(filepath.Join(w.dir, "first", "01-moments-complete", "*.msg")); len(complete) < 4 {
				w.step(party, "first")
			}
		}
		w.step("a", "first")
	}
	s := w.at("b")
	w.ok(s.Abandon("first"))
	s.Close()
	for _, party := range []string{"a", "c", "analyst"} {
		var ended *protocol.Ended
		if step := w.step(party, "first"); !errors.As(step.Err, &ended) {
			t.Errorf("%s: %v %+v", party, step.Err, step.State)
		}
	}
	w.propose(strings.Replace(aFit, "first", "second", 1))
	for _, party := range []string{"a", "b", "c", "analyst"} {
		w.ok(w.approve(party, "second"))
	}
	for party, steps := range w.run() {
		if !steps["second"].State.Done {
			t.Errorf("%s: %+v", party, steps["second"])
		}
	}
}

// TestChangedAnalysis: another text under the name of an analysis that was approved stops
// it, and does no harm once the right one is there again.
func TestChangedAnalysis(t *testing.T) {
	w := newFits(t)
	w.propose(aFit)
	w.ok(w.approve("a", "first"))
	text, err := os.ReadFile(w.canonical("first"))
	w.ok(err)
	w.repropose("first", func(a *charter.Analysis) { a.Recipients = []string{"analyst"} })
	w.refused(w.step("a", "first").Err, "not the analysis that was approved here")
	w.ok(os.WriteFile(w.canonical("first"), text[:len(text)/2], 0o666))
	w.refused(w.step("a", "first").Err, "not the analysis that was approved here")
	w.ok(os.WriteFile(w.canonical("first"), text, 0o666))
	w.approveAll()
	for party, steps := range w.run() {
		if !steps["first"].State.Done {
			t.Errorf("%s: %+v", party, steps["first"])
		}
	}
}

// TestHalfAnalysis: an analysis that is not all there yet keeps no other from going on.
func TestHalfAnalysis(t *testing.T) {
	w := newFits(t)
	w.propose(aFit)
	w.ok(os.MkdirAll(filepath.Dir(w.canonical("half")), 0o777))
	w.ok(os.WriteFile(w.canonical("half"), []byte(`{"name":"ha`), 0o666))
	w.approveAll()
	for party, steps := range w.run() {
		if !steps["first"].State.Done {
			t.Errorf("%s: %+v", party, steps["first"])
		}
	}
}

// TestChangedTable: data that changed between approval and upload are not uploaded.
func TestChangedTable(t *testing.T) {
	w := newFits(t)
	w.propose(aFit)
	w.approveAll()
	path := filepath.Join(w.homes["b"], "rows.tsv")
	text, err := os.ReadFile(path)
	w.ok(err)
	w.ok(os.WriteFile(path, text[:len(text)-20], 0o600))
	w.run()
	w.refused(w.step("b", "first").Err, "the site's data changed after it approved")
	if found, _ := filepath.Glob(filepath.Join(w.dir, "first", "*-upload", "b*")); found != nil {
		t.Errorf("uploaded: %v", found)
	}
	w.ok(os.WriteFile(path, text, 0o600))
	for party, steps := range w.run() {
		if !steps["first"].State.Done {
			t.Errorf("%s: %+v", party, steps["first"])
		}
	}
}

// TestChangedCharter: another charter or key in the folder is what nobody confirmed. Nothing
// is approved with it, and what was approved goes on with what it was approved with.
func TestChangedCharter(t *testing.T) {
	w := newFits(t)
	w.propose(aFit)
	w.approveAll()
	w.step("b", "first")
	w.step("c", "first") // so that a uploads next
	path := filepath.Join(w.dir, charterName)
	for _, text := range []string{
		strings.Replace(fits, "[a, b, c]", "[b, c, d]\nancestries: [x]", 1),
		strings.Replace(strings.Replace(fits, "[a, b, c]", "[b, c, d]", 1), "[analyst]", "[a, analyst]", 1),
	} {
		w.ok(os.WriteFile(path, []byte(text), 0o666))
		s := w.at("a")
		if changed := s.Changed(); !strings.Contains(changed, "the charter, or a file that it names, is not the one that was confirmed here") {
			t.Error(changed)
		}
		s.Close()
		w.step("a", "first")
	}
	if found, _ := filepath.Glob(filepath.Join(w.dir, "first", "01-moments-upload", "a.msg")); found == nil {
		t.Error("a did not go on")
	}
	w.ok(os.WriteFile(path, []byte(fits), 0o666))
	public, _, err := ed25519.GenerateKey(nil)
	w.ok(err)
	w.ok(os.WriteFile(w.open().keyFile("c"), keyText("c", public), 0o666))
	s := w.at("a")
	if changed := s.Changed(); changed != "the key of c is not the one that was confirmed here" {
		t.Error(changed)
	}
	s.Close()
	w.propose(strings.Replace(aFit, "first", "second", 1))
	w.refused(w.approve("a", "second"), "the key of c is not the one that was confirmed here")
	for party, steps := range w.run() {
		if !steps["first"].State.Done {
			t.Errorf("%s: %+v", party, steps["first"])
		}
	}
}

func copyDir(t testing.TB, from, to string) {
	t.Helper()
	if text, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Fatal(string(text), err)
	}
}

// TestCopiedHome: a copy of a home does nothing, and what is one can be a home again, with
// a new key that all confirm; its analyses are over for everybody.
func TestCopiedHome(t *testing.T) {
	w := newFits(t)
	w.propose(aFit)
	w.approveAll()
	w.step("a", "first")
	to := filepath.Join(t.TempDir(), "copy")
	copyDir(t, w.homes["b"], to)
	d := w.open()
	if _, err := d.OpenSite(to, "test", noPassphrase, today); !errors.Is(err, home.ErrCopied) {
		t.Error(err)
	}
	if err := d.Join("b", to, noPassphrase, noPassphrase); !errors.Is(err, home.ErrCopied) {
		t.Error(err)
	}
	w.homes["b"] = to
	w.recovered("b")
}

// recovered recovers a home, has all parties confirm the new key, and completes another
// analysis. The first is over.
func (w *world) recovered(party string) {
	w.t.Helper()
	d := w.open()
	old := d.Keys[party]
	w.ok(d.Recover(w.homes[party], noPassphrase, noPassphrase, today))
	d = w.open()
	if string(d.Keys[party]) == string(old) {
		w.t.Error("the key is the old one")
	}
	s := w.at("c")
	if changed := s.Changed(); changed != "the key of "+party+" is not the one that was confirmed here" {
		w.t.Error(changed)
	}
	s.Close()
	phrase, err := d.Phrase()
	w.ok(err)
	for _, home := range w.homes {
		w.ok(d.Confirm(home, phrase))
	}
	for other := range w.homes {
		step := w.stepErr(other, "first")
		var ended *protocol.Ended
		if other != party && !errors.As(step, &ended) {
			w.t.Errorf("%s: %v", other, step)
		}
	}
	left, err := filepath.Glob(filepath.Join(w.homes[party], "fits", "*", "*", "secrets"))
	w.ok(err)
	if left != nil {
		w.t.Errorf("left: %v", left)
	}
	w.propose(strings.Replace(aFit, "first", "second", 1))
	for other := range w.homes {
		w.ok(w.approve(other, "second"))
	}
	for other, steps := range w.run() {
		if !steps["second"].State.Done {
			w.t.Errorf("%s: %+v", other, steps["second"])
		}
	}
}

// stepErr is what a step of an analysis says, nil where there is none.
func (w *world) stepErr(party, analysis string) error {
	w.t.Helper()
	s := w.at(party)
	defer s.Close()
	steps, err := s.Step(context.Background())
	w.ok(err)
	for _, step := range steps {
		if step.Name == analysis {
			return step.Err
		}
	}
	return nil
}

// TestRestoredHome: a home that is restored to an earlier day, by a snapshot that keeps its
// marker, is refused where the folder has later messages of its own, at every round.
func TestRestoredHome(t *testing.T) {
	w := newFits(t)
	w.propose(aFit)
	var snapshots []string
	for turns := range 4 {
		to := filepath.Join(t.TempDir(), "snapshot")
		copyDir(t, w.homes["a"], to)
		snapshots = append(snapshots, to)
		if turns == 0 {
			w.approveAll()
		}
		for _, party := range []string{"a", "b", "c", "analyst"} {
			w.step(party, "first")
		}
	}
	marker, err := os.ReadFile(filepath.Join(w.homes["a"], "fits", "marker"))
	w.ok(err)
	for i, snapshot := range snapshots {
		// As a snapshot of a file system does: the same files, with what they had then.
		w.ok(filepath.WalkDir(w.homes["a"], func(path string, e os.DirEntry, err error) error {
			if err == nil && !e.IsDir() && e.Name() != "marker" {
				err = os.Remove(path)
			}
			return err
		}))
		copyDir(t, snapshot+"/.", t.TempDir()) // it is whole
		out, err := exec.Command("sh", "-c", `cd "$1" && find . -type d | while read d; do mkdir -p "$2/$d"; done && find . -type f ! -name marker | while read f; do cp -p "$f" "$2/$f"; done`, "sh", snapshot, w.homes["a"]).CombinedOutput()
		if err != nil {
			t.Fatal(string(out), err)
		}
		if now, err := os.ReadFile(filepath.Join(w.homes["a"], "fits", "marker")); err != nil || string(now) != string(marker) {
			t.Fatal("another marker")
		}
		if _, err := w.open().OpenSite(w.homes["a"], "test", noPassphrase, today); !errors.Is(err, home.ErrCopied) {
			t.Errorf("snapshot %d: %v", i, err)
		}
	}
	w.recovered("a")
}

// TestRecoveryKilled: a recovery that is killed can be taken again.
func TestRecoveryKilled(t *testing.T) {
	w := newFits(t)
	w.propose(aFit)
	w.approveAll()
	killed := errors.New("killed")
	defer func() { atomicfile.BeforeStep = nil }()
	for n := 1; ; n++ {
		to := filepath.Join(t.TempDir(), "copy")
		copyDir(t, w.homes["b"], to)
		steps := 0
		atomicfile.BeforeStep = func() {
			if steps++; steps == n {
				panic(killed)
			}
		}
		err := func() (err error) {
			defer func() {
				if recover() != nil {
					err = killed
				}
			}()
			return w.open().Recover(to, noPassphrase, noPassphrase, today)
		}()
		atomicfile.BeforeStep = nil
		if err == nil {
			if n < 10 {
				t.Errorf("only %d moments", n-1)
			}
			return
		}
		w.ok(w.open().Recover(to, noPassphrase, noPassphrase, today))
		s, err := w.open().OpenSite(to, "test", noPassphrase, today)
		w.ok(err)
		s.Close()
	}
}

// TestTwoAtHome: two processes cannot work with one home.
func TestTwoAtHome(t *testing.T) {
	w := newFits(t)
	s := w.at("a")
	defer s.Close()
	d := w.open()
	_, err := d.OpenSite(w.homes["a"], "test", noPassphrase, today)
	if !errors.Is(err, atomicfile.ErrLocked) {
		t.Error(err)
	}
	if err := d.Confirm(w.homes["a"], ""); err == nil {
		t.Error("confirmed")
	}
	if err := d.Recover(w.homes["a"], noPassphrase, noPassphrase, today); !errors.Is(err, atomicfile.ErrLocked) {
		t.Error(err)
	}
}

// TestSameKey: two parties with one signing key are refused.
func TestSameKey(t *testing.T) {
	w := newFits(t)
	d := w.open()
	w.ok(os.WriteFile(d.keyFile("c"), keyText("c", d.Keys["b"]), 0o666))
	_, err := Open(w.dir)
	w.refused(err, "b and c have the same key: is one home a copy of the other?")
	w.ok(os.WriteFile(d.keyFile("c"), keyText("b", d.Keys["b"]), 0o666))
	_, err = Open(w.dir)
	w.refused(err, "not the public key of c, or not all of it")
}

// TestUnconfirmed: whoever did not confirm the phrase does nothing, and a wrong phrase
// confirms nothing.
func TestUnconfirmed(t *testing.T) {
	w := newFits(t)
	d := w.open()
	w.ok(os.Remove(filepath.Join(w.homes["a"], "fits", "confirmed")))
	_, err := d.OpenSite(w.homes["a"], "test", noPassphrase, today)
	w.refused(err, "nobody confirmed the phrase of this study at a")
	phrase, err := d.Phrase()
	w.ok(err)
	words := strings.Fields(phrase)
	slices.Reverse(words)
	for _, typed := range []string{"", strings.Join(words, " "), strings.Join(words[1:], " ")} {
		w.refused(d.Confirm(w.homes["a"], typed), "this is not the phrase of this folder")
	}
	w.ok(d.Confirm(w.homes["a"], phrase))
}

// TestNothingSecretLeaves: no file of the folder has a secret of any home, in bytes or as
// JSON has them, and no error of the way had one.
func TestNothingSecretLeaves(t *testing.T) {
	w := newFits(t)
	w.propose(aFit)
	w.approveAll()
	w.step("a", "first")
	w.step("b", "first")
	w.step("c", "first")
	w.step("a", "first")
	var secrets []string
	for _, dir := range w.homes {
		for _, pattern := range []string{"secrets", "outbox/*/private"} {
			paths, err := filepath.Glob(filepath.Join(dir, "fits", "analyses", "first", pattern))
			w.ok(err)
			for _, path := range paths {
				text, err := os.ReadFile(path)
				w.ok(err)
				var found any
				w.ok(json.Unmarshal(text, &found))
				secrets = append(secrets, texts(found)...)
			}
		}
	}
	if len(secrets) < 10 {
		t.Fatalf("%d secrets", len(secrets))
	}
	w.ok(filepath.WalkDir(w.dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for _, secret := range secrets {
			raw, _ := base64.StdEncoding.DecodeString(secret)
			if strings.Contains(string(text), secret) || len(raw) > 8 && strings.Contains(string(text), string(raw)) {
				t.Errorf("%s has a secret", path)
			}
		}
		return err
	}))
}

// texts are the strings in a JSON value.
func texts(v any) (all []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case map[string]any:
		for _, x := range v {
			all = append(all, texts(x)...)
		}
	}
	return all
}

// FuzzKeyFile: what is read as a party's key is its text.
func FuzzKeyFile(f *testing.F) {
	public := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	f.Add(keyText("a", public))
	f.Add([]byte("genoveil site b ed25519 \n"))
	path := filepath.Join(f.TempDir(), "a.pub")
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		key, err := readKey(path, "a")
		if err == nil && strings.TrimRight(string(keyText("a", key)), "\n") != strings.TrimRight(string(text), "\n") {
			t.Errorf("%q is a key", text)
		}
	})
}
