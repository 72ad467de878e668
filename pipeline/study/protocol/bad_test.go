package protocol

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"genoveil/pipeline/filetest"
	"genoveil/pipeline/study/folder"
	"genoveil/secagg"
)

var rounds = []string{
	"approve", "keys", "01-first-upload", "01-first-complete", "01-first-open", "02-said", "03-agree",
	"04-last-upload", "04-last-complete", "04-last-open",
}

// TestComplete: with honest parties there are totals, and the secrets are gone.
func TestComplete(t *testing.T) {
	w := newWorld(t, 5, aFit)
	w.run(honest)
	w.complete()
	for _, name := range w.parties {
		if left, err := w.party(name).left(); left != nil || err != nil {
			t.Errorf("%s kept %v, %v", name, left, err)
		}
	}
	if got, want := w.ledger("a"), []string{"approved", "released first", "released last"}; !slices.Equal(got, want) {
		t.Error(got)
	}
	if got, want := w.ledger("r"), []string{"approved"}; !slices.Equal(got, want) {
		t.Error(got)
	}
	if story, problems := Audit(w.docs, w.at["r"].folder); len(story) != len(rounds) || problems != nil {
		t.Error(story, problems)
	}
}

// TestManyFiles: a vector of several payload files, with a part of a chunk at the end.
func TestManyFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("a vector of 8 MB")
	}
	w := newWorld(t, payloadLen+3, aFit)
	w.run(honest)
	w.complete()
	if files, err := filepath.Glob(filepath.Join(w.at["r"].folder, "*-upload", "*.words")); len(files) != 3*(2+3) || err != nil {
		t.Error(files, err)
	}
}

// message says whether a path is a party's message of a round.
func message(path, party, round string) bool { return path == filepath.Join(round, party+".msg") }

// TestTwoMessages: a party that sends two messages in one round, in any, ends the analysis
// at whoever has seen both, with both as evidence; and then for all.
func TestTwoMessages(t *testing.T) {
	for _, round := range rounds {
		t.Run(round, func(t *testing.T) {
			who := "c"
			if strings.HasSuffix(round, "-complete") {
				who = "r"
			}
			t.Parallel()
			w := newWorld(t, 3, aFit)
			seen := false
			w.run(func(to, path string, text []byte) []byte {
				if to == "a" && message(path, who, round) {
					if seen {
						return w.resigned(text, func(h *folder.Header) { h.Counter++ })
					}
					seen = true
				}
				// What a lacks keeps it from going on before it looks again.
				if to == "a" && message(path, "b", round) && !w.sawOnce(who, round) {
					return nil
				}
				return text
			})
			if round == "04-last-complete" || round == "04-last-open" {
				return // a goes on at once, and looks no more
			}
			w.ended("a", who+" sent two different messages in the round "+round)
			w.evidence("a", 2)
			w.ended("b", " abandoned it")
			if got := w.ledger("a"); got[len(got)-1] != "abandoned" {
				t.Error(got)
			}
		})
	}
}

// sawOnce says whether a has a message of a party in a round at home.
func (w *world) sawOnce(who, round string) bool {
	_, err := os.Stat(filepath.Join(w.party("a").home(), "seen", round, who+".msg"))
	return err == nil
}

// TestTwoFolders: a party that shows one message to some and another to others is found
// out by the next message of anybody.
func TestTwoFolders(t *testing.T) {
	for i, round := range rounds[:6] {
		if strings.HasSuffix(round, "-complete") {
			continue
		}
		t.Run(round, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 3, aFit)
			w.run(func(to, path string, text []byte) []byte {
				if to == "b" && message(path, "c", round) {
					return w.resigned(text, func(h *folder.Header) { h.Counter++ })
				}
				return text
			})
			next := rounds[i+1]
			ended := 0
			for _, name := range w.parties {
				var e *Ended
				if !errors.As(w.at[name].err, &e) {
					t.Errorf("%s goes on", name)
				} else if strings.Contains(e.Why, "has read other messages before the round "+next) {
					w.evidence(name, 1)
					ended++
				}
				for _, event := range w.ledger(name) {
					if round == "01-first-upload" && strings.HasPrefix(event, "released") {
						t.Errorf("%s released something", name)
					}
				}
			}
			if ended == 0 {
				t.Error("nobody noticed")
			}
		})
	}
}

