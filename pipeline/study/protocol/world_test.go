package protocol

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/folder"
	"genoveil/pipeline/study/home"
	"genoveil/secagg"
)

var (
	today   = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	expired = today.AddDate(0, 0, 61)
)

// A toy adds up vectors: of words of 64 bits for all; then each site says its first word,
// and a person agrees; then three times the vector, as words of 128 bits, for the recipients.
type toy struct {
	own    []uint64
	len    int
	stage  int
	totals [][]uint64
	said   map[string]json.RawMessage
}

func (c *toy) Begin(declared map[string]json.RawMessage) error { return nil }

func (c *toy) Next() (Stage, error) {
	return []Stage{
		{Form: Sum, Name: "first", Width: secagg.Words64, Len: c.len, ToAll: true},
		{Form: Statement, Name: "said"},
		{Form: Consent, Name: "agree"},
		{Form: Sum, Name: "last", Width: secagg.Words128, Len: 2 * c.len},
		{},
	}[c.stage], nil
}

func (c *toy) Write(at int, words []uint64) error {
	for i := range words {
		switch k := at + i; {
		case c.stage == 0:
			words[i] = c.own[k]
		case k%2 == 0:
			words[i] = 3 * c.own[k/2]
		default:
			words[i] = 0
		}
	}
	return nil
}

func (c *toy) Check(*Vector) error { return nil }

func (c *toy) Take(total *Vector) error {
	words := make([]uint64, total.Len)
	err := total.Read(0, words)
	c.totals = append(c.totals, words)
	c.stage++
	return err
}

func (c *toy) Statement() (any, error) { return c.own[0], nil }

func (c *toy) Hear(said map[string]json.RawMessage) error {
	if said != nil {
		c.said = said
	}
	c.stage++
	return nil
}

// A member is one party with a home and a folder of its own.
type member struct {
	name, folder string
	home         *home.Study
	key          ed25519.PrivateKey
	own          []uint64
	inputs       string
	now          time.Time

	last *toy
	err  error
	State
}

// A network is what reaches a party of a file of another's; nil for nothing.
type network func(to, path string, text []byte) []byte

func honest(_, _ string, text []byte) []byte { return text }

// A world is one analysis with folders that a network fills.
type world struct {
	t       testing.TB
	docs    *Documents
	parties []string
	at      map[string]*member
}

const charterText = `
study: toys
sites: [a, b, c]
recipients: [r]
`

// newWorld is an analysis of three sites and an analyst, who did not approve yet.
func newWorld(t testing.TB, elements int, analysis string) *world {
	t.Helper()
	w := &world{t: t, at: map[string]*member{}}
	c, err := charter.ParseYAML([]byte(charterText), nil)
	w.ok(err)
	w.parties = c.Parties()
	keys := map[string][]byte{}
	r := rand.New(rand.NewPCG(1, 2))
	for _, name := range w.parties {
		p := &member{name: name, folder: t.TempDir(), now: today, inputs: "inputs of " + name}
		h, err := home.Create(t.TempDir())
		w.ok(err)
		t.Cleanup(h.Close)
		p.home, err = h.Join(c.Study, name)
		w.ok(err)
		keys[name], err = p.home.NewKey("")
		w.ok(err)
		p.key, err = p.home.Key(nil)
		w.ok(err)
		for range elements {
			p.own = append(p.own, r.Uint64N(1000))
		}
		w.at[name] = p
	}
	w.propose(keys, analysis)
	return w
}

const aFit = "name: sums\nkind: fit\nmodel: linear\noutcome: y\ncolumns: [x]\n"

// propose is another analysis with the same homes.
func (w *world) propose(keys map[string][]byte, text string) {
	w.t.Helper()
	c, err := charter.ParseYAML([]byte(charterText), nil)
	w.ok(err)
	all, err := c.ParseAnalyses([]byte(text), today)
	w.ok(err)
	w.docs, err = NewDocuments(c.Canonical(), keys, all[0].Canonical())
	w.ok(err)
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) site(name string) bool { return slices.Contains(w.docs.Charter.Sites, name) }

func (w *world) party(name string) *Party {
	p := w.at[name]
	p.last = &toy{own: p.own, len: len(p.own)}
	q := &Party{Documents: w.docs, Name: name, Key: p.key, Home: p.home, Folder: p.folder, Program: "test", Now: p.now, Computation: p.last}
	if w.site(name) {
		q.Inputs = func() ([]byte, error) { return []byte(p.inputs), nil }
	}
	return q
}

func (w *world) approve(name string) error {
	return w.party(name).Approve(map[string]int{"of": len(name)}, nil, false)
}

// step approves, agrees, and takes a step.
func (w *world) step(name string) {
	w.t.Helper()
	p := w.at[name]
	q := w.party(name)
	if approved, err := q.Approved(); err == nil && !approved && q.ended() == "" {
		if p.err = w.approve(name); p.err != nil {
			return
		}
	}
	state, err := w.party(name).Step(w.t.Context(), true)
	p.State, p.err = *state, err
}

