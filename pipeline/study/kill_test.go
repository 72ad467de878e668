package study

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/folder"
	"genoveil/pipeline/study/home"
	"genoveil/pipeline/study/protocol"
)

// killVariable makes the test binary, run as a child, work for one party of a study, and
// perhaps kill itself on the way.
const killVariable = "GENOVEIL_TEST_STUDY_KILL"

// A job is what a child does.
type job struct {
	Dir, Home string
	Kill      int    // before which change on disk, 0 for none
	Abandon   string // an analysis; nothing else is done then
	Out       string // a directory for results; nothing else is done then
}

// Exit codes of a child.
const (
	exitWaits  = 75
	exitKilled = -1
)

// batchOf has an analysis of each kind. The forest plot exposes all sites, which consent.
func batchOf(model string) string {
	return `
batch:
- {name: assoc, kind: meta, trait: ldl, heterogeneity: true}
- {name: model, kind: fit, model: ` + model + `, outcome: case, columns: [age, rs1]}
- {name: plot, kind: forest, trait: ldl, variants: [rs1, rs11, rs21]}
`
}

func charterOf(sites []string) string {
	return fmt.Sprintf(`
study: killed
sites: [%s]
recipients: [analyst]
traits: [{name: ldl, kind: quantitative, unit: mmol/l, sd: 1}]
variants: variants.tsv
calibration: calibration.txt
`, strings.Join(sites, ", "))
}

// individuals is a table of rows of a site.
func individuals(site string) string {
	r := rand.New(rand.NewPCG(uint64(site[0]), 2))
	var b strings.Builder
	b.WriteString("id\tcase\tage\trs1\n")
	for i := range 150 {
		age, dose := r.NormFloat64(), float64(r.IntN(3))
		y := 0
		if r.Float64() < 1/(1+math.Exp(-0.5*age-0.4*dose+0.5)) {
			y = 1
		}
		fmt.Fprintf(&b, "%s%d\t%d\t%.4f\t%g\n", site, i, y, age, dose)
	}
	return b.String()
}

// ofAllKinds is a study of sites and an analyst with an analysis of each kind, proposed.
func ofAllKinds(t testing.TB, sites []string, model string) *world {
	t.Helper()
	c := simulated(sites, 150, 7)
	var calibration strings.Builder
	for i := range 150 {
		kind := "null"
		if i%5 == 0 { // of which every second has an effect
			kind = "control"
		}
		fmt.Fprintf(&calibration, "rs%d %s\n", i+1, kind)
	}
	w := newWorld(t, charterOf(sites), map[string]string{"variants.tsv": c.list, "calibration.txt": calibration.String()})
	w.give(c)
	for _, site := range sites {
		w.ok(os.WriteFile(filepath.Join(w.homes[site], "rows.tsv"), []byte(individuals(site)), 0o600))
		f, err := os.OpenFile(filepath.Join(w.homes[site], home.SiteFile), os.O_APPEND|os.O_WRONLY, 0)
		w.ok(err)
		_, err = f.WriteString("    rows: rows.tsv\n")
		w.ok(errors.Join(err, f.Close()))
	}
	w.propose(batchOf(model))
	return w
}

// results writes the results of all analyses, by name of the file.
func (s *Site) results(dir string) error {
	names, err := s.Analyses()
	for _, name := range names {
		if _, errResult := s.Result(context.Background(), name, filepath.Join(dir, name), false); errResult != nil {
			err = errors.Join(err, errResult)
		}
	}
	return err
}

// files are those of a directory.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(text)
	}
	return all
}

// undisturbed are the results of a study in which nobody was killed.
func undisturbed(t *testing.T, sites []string, model string) map[string]string {
	t.Helper()
	w := ofAllKinds(t, sites, model)
	w.approveAll()
	w.run()
	s := w.at("analyst")
	defer s.Close()
	dir := t.TempDir()
	w.ok(s.results(dir))
	return files(t, dir)
}