// TestBadMessages: what a signed message may have wrong, and for whom it ends the analysis.
func TestBadMessages(t *testing.T) {
	approval := func(change func(w *world, a *Approval)) func(*world, []byte) []byte {
		return func(w *world, text []byte) []byte { return body(w, text, func(a *Approval) { change(w, a) }) }
	}
	header := func(change func(h *folder.Header)) func(*world, []byte) []byte {
		return func(w *world, text []byte) []byte { return w.resigned(text, change) }
	}
	raw := func(text string) func(*world, []byte) []byte {
		return header(func(h *folder.Header) { h.Body = json.RawMessage(text) })
	}
	for name, c := range map[string]struct {
		who, round, at string
		change         func(w *world, text []byte) []byte
		why            string
		evidence       int
	}{
		"approval: no key":           {"c", "approve", "a", approval(func(w *world, a *Approval) { a.PublicKey = nil }), "the key of c in the round approve: not a public key", 0},
		"approval: half a key":       {"c", "approve", "a", approval(func(w *world, a *Approval) { a.PublicKey = a.PublicKey[1:] }), "the key of c in the round approve: not a public key", 0},
		"approval: key of another":   {"c", "approve", "b", approval(func(w *world, a *Approval) { a.PublicKey = w.publicKey("b") }), "b and c have the same key: is one home a copy of the other?", 0},
		"approval: key of recipient": {"c", "approve", "r", approval(func(w *world, a *Approval) { a.PublicKey = w.publicKey("r") }), "c and r have the same key", 0},
		"approval: no pledge":        {"c", "approve", "a", approval(func(w *world, a *Approval) { a.Pledge = nil }), "the approval of c does not pledge data", 0},
		"approval: no declaration":   {"c", "approve", "a", approval(func(w *world, a *Approval) { a.Declared = nil }), "the approval of c does not pledge data", 0},
		"approval: recipient with data": {"r", "approve", "a", approval(func(w *world, a *Approval) { a.Pledge = new(folder.Digest) }),
			"the approval of r does not pledge data, or pledges some that are not asked for", 0},
		"approval: unknown field": {"c", "approve", "a", raw(`{"program":"x","extra":1}`), "the approval of c is of another version", 0},
		"approval: nothing":       {"c", "approve", "a", raw(`null`), "the key of c", 0},
		"keys: no offer": {"a", "keys", "b", func(w *world, text []byte) []byte {
			return body(w, text, func(k *keys) { delete(k.Offers, "b") })
		}, "a and b have no key in common", 1},
		"keys: flipped": {"a", "keys", "b", func(w *world, text []byte) []byte {
			return body(w, text, func(k *keys) { k.Offers["b"][100] ^= 1 })
		}, "a and b have no key in common", 1},
		"keys: of another pair": {"a", "keys", "b", func(w *world, text []byte) []byte {
			return body(w, text, func(k *keys) { k.Offers["b"] = k.Offers["c"] })
		}, "a and b have no key in common", 1},
		"keys: unknown field": {"a", "keys", "b", raw(`{"offers":{},"extra":1}`), "the keys of a are of another version", 0},
		"upload: no file":     {"c", "01-first-upload", "r", header(func(h *folder.Header) { h.Files = nil }), "the upload of c: 5 of 5 words are missing", 1},
		"upload: too short":   {"c", "01-first-upload", "r", header(func(h *folder.Header) { h.Files[0].Size -= 8 }), "the upload of c: c.00001.words has 32 bytes, where 40 are due", 1},
		"upload: too long":    {"c", "01-first-upload", "r", header(func(h *folder.Header) { h.Files[0].Size++ }), "the upload of c: c.00001.words has 41 bytes, where 40 are due", 1},
		"upload: two files": {"c", "01-first-upload", "r", header(func(h *folder.Header) {
			h.Files = append(h.Files, folder.File{Name: "c.00002.words", Size: 8})
		}), "the upload of c: c.00002.words has 8 bytes, where 0 are due", 1},
		"upload: unknown field": {"c", "01-first-upload", "r", raw(`{"commitment":"` + strings.Repeat("0", 64) + `","extra":1}`), "the upload of c is of another version", 0},
		"upload: no commitment": {"c", "01-first-upload", "r", raw(`{"commitment":"00"}`), "the upload of c is of another version", 0},
		"opening: another key": {"c", "01-first-open", "r", func(w *world, text []byte) []byte {
			return w.resigned(text, func(h *folder.Header) {
				sealed, err := secagg.Opening{T: secagg.Transcript(h.T), Part: "first", From: "c", To: "r"}.Seal(w.public("r"), secagg.NewKey())
				w.ok(err)
				var o openings
				w.ok(json.Unmarshal(h.Body, &o))
				o.Sealed["r"] = sealed
				h.Body, err = json.Marshal(o)
				w.ok(err)
			})
		}, "the opening of c for r: the opened key is not the one that the site committed to", 1},
		"opening: flipped": {"c", "01-first-open", "r", func(w *world, text []byte) []byte {
			return body(w, text, func(o *openings) { o.Sealed["r"][2] ^= 1 })
		}, "the opening of c for r: a sealed message does not open", 1},
		"opening: left out": {"c", "01-first-open", "r", func(w *world, text []byte) []byte {
			return body(w, text, func(o *openings) { delete(o.Sealed, "r") })
		}, "the opening of c for r: a sealed message does not open", 1},
		"opening: that of another": {"c", "01-first-open", "r", func(w *world, text []byte) []byte {
			return body(w, text, func(o *openings) { o.Sealed["r"] = o.Sealed["a"] })
		}, "the opening of c for r: a sealed message does not open", 1},
		"opening: unknown field": {"c", "01-first-open", "r", raw(`{"sealed":{},"extra":1}`), "the opening of c is of another version", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 5, aFit)
			for _, name := range w.parties {
				w.ok(w.approve(name))
			}
			changed := map[string][]byte{} // the same for everybody
			w.run(func(to, path string, text []byte) []byte {
				if message(path, c.who, c.round) {
					if changed[path] == nil {
						changed[path] = c.change(w, text)
					}
					return changed[path]
				}
				return text
			})
			w.ended(c.at, c.why)
			w.evidence(c.at, c.evidence)
			for _, name := range w.parties {
				if w.at[name].Done {
					t.Errorf("%s is done", name)
				}
			}
		})
	}
}