// deliver copies what other parties wrote themselves.
func (w *world) deliver(to string, net network) {
	w.t.Helper()
	for _, from := range w.parties {
		if from == to {
			continue
		}
		for path, text := range w.written(from) {
			if text = net(to, path, text); text == nil {
				continue
			}
			at := filepath.Join(w.at[to].folder, path)
			if there, err := os.ReadFile(at); err == nil && slices.Equal(there, text) {
				continue
			}
			w.ok(os.MkdirAll(filepath.Dir(at), 0o700))
			w.ok(os.WriteFile(at, text, 0o600))
		}
	}
}

// written are the files that a party wrote, as they are in its own folder.
func (w *world) written(from string) map[string][]byte {
	w.t.Helper()
	all := map[string][]byte{}
	dir := w.at[from].folder
	w.ok(filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasPrefix(e.Name(), from+".") || strings.Contains(e.Name(), "conflict") {
			return err
		}
		inside, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		all[inside], err = os.ReadFile(path)
		return err
	}))
	return all
}

// run lets all parties step until nothing changes any more.
func (w *world) run(net network) {
	w.t.Helper()
	before := ""
	for range 100 {
		for _, name := range w.parties {
			w.deliver(name, net)
			w.step(name)
		}
		now := w.story()
		if now == before {
			return
		}
		before = now
	}
	w.t.Fatal("it goes on and on")
}

func (w *world) allDone() bool {
	return !slices.ContainsFunc(w.parties, func(name string) bool { return !w.at[name].Done })
}

func (w *world) story() string {
	var b strings.Builder
	for _, name := range w.parties {
		p := w.at[name]
		fmt.Fprintln(&b, name, p.Round, p.Done, p.Waiting, p.err, len(w.written(name)))
	}
	return b.String()
}

// complete demands that all parties are done and have the right totals.
func (w *world) complete() {
	w.t.Helper()
	first := make([]uint64, len(w.at["a"].own))
	last := make([]uint64, 2*len(first))
	for _, name := range w.docs.Charter.Sites {
		for i, x := range w.at[name].own {
			first[i] += x
			last[2*i] += 3 * x
		}
	}
	for _, name := range w.parties {
		p := w.at[name]
		if p.err != nil || !p.Done {
			w.t.Fatalf("%s is not done: %v %+v", name, p.err, p.State)
		}
		if want := [][]uint64{first, last}; !reflect.DeepEqual(p.last.totals, want) {
			w.t.Errorf("%s has other totals", name)
		}
	}
}

// ended demands that the analysis is over for a party, for a reason.
func (w *world) ended(name, why string) {
	w.t.Helper()
	p := w.at[name]
	var ended *Ended
	if !errors.As(p.err, &ended) || !strings.Contains(ended.Why, why) {
		w.t.Errorf("%s: %v %+v, and not ended because %q", name, p.err, p.State, why)
	}
	for _, secret := range []string{"secrets", "outbox/*/private"} {
		if left, err := filepath.Glob(filepath.Join(w.party(name).home(), secret)); left != nil || err != nil {
			w.t.Errorf("%s kept %v, %v", name, left, err)
		}
	}
}

// waits demands that a party waits for others in a round, and that nothing is wrong.
func (w *world) waits(name, round string, others ...string) {
	w.t.Helper()
	if p := w.at[name]; p.err != nil || p.Done || p.Round != round || !slices.Equal(p.Waiting, others) {
		w.t.Errorf("%s: %v %+v, and does not wait for %v in %s", name, p.err, p.State, others, round)
	}
}

func (w *world) notes(name, text string) {
	w.t.Helper()
	if all := strings.Join(w.at[name].Notes, "\n"); !strings.Contains(all, text) {
		w.t.Errorf("%s notes %q, and not %q", name, all, text)
	}
}

// evidence are the messages that a party kept.
func (w *world) evidence(name string, want int) {
	w.t.Helper()
	kept, err := filepath.Glob(filepath.Join(w.party(name).home(), "evidence", "*.msg"))
	w.ok(err)
	for _, path := range kept {
		text, err := os.ReadFile(path)
		w.ok(err)
		from := strings.Split(filepath.Base(path), ".")[1]
		if _, err := folder.Parse(text, w.docs.Keys[from]); err != nil {
			w.t.Errorf("%s is no evidence: %v", path, err)
		}
	}
	if len(kept) != want {
		w.t.Errorf("%s kept %v", name, kept)
	}
}

// ledger are the events of a home.
func (w *world) ledger(name string) (events []string) {
	w.t.Helper()
	entries, err := w.at[name].home.Ledger()
	w.ok(err)
	for _, e := range entries {
		events = append(events, strings.TrimSpace(e.Event+" "+e.Stage))
	}
	return events
}

// resigned is a message of a party with another header.
func (w *world) resigned(text []byte, change func(h *folder.Header)) []byte {
	w.t.Helper()
	_, header, _ := strings.Cut(string(text), "\n")
	header, _, _ = strings.Cut(header, "\n")
	var h folder.Header
	w.ok(json.Unmarshal([]byte(header), &h))
	change(&h)
	text, err := folder.Sign(&h, w.at[h.From].key)
	w.ok(err)
	return text
}

// body changes the body of a message.
func body[T any](w *world, text []byte, change func(b *T)) []byte {
	return w.resigned(text, func(h *folder.Header) {
		var b T
		w.ok(json.Unmarshal(h.Body, &b))
		change(&b)
		var err error
		h.Body, err = json.Marshal(b)
		w.ok(err)
	})
}
