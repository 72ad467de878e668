package site

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/filetest"
	"genoveil/pipeline/format"
)

// TestInterruptedLedger waits for a ledger that another holds.
func TestInterruptedLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.ledger")
	if err := (&Ledger{Path: path}).spend(filetest.Hold(t, path+atomicfile.LockSuffix), answer{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.ledger")
	l := &Ledger{Path: path, Limit: 100}
	ask := func(cohort, model byte, parts ...format.Part) answer {
		return answer{Cohort: chunkfile.Fingerprint{cohort}, Model: chunkfile.Fingerprint{model}, Parts: parts}
	}
	for i, step := range []struct {
		answer
		fails string
	}{
		{ask(1, 9, format.Part{From: 0, To: 60}), ""},
		{ask(1, 9, format.Part{From: 0, To: 60}), ""}, // again: nothing new
		{ask(1, 9, format.Part{From: 40, To: 70}), ""},
		{ask(2, 9, format.Part{From: 0, To: 31}), "70 samples have been answered, and this would make 101, more than --max-answers 100"},
		{ask(1, 8, format.Part{From: 0, To: 31}), "this would make 101"}, // other weights
		{ask(2, 9, format.Part{From: 0, To: 30}), ""},
		{ask(3, 9, format.Part{From: 5, To: 6}), "this would make 101"},
		{ask(1, 9, format.Part{From: 10, To: 70}), ""},
	} {
		err := l.spend(t.Context(), step.answer)
		if (err == nil) != (step.fails == "") || err != nil && !strings.Contains(err.Error(), step.fails) {
			t.Errorf("step %d: %v, want %q", i, err, step.fails)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	for _, content := range []string{"", "{", `{"version":3}`, "[]", `{"version":2,"answered":[{"parts":[{"from":60,"to":0}]}]}`, `{"version":2,"answered":[{"replies":[{"from":-1,"to":3}]}]}`} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := l.spend(t.Context(), answer{Parts: []format.Part{{From: 0, To: 1}}}); err == nil || !strings.Contains(err.Error(), "not a ledger") {
			t.Errorf("ledger %q: %v", content, err)
		}
	}
}

// TestLedgerCountsReplies gives the same answers again and again, whole and in parts.
func TestLedgerCountsReplies(t *testing.T) {
	l := &Ledger{Path: filepath.Join(t.TempDir(), "ledger"), Limit: 100}
	// As it was written before replies were counted.
	old := `{"version":1,"answered":[{"cohort":"` + strings.Repeat("00", 32) + `","model":"` + strings.Repeat("00", 32) + `","parts":[{"from":0,"to":60}]}]}`
	if err := os.WriteFile(l.Path, []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	first, whole := answer{Parts: []format.Part{{From: 0, To: 30}}}, answer{Parts: []format.Part{{From: 0, To: 60}}}
	give := func(a answer, want int) {
		t.Helper()
		// Asking alone, as a run that is interrupted does, is no reply.
		for range 3 {
			if err := l.spend(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.reply(t.Context(), a); err != nil || l.Reply != want {
			t.Fatalf("reply %d, want %d: %v", l.Reply, want, err)
		}
	}
	give(whole, 2) // the old ledger has one
	give(first, 3)
	give(answer{Parts: []format.Part{{From: 30, To: 60}}}, 3)
	give(answer{Cohort: chunkfile.Fingerprint{1}, Parts: []format.Part{{From: 0, To: 20}}}, 1)
	give(answer{Model: chunkfile.Fingerprint{1}, Parts: []format.Part{{From: 0, To: 20}}}, 1)
	for reply := 4; reply <= MaxReplies; reply++ {
		give(first, reply)
	}
	want := fmt.Sprintf("%s: this cohort has had %d replies with these weights, and each gives a little more of them away; send a file that was written before", l.Path, MaxReplies)
	for _, a := range []answer{first, whole} {
		for _, err := range []error{l.spend(t.Context(), a), l.reply(t.Context(), a)} {
			if err == nil || err.Error() != want {
				t.Error(err)
			}
		}
	}
	give(answer{Parts: []format.Part{{From: 30, To: 60}}}, 4)
}

// TestLedgerIsLocked lets many tasks spend at once: exactly as many as fit succeed,
// and so with replies.
func TestLedgerIsLocked(t *testing.T) {
	l := &Ledger{Path: filepath.Join(t.TempDir(), "ledger"), Limit: 7}
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() {
			errs[i] = l.spend(t.Context(), answer{Cohort: chunkfile.Fingerprint{byte(i)}, Parts: []format.Part{{From: 0, To: 1}}})
		})
	}
	wg.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		}
	}
	if done != l.Limit {
		t.Errorf("%d of %d were answered, want %d", done, len(errs), l.Limit)
	}
	replies := make([]error, MaxReplies+9)
	for i := range replies {
		wg.Go(func() {
			replies[i] = (&Ledger{Path: l.Path, Limit: l.Limit}).reply(t.Context(), answer{Parts: []format.Part{{From: 0, To: 1}}})
		})
	}
	wg.Wait()
	given := 0
	for _, err := range replies {
		if err == nil {
			given++
		}
	}
	if given != MaxReplies {
		t.Errorf("%d replies were given, want %d", given, MaxReplies)
	}
}

// TestSharedKey lets many shards begin at once: all have the same key.
func TestSharedKey(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "run.key")
	keys := make([]string, 20)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			key, err := sharedKey(path)
			keys[i] = fmt.Sprint(key, err)
		})
	}
	wg.Wait()
	for _, k := range keys {
		if k != keys[0] || !strings.HasSuffix(k, "<nil>") {
			t.Fatal(k, keys[0])
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Error(entries, err)
	}
	alone, err := sharedKey("")
	if again, err2 := sharedKey(""); err != nil || err2 != nil || *alone == *again {
		t.Error("two runs alone have the same key", err, err2)
	}
	for _, content := range []string{"", "abc", "zz"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := sharedKey(path); err == nil {
			t.Errorf("key %q was taken", content)
		}
	}
}

// TestTimes compares with a count sample by sample.
func TestTimes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	draw := func(n int) (parts []format.Part) {
		for range n {
			from := r.IntN(20)
			parts = append(parts, format.Part{From: from, To: from + 1 + r.IntN(5)})
		}
		return parts
	}
	for range 1000 {
		a, asked := answer{Replies: draw(r.IntN(9))}, format.JoinParts(draw(r.IntN(4)))
		want := 0
		for sample := range 25 {
			n := 0
			for _, p := range a.Replies {
				if p.From <= sample && sample < p.To {
					n++
				}
			}
			for _, p := range asked {
				if p.From <= sample && sample < p.To {
					want = max(want, n)
				}
			}
		}
		if got := a.times(asked); got != want {
			t.Fatalf("%v of %v: %d, want %d", asked, a.Replies, got, want)
		}
	}
}

// TestLedgerOfManyReplies reads a ledger whose replies, compared with each other, would take
// hours.
func TestLedgerOfManyReplies(t *testing.T) {
	l := &Ledger{Path: filepath.Join(t.TempDir(), "ledger"), Limit: 1 << 30}
	content := ledgerFile{Version: ledgerVersion, Answered: []answer{{}}}
	for i := range 1 << 20 {
		content.Answered[0].Replies = append(content.Answered[0].Replies, format.Part{From: i, To: i + 1})
	}
	text, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(l.Path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := l.reply(t.Context(), answer{Parts: []format.Part{{From: 0, To: 1 << 20}}}); err != nil || l.Reply != 2 {
		t.Error(l.Reply, err)
	}
}