func (w *world) publicKey(name string) []byte {
	w.t.Helper()
	m, err := w.party(name).own(approveRound)
	w.ok(err)
	var a Approval
	w.ok(json.Unmarshal(m.Body, &a))
	return a.PublicKey
}

func (w *world) public(name string) secagg.PublicKey {
	w.t.Helper()
	key, err := secagg.ParsePublicKey(w.publicKey(name))
	w.ok(err)
	return key
}

// TestNotThereYet: what is no message of this party, round and analysis, or not all of it,
// counts as not there, is named, and does no harm once the right file is there.
func TestNotThereYet(t *testing.T) {
	_, stranger, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(w *world, path string, text []byte) []byte
		note   string
	}{
		"cut off": {func(w *world, _ string, text []byte) []byte { return text[:len(text)-1] }, "incomplete, or not signed by the party"},
		"empty":   {func(*world, string, []byte) []byte { return []byte{} }, "incomplete, or not signed by the party"},
		"flipped": {func(w *world, path string, text []byte) []byte {
			text = slices.Clone(text)
			text[len(path)*37%len(text)] ^= 4
			return text
		}, "incomplete, or not signed by the party"},
		"of another party": {func(w *world, _ string, _ []byte) []byte {
			text, err := os.ReadFile(filepath.Join(w.at["a"].folder, "approve", "a.msg"))
			w.ok(err)
			return text
		}, "incomplete, or not signed by the party"},
		"signed with an old key": {func(w *world, _ string, text []byte) []byte {
			key := w.at["c"].key
			w.at["c"].key = stranger
			defer func() { w.at["c"].key = key }()
			return w.resigned(text, func(*folder.Header) {})
		}, "incomplete, or not signed by the party"},
		"of another round": {func(w *world, _ string, text []byte) []byte {
			return w.resigned(text, func(h *folder.Header) { h.Round = "05-x" })
		}, "it belongs to another place"},
		"of another analysis": {func(w *world, _ string, text []byte) []byte {
			return w.resigned(text, func(h *folder.Header) { h.Analysis[3] ^= 1 })
		}, "it belongs to another place"},
		"of another study": {func(w *world, _ string, text []byte) []byte {
			return w.resigned(text, func(h *folder.Header) { h.Study = "other" })
		}, "it belongs to another place"},
		"signed with a payload of another": {func(w *world, _ string, text []byte) []byte {
			return w.resigned(text, func(h *folder.Header) { h.Files = []folder.File{{Name: "a.00001.words", Size: 8}} })
		}, "is no payload of it"},
		"signed with a path": {func(w *world, _ string, text []byte) []byte {
			return w.resigned(text, func(h *folder.Header) { h.Files = []folder.File{{Name: "../c.00001.words", Size: 8}} })
		}, "is no payload of it"},
		"signed with a huge payload": {func(w *world, _ string, text []byte) []byte {
			return w.resigned(text, func(h *folder.Header) { h.Files = []folder.File{{Name: "c.00001.words", Size: 1 << 60}} })
		}, "is no payload of it"},
		"signed with a payload of less than nothing": {func(w *world, _ string, text []byte) []byte {
			return w.resigned(text, func(h *folder.Header) { h.Files = []folder.File{{Name: "c.00001.words", Size: -8}} })
		}, "is no payload of it"},
		"longer than a message": {func(*world, string, []byte) []byte { return make([]byte, folder.MaxMessage+1) }, "longer than"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 5, aFit)
			first := map[string]bool{}
			noted := false
			for turns := 0; turns < 60 && !w.allDone(); turns++ {
				for _, name := range w.parties {
					w.deliver(name, func(to, path string, text []byte) []byte {
						if to == "b" && strings.HasSuffix(path, "c.msg") && !first[path] {
							first[path] = true
							return c.change(w, path, text)
						}
						return text
					})
					w.step(name)
					noted = noted || name == "b" && strings.Contains(strings.Join(w.at["b"].Notes, "\n"), c.note)
				}
			}
			w.complete()
			if len(first) < 7 || !noted {
				t.Errorf("%d messages, noted %v: %v", len(first), noted, w.at["b"].Notes)
			}
		})
	}
}