// TestKilledChild is the child.
func TestKilledChild(t *testing.T) {
	text := os.Getenv(killVariable)
	if text == "" {
		t.Skip("the child of the other tests")
	}
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		t.Fatal(err)
	}
	steps := 0
	atomicfile.BeforeStep = func() {
		if steps++; steps == j.Kill {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	waits, err := j.do()
	if err != nil {
		t.Fatal(err)
	}
	if waits {
		os.Exit(exitWaits)
	}
}

// do does all that a party can do: approve and agree, too.
func (j *job) do() (waits bool, err error) {
	d, err := Open(j.Dir)
	if err != nil {
		return false, err
	}
	s, err := d.OpenSite(j.Home, "test", noPassphrase, today)
	if err != nil {
		return false, err
	}
	defer s.Close()
	switch {
	case j.Abandon != "":
		err := s.Abandon(j.Abandon)
		if err != nil && err.Error() == "the analysis is complete" {
			err = nil
		}
		return false, ignoreEnded(err)
	case j.Out != "":
		return false, s.results(j.Out)
	}
	pending, err := s.Pending()
	if err != nil {
		return false, err
	}
	for _, name := range pending {
		q, err := s.Ask(name)
		if err != nil {
			return false, err
		}
		if err := s.Approve(context.Background(), q, true); err != nil && !strings.Contains(err.Error(), "abandoned it") {
			return false, err
		}
	}
	steps, err := s.Step(context.Background())
	if err != nil {
		return false, err
	}
	for _, step := range steps {
		if err := ignoreEnded(step.Err); err != nil {
			return false, err
		}
		waits = waits || step.Waits()
		if !step.State.Person {
			continue
		}
		r, err := s.Review(context.Background(), step.Name)
		if err == nil && r != nil {
			err = s.Agree(context.Background(), r, false)
		}
		if err != nil {
			return false, err
		}
	}
	return waits, nil
}

func ignoreEnded(err error) error {
	var ended *protocol.Ended
	if errors.As(err, &ended) {
		return nil
	}
	return err
}

// A killer runs and kills children, and looks after each at what is on disk.
type killer struct {
	*world
	kills  int
	fixed  map[string]fixed         // files of messages that stood under their names once
	labels map[string]folder.Digest // messages by site, round and T
}

// fixed is a file that is not to change.
type fixed struct {
	digest [sha256.Size]byte
	info   fs.FileInfo
}

func newKiller(w *world) *killer {
	return &killer{world: w, fixed: map[string]fixed{}, labels: map[string]folder.Digest{}}
}

// child runs a job, and returns its exit code.
func (k *killer) child(j job) int {
	k.t.Helper()
	text, err := json.Marshal(j)
	k.ok(err)
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledChild$")
	cmd.Env = append(os.Environ(), killVariable+"="+string(text))
	output, _ := cmd.CombinedOutput()
	code := cmd.ProcessState.ExitCode()
	switch code {
	case 0, exitWaits:
	case exitKilled:
		k.kills++
	default:
		k.t.Fatalf("%+v: exit code %d: %s", j, code, output)
	}
	k.check()
	return code
}

func (k *killer) step(party string, kill int) int {
	k.t.Helper()
	return k.child(job{Dir: k.dir, Home: k.homes[party], Kill: kill})
}

// check looks at every message and payload, in the folder and in the homes: what stood under
// its name once never changes and never goes; messages are whole, and so are the payloads
// that they list; a site has one message for a round and T, whatever happened. And in
// the ledgers every stage is released once, and never after it was abandoned.
func (k *killer) check() {
	k.t.Helper()
	d := k.open()
	found := map[string]bool{}
	for _, root := range append(slices.Collect(maps.Values(k.homes)), k.dir) {
		k.ok(filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if strings.HasPrefix(e.Name(), ".") || e.Name() == "evidence" {
				if e.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			if suffix := filepath.Ext(path); e.IsDir() || suffix != ".msg" && suffix != ".words" {
				return nil
			}
			found[path] = true
			info, err := e.Info()
			was, there := k.fixed[path]
			if err != nil || there && os.SameFile(info, was.info) && info.ModTime().Equal(was.info.ModTime()) && info.Size() == was.info.Size() {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			digest := sha256.Sum256(text)
			if there && was.digest != digest {
				k.t.Fatalf("%s changed", path)
			}
			k.fixed[path] = fixed{digest, info}
			if !there && filepath.Ext(path) == ".msg" {
				k.message(d, path, text)
			}
			return nil
		}))
	}
	for path := range k.fixed {
		if !found[path] {
			k.t.Fatalf("%s is gone", path)
		}
	}
	for party, dir := range k.homes {
		k.ledger(party, dir)
	}
}

// message checks a message that is new.
func (k *killer) message(d *Dir, path string, text []byte) {
	k.t.Helper()
	party, _, _ := strings.Cut(filepath.Base(path), ".")
	m, err := folder.Parse(text, ed25519.PublicKey(d.Keys[party]))
	if err != nil {
		k.t.Fatalf("%s: %v", path, err)
	}
	label := fmt.Sprintln(m.Analysis, m.From, m.Round, m.T)
	if there, ok := k.labels[label]; ok && there != m.Digest {
		k.t.Fatalf("%s: %s has two messages of the round %s", path, party, m.Round)
	}
	k.labels[label] = m.Digest
	if strings.Contains(path, string(filepath.Separator)+"seen"+string(filepath.Separator)) {
		return
	}
	for _, f := range m.Files {
		if digest, err := folder.DigestOf(filepath.Join(filepath.Dir(path), f.Name), f.Size); err != nil || digest != f.SHA256 {
			k.t.Fatalf("%s is there before its payload: %v", path, err)
		}
	}
}

func (k *killer) ledger(party, dir string) {
	k.t.Helper()
	entries, err := (&home.Home{Dir: dir}).Ledger()
	k.ok(err)
	over, released := map[string]bool{}, map[string]bool{}
	for _, e := range entries {
		stage := e.ID + " " + e.Stage
		switch {
		case e.Event == home.Abandoned:
			over[e.ID] = true
		case e.Event == home.Released && (over[e.ID] || released[stage]):
			k.t.Fatalf("%s released %s %s twice, or after it was abandoned: %+v", party, e.Name, e.Stage, entries)
		case e.Event == home.Released:
			released[stage] = true
		}
	}
}

// ladder kills a party's job at one change on disk, what follows at a later one, and so on,
// until one gets through.
func (k *killer) ladder(j job, first, stride int) int {
	k.t.Helper()
	for j.Kill = first; ; j.Kill += stride {
		if code := k.child(j); code != exitKilled {
			return code
		}
	}
}

// complete runs all parties, killing as kill says, until all is done.
func (k *killer) complete(turn func(party string) int) {
	k.t.Helper()
	parties := slices.Sorted(maps.Keys(k.homes))
	done := map[string]bool{}
	for turns := 0; len(done) < len(parties); turns++ {
		if turns > 2000 {
			k.t.Fatalf("only %v are done", done)
		}
		party := parties[turns%len(parties)]
		if !done[party] && turn(party) == 0 {
			done[party] = true
		}
	}
}

// same demands the results of an undisturbed run, of which the writer was killed, too.
func (k *killer) same(party string, want map[string]string) {
	k.t.Helper()
	dir := k.t.TempDir()
	k.ladder(job{Dir: k.dir, Home: k.homes[party], Out: dir}, 1, 4)
	got := files(k.t, dir)
	if len(got) != len(want) || len(got) < 6 {
		k.t.Errorf("%s has the results %v", party, slices.Sorted(maps.Keys(got)))
	}
	for name := range want {
		if identifier.ReplaceAllString(got[name], "") != identifier.ReplaceAllString(want[name], "") {
			k.t.Errorf("%s has another %s than without kills", party, name)
		}
	}
}

// identifier of an analysis, which is random.
var identifier = regexp.MustCompile("[0-9a-f]{64}")

// TestKilledInEveryRound kills every party at one moment after another, in every round.
func TestKilledInEveryRound(t *testing.T) {
	stride := 15
	if testing.Short() {
		stride = 40
	}
	sites := []string{"a", "b", "c"}
	want := undisturbed(t, sites, "logistic")
	k := newKiller(ofAllKinds(t, sites, "logistic"))
	turns := 0
	k.complete(func(party string) int {
		turns++
		return k.ladder(job{Dir: k.dir, Home: k.homes[party]}, 1+turns%stride, stride)
	})
	k.same("analyst", want)
	k.same("b", want)
	k.noSecrets()
	if t.Logf("%d kills", k.kills); k.kills < 1000/stride {
		t.Errorf("only %d kills", k.kills)
	}
}

// noSecrets demands that the homes of analyses that are over have nothing that unmasks.
func (k *killer) noSecrets() {
	k.t.Helper()
	for _, dir := range k.homes {
		for _, pattern := range []string{"secrets", ".secrets*", "outbox/*/private"} {
			left, err := filepath.Glob(filepath.Join(dir, "killed", "analyses", "*", pattern))
			k.ok(err)
			if left != nil {
				k.t.Errorf("left: %v", left)
			}
		}
	}
}

// TestKilledAtRandom kills parties of larger studies at moments that nobody chose.
func TestKilledAtRandom(t *testing.T) {
	sites := []string{"a", "b", "c", "d", "e"}
	want := undisturbed(t, sites, "linear")
	k := newKiller(ofAllKinds(t, sites, "linear"))
	r := rand.New(rand.NewPCG(3, 4))
	most := 50
	if testing.Short() {
		most = 20
	}
	k.complete(func(party string) int {
		if k.kills >= most {
			return k.step(party, 0)
		}
		return k.step(party, 1+int(math.Exp(5*r.Float64())))
	})
	k.same("analyst", want)
	k.noSecrets()
	if t.Logf("%d kills", k.kills); k.kills < most/2 {
		t.Errorf("only %d kills", k.kills)
	}
}

// TestKilledAbandoning has a site abandon analyses after so many rounds, and kills it on the
// way: in the end each analysis has its result, or all sites know that it has none.
func TestKilledAbandoning(t *testing.T) {
	rounds := []int{3, 5}
	if testing.Short() {
		rounds = rounds[:1]
	}
	for _, n := range rounds {
		k := newKiller(ofAllKinds(t, []string{"a", "b", "c"}, "linear"))
		parties := slices.Sorted(maps.Keys(k.homes))
		for range n {
			for _, party := range parties {
				k.step(party, 0)
			}
		}
		for _, name := range []string{"assoc", "model"} {
			k.ladder(job{Dir: k.dir, Home: k.homes["b"], Abandon: name}, 1, 1)
		}
		k.complete(func(party string) int { return k.step(party, 0) })
		k.noSecrets()
		for _, party := range parties {
			s := k.at(party)
			steps, err := s.Step(context.Background())
			k.ok(err)
			s.Close()
			for _, step := range steps {
				if abandoned := step.Name != "plot"; !abandoned && !step.State.Done || step.Waits() {
					t.Errorf("after %d rounds, %s, %s: %v %+v", n, party, step.Name, step.Err, step.State)
				}
			}
		}
		if k.kills < 4 {
			t.Errorf("after %d rounds only %d kills", n, k.kills)
		}
	}
}