// TestReplay: a message of another analysis of the same parties is not there.
func TestReplay(t *testing.T) {
	w := newWorld(t, 5, aFit)
	w.run(honest)
	w.complete()
	old := w.written("c")
	keys := map[string][]byte{}
	for name, key := range w.docs.Keys {
		keys[name] = key
	}
	w.propose(keys, strings.Replace(aFit, "sums", "more", 1))
	for _, p := range w.at {
		p.folder = t.TempDir()
	}
	w.run(func(to, path string, text []byte) []byte {
		if replayed := old[path]; to == "b" && replayed != nil {
			return replayed
		}
		return text
	})
	w.waits("b", "approve", "c")
	w.notes("b", "it belongs to another place")
	w.run(honest)
	w.complete()
}

// TestPayloads: a payload that is missing, cut off, altered or in excess counts as not there;
// recipients name whose it is and wait, nobody opens anything, and it heals.
func TestPayloads(t *testing.T) {
	for name, change := range map[string]func(text []byte) []byte{
		"missing": func([]byte) []byte { return nil },
		"cut off": func(text []byte) []byte { return text[:len(text)-1] },
		"longer":  func(text []byte) []byte { return append(slices.Clone(text), 0) },
		"flipped": func(text []byte) []byte { text = slices.Clone(text); text[7] ^= 1; return text },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 5, aFit)
			w.run(func(to, path string, text []byte) []byte {
				if to == "r" && strings.HasSuffix(path, "c.00001.words") {
					return change(text)
				}
				return text
			})
			w.waits("r", "01-first-complete", "c")
			w.waits("a", "01-first-complete", "r")
			if name == "flipped" {
				w.notes("r", "c.00001.words is not what c signed")
			}
			if got := w.ledger("c"); !slices.Equal(got, []string{"approved"}) {
				t.Error(got)
			}
			w.run(honest)
			w.complete()
		})
	}
}

// TestPayloadLost: a payload that goes after the recipient said it had it stops the
// recipient until it is there again.
func TestPayloadLost(t *testing.T) {
	w := newWorld(t, 5, aFit)
	lost := func(to, path string, text []byte) []byte {
		if to == "r" && message(path, "b", "01-first-open") {
			return nil
		}
		return text
	}
	w.run(lost)
	w.waits("r", "01-first-open", "b")
	path := filepath.Join(w.at["r"].folder, "01-first-upload", "b.00001.words")
	whole, err := os.ReadFile(path)
	w.ok(err)
	for _, text := range [][]byte{whole[1:], append([]byte{whole[0] ^ 1}, whole[1:]...)} {
		w.deliver("r", honest)
		w.ok(os.WriteFile(path, text, 0o600))
		w.step("r")
		if err := w.at["r"].err; err == nil || !strings.Contains(err.Error(), path+" is not what b signed any more") {
			t.Error(err)
		}
	}
	w.run(honest)
	w.complete()
}

// TestWithheld: a recipient that keeps its opening to itself may know the total, and nobody
// else does. The others had released theirs, and their ledgers say so.
func TestWithheld(t *testing.T) {
	w := newWorld(t, 5, aFit)
	withheld := func(to, path string, text []byte) []byte {
		if message(path, "a", "01-first-open") {
			return nil
		}
		return text
	}
	w.run(withheld)
	if len(w.at["a"].last.totals) != 1 {
		t.Error("the one that has all openings has no total")
	}
	for _, name := range []string{"b", "c", "r"} {
		w.waits(name, "01-first-open", "a")
		if len(w.at[name].last.totals) > 0 {
			t.Errorf("%s has a total", name)
		}
	}
	for _, p := range w.at {
		p.now = expired
	}
	w.run(withheld)
	w.ended("a", "it expired on 2030-03-02")
	w.ended("b", "a abandoned it")
	if got := w.ledger("b"); !slices.Equal(got, []string{"approved", "released first", "abandoned"}) {
		t.Error(got)
	}
}

// TestHugeMessages: what others declare takes no memory.
func TestHugeMessages(t *testing.T) {
	w := newWorld(t, 5, aFit)
	for round := range 2 {
		w.run(func(to, path string, text []byte) []byte {
			switch {
			case round == 0 && message(path, "c", "01-first-upload"):
				return nil
			case message(path, "c", "01-first-upload"):
				return w.resigned(text, func(h *folder.Header) {
					h.Files = nil
					for i := range 20000 {
						h.Files = append(h.Files, folder.File{Name: folder.PayloadName("c", i), Size: folder.PayloadSize})
					}
				})
			}
			return text
		})
		if round == 0 {
			w.waits("r", "01-first-upload", "c")
			// A sparse file is as long as its owner says.
			path := filepath.Join(w.at["r"].folder, "01-first-upload", "c.msg")
			w.ok(os.WriteFile(path, nil, 0o600))
			w.ok(os.Truncate(path, 1<<40))
			filetest.Within(t, "a message of a terabyte", folder.MaxMessage, 8<<20, func() { w.step("r") })
			w.waits("r", "01-first-upload", "c")
			w.notes("r", "longer than")
			w.ok(os.Remove(path))
		}
	}
	w.ended("r", "the upload of c: c.00001.words has 8388608 bytes, where 40 are due")
}

// TestStrangers: files that nobody expects are named and left alone, and so are
// directories and links in place of messages.
func TestStrangers(t *testing.T) {
	w := newWorld(t, 5, aFit)
	dir := filepath.Join(w.at["a"].folder, "approve")
	w.ok(os.MkdirAll(dir, 0o700))
	strange := []string{"c (conflicted copy 2030-01-01).msg", "c.sync-conflict-20300101.msg", "d.msg", "note.txt", "x1", "x2", "x3"}
	for _, name := range strange {
		w.ok(os.WriteFile(filepath.Join(dir, name), []byte("?"), 0o600))
	}
	w.ok(os.Mkdir(filepath.Join(dir, "b.msg"), 0o700))
	w.step("a")
	w.notes("a", `ignored: "c (conflicted copy 2030-01-01).msg", "c.sync-conflict-20300101.msg", "d.msg", "note.txt", "x1", and 2 more`)
	w.notes("a", "b.msg: not a regular file; it counts as not there yet")
	w.ok(os.Remove(filepath.Join(dir, "b.msg")))
	w.run(honest)
	w.complete()
	for _, name := range strange {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

// TestChangedInputs: a site whose data are not those that it approved uploads nothing, and
// goes on once they are.
func TestChangedInputs(t *testing.T) {
	w := newWorld(t, 5, aFit)
	for _, name := range w.parties {
		w.ok(w.approve(name))
	}
	w.at["b"].inputs = "other"
	w.run(honest)
	if err := w.at["b"].err; err == nil || !strings.Contains(err.Error(), "the site's data changed after it approved") {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(w.at["b"].folder, "01-first-upload", "b.msg")); err == nil {
		t.Error("it uploaded them")
	}
	w.waits("a", "01-first-upload", "b")
	w.at["b"].inputs = "inputs of b"
	w.run(honest)
	w.complete()
}

// unsteady writes other words the second time.
type unsteady struct {
	*toy
	calls uint64
}

func (u *unsteady) Write(at int, words []uint64) error {
	u.calls++
	for i := range words {
		words[i] = u.calls
	}
	return nil
}

// TestUnsteadyInputs: a vector that changes while it is written is not uploaded.
func TestUnsteadyInputs(t *testing.T) {
	w := newWorld(t, 5, aFit)
	w.run(func(to, path string, text []byte) []byte {
		if strings.HasPrefix(path, "keys") {
			return nil
		}
		return text
	})
	for _, name := range w.parties {
		w.deliver(name, honest)
	}
	p := w.party("b")
	p.Computation = &unsteady{toy: w.at["b"].last}
	if _, err := p.Step(t.Context(), false); err == nil || !strings.Contains(err.Error(), "the site's data changed while they were read") {
		t.Error(err)
	}
	w.run(honest)
	w.complete()
}

// TestExpired: after the last day nothing more is made, and the secrets are gone.
func TestExpired(t *testing.T) {
	for _, lacks := range []string{"approve", "keys", "01-first-upload", "01-first-open", "03-agree"} {
		t.Run(lacks, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 5, aFit)
			late := func(to, path string, text []byte) []byte {
				if strings.HasPrefix(path, lacks) && (to == "b" || to == "r") {
					return nil
				}
				return text
			}
			w.run(late)
			sent := len(w.written("b"))
			for _, p := range w.at {
				p.now = expired
			}
			w.step("b")
			w.ended("b", "it expired on 2030-03-02")
			if now := len(w.written("b")); now != sent+1 {
				t.Errorf("%d files, then %d", sent, now)
			}
			w.run(honest)
			w.ended("b", "it expired on 2030-03-02")
			if err := w.party("b").Approve(nil, nil, false); err == nil {
				t.Error("it approves")
			}
		})
	}
}

// TestAbandoned: whoever abandons an analysis before it opened keeps it so, and all others
// know. Once all have opened, the others have the result.
func TestAbandoned(t *testing.T) {
	for i, round := range rounds {
		t.Run(round, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 5, aFit)
			w.run(func(to, path string, text []byte) []byte {
				if strings.HasPrefix(path, round) && to == "b" {
					return nil
				}
				return text
			})
			if w.at["b"].Done {
				if round != "04-last-complete" && round != "04-last-open" {
					t.Fatal("done")
				}
				if err := w.party("b").Abandon(); err == nil {
					t.Error("abandoned what is complete")
				}
				return
			}
			released := slices.DeleteFunc(w.ledger("b"), func(e string) bool { return !strings.HasPrefix(e, "released") })
			w.ok(w.party("b").Abandon())
			var ended *Ended
			if err := w.party("b").Abandon(); !errors.As(err, &ended) {
				t.Error(err)
			}
			w.run(honest)
			w.ended("b", "this site abandoned it")
			for _, other := range []string{"a", "c", "r"} {
				if slices.Equal(released, []string{"released first", "released last"}) {
					if p := w.at[other]; !p.Done {
						t.Errorf("%s: %v %+v", other, p.err, p.State)
					}
				} else {
					w.ended(other, " abandoned it")
				}
			}
			got := slices.DeleteFunc(w.ledger("b"), func(e string) bool { return !strings.HasPrefix(e, "released") })
			if !slices.Equal(got, released) {
				t.Errorf("%v released after %v (%d)", got, released, i)
			}
		})
	}
}

// TestLedgerRules: what the ledger says was opened is not opened to another list, and what
// it says was abandoned is not opened at all.
func TestLedgerRules(t *testing.T) {
	for _, event := range []string{"abandoned", "released"} {
		w := newWorld(t, 5, aFit)
		w.run(func(to, path string, text []byte) []byte {
			if strings.HasPrefix(path, "01-first-complete") {
				return nil
			}
			return text
		})
		e := w.party("b").entry(event)
		e.Stage = "first"
		w.ok(w.at["b"].home.Note(e))
		w.run(honest)
		want := map[string]string{"abandoned": "the ledger says that this analysis was abandoned", "released": "first was opened to another list of uploads"}[event]
		if err := w.at["b"].err; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", event, err)
		}
		if _, err := os.Stat(filepath.Join(w.at["b"].folder, "01-first-open", "b.msg")); err == nil {
			t.Errorf("%s: it opened", event)
		}
	}
}

// TestHealing: a party writes again what the folder lost or damaged of its own, in
// whatever round it is, while others wait for it.
func TestHealing(t *testing.T) {
	for _, round := range rounds {
		t.Run(round, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 5, aFit)
			who := "a"
			path := filepath.Join(round, who+".msg")
			w.run(func(to, p string, text []byte) []byte {
				if p == path && to == "c" {
					return nil
				}
				return text
			})
			at := filepath.Join(w.at[who].folder, path)
			w.ok(os.WriteFile(at, []byte("half"), 0o600)) // what others get now
			w.restRun()
			w.complete()
		})
	}
}

// restRun is run for parties that take a step only when there may be something to do.
func (w *world) restRun() {
	w.t.Helper()
	for turns := 0; turns < 30 && !w.allDone(); turns++ {
		for _, name := range w.parties {
			w.deliver(name, honest)
			if state, known, err := w.party(name).Rest(); known || err != nil {
				w.ok(err)
				w.at[name].Done = state.Done
				continue
			}
			w.step(name)
		}
	}
	for _, name := range w.parties {
		w.step(name)
	}
}
