package home

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/folder"
)

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func create(t testing.TB, dir string) *Home {
	t.Helper()
	h, err := Create(dir)
	ok(t, err)
	t.Cleanup(h.Close)
	return h
}

func join(t testing.TB, h *Home) *Study {
	t.Helper()
	s, err := h.Join("lipids", "a")
	ok(t, err)
	return s
}

// original says whether the home in a directory is one.
func original(t testing.TB, dir string) error {
	t.Helper()
	h, err := Open(dir)
	ok(t, err)
	defer h.Close()
	_, err = h.Study("lipids")
	return err
}

// TestCopied: a copy of a home is none, however it was made, and the home stays one. What
// makes a copy an original again makes it one.
func TestCopied(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "home")
	h := create(t, dir)
	join(t, h)
	h.Close()
	for _, args := range [][]string{{"-r"}, {"-a"}, {"-p", "-R"}} {
		to := filepath.Join(t.TempDir(), "copy")
		ok(t, exec.Command("cp", append(args, dir, to)...).Run())
		if err := original(t, to); !errors.Is(err, ErrCopied) {
			t.Errorf("cp %v: %v", args, err)
		}
		copied := create(t, to)
		if _, err := copied.Join("lipids", "a"); !errors.Is(err, ErrCopied) {
			t.Errorf("cp %v: %v", args, err)
		}
		s, err := copied.CopiedStudy("lipids")
		ok(t, err)
		ok(t, s.Mark())
		copied.Close()
		ok(t, original(t, to))
	}
	ok(t, original(t, dir))
	moved := filepath.Join(t.TempDir(), "moved")
	ok(t, os.Rename(dir, moved))
	ok(t, original(t, moved))
}

// TestRestoredInPlace: a home that is deleted and restored is a copy, though its files may
// get the numbers of the old ones.
func TestRestoredInPlace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "home")
	h := create(t, dir)
	join(t, h)
	h.Close()
	if born(filepath.Join(dir, "lipids", markerName)) == 0 {
		t.Skip("the file system does not say when files were made")
	}
	for range 20 {
		backup := filepath.Join(t.TempDir(), "backup")
		ok(t, exec.Command("cp", "-a", dir, backup).Run())
		ok(t, os.RemoveAll(dir))
		ok(t, exec.Command("cp", "-a", backup, dir).Run())
		if err := original(t, dir); !errors.Is(err, ErrCopied) {
			t.Fatal(err)
		}
	}
}

// TestNoHome: what is no home is not taken for one, and nothing is made of it.
func TestNoHome(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), dir+": no home of a site") {
		t.Error(err)
	}
	h := create(t, dir)
	if _, err := h.Study("lipids"); err == nil || !strings.Contains(err.Error(), `this home is not in the study "lipids"`) {
		t.Error(err)
	}
	s := join(t, h)
	h.Close()
	path := filepath.Join(s.Dir, markerName)
	for _, text := range []string{"", "{", "{}", "7", `{"inode":1,"born":0}`} {
		ok(t, os.WriteFile(path, []byte(text), 0o600))
		if err := original(t, dir); !errors.Is(err, ErrCopied) {
			t.Errorf("%q: %v", text, err)
		}
	}
	ok(t, os.Remove(path))
	if err := original(t, dir); !errors.Is(err, ErrCopied) {
		t.Error(err)
	}
}

// TestJoinKilled: a process that is killed while it joins leaves what can join.
func TestJoinKilled(t *testing.T) {
	defer func() { atomicfile.BeforeStep = nil }()
	killed := errors.New("killed")
	for n := 1; ; n++ {
		dir := t.TempDir()
		h := create(t, dir)
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
			_, err = h.Join("lipids", "a")
			return err
		}()
		atomicfile.BeforeStep = nil
		if err == nil {
			if n < 4 {
				t.Errorf("only %d moments", n-1)
			}
			return
		}
		join(t, h)
		h.Close()
		ok(t, original(t, dir))
	}
}

// TestTwoProcesses: a home is open once at a time.
func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	h := create(t, dir)
	for _, open := range []func(string) (*Home, error){Open, Create} {
		if _, err := open(dir); !errors.Is(err, atomicfile.ErrLocked) || !strings.Contains(err.Error(), dir+": another process works with this home") {
			t.Error(err)
		}
	}
	h.Close()
	h, err := Open(dir)
	ok(t, err)
	h.Close()
}

// TestLockByName: where the file system has no locks, a file that one process can make is
// the lock. What a killed process of this machine left is no hindrance; of another machine,
// nobody knows.
func TestLockByName(t *testing.T) {
	dir := t.TempDir()
	path, err := lockByName(dir)
	ok(t, err)
	if _, err := lockByName(dir); !errors.Is(err, atomicfile.ErrLocked) {
		t.Error(err)
	}
	host, err := os.Hostname()
	ok(t, err)
	dead := exec.Command("true")
	ok(t, dead.Run())
	for text, free := range map[string]bool{
		fmt.Sprintln(host, dead.Process.Pid):          true,
		fmt.Sprintln(host+"-other", dead.Process.Pid): false,
		fmt.Sprintln(host, os.Getpid()):               false,
		fmt.Sprintln(host, "x"):                       false,
		"":                                            false,
	} {
		ok(t, os.WriteFile(path, []byte(text), 0o600))
		got, err := lockByName(dir)
		if free != (err == nil) || free && got != path || !free && (!errors.Is(err, atomicfile.ErrLocked) || !strings.Contains(err.Error(), "or delete "+path)) {
			t.Errorf("%q: %v", text, err)
		}
		if now, err := os.ReadFile(path); err != nil || free && string(now) != fmt.Sprintln(host, os.Getpid()) || !free && string(now) != text {
			t.Errorf("%q became %q", text, now)
		}
	}
	// A home that was locked so lets it go.
	h := create(t, t.TempDir())
	h.own = path
	h.Close()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the lock is still there")
	}
}

func entry(name string) Entry {
	return Entry{
		When: "2030-01-01T00:00:00Z", Study: "lipids", Analysis: folder.Digest{1}, ID: "id", Name: name, Event: Approved,
		Rosters: [][]charter.Unit{{{Site: "a", Ancestry: "all", Sex: "male"}}}, Used: []Used{{Label: "rows", Samples: 600, Rows: []byte{6}}},
	}
}

// TestLedger: entries come back as they were noted. A last line that a killed process did
// not finish did not happen, and the next one takes its place.
func TestLedger(t *testing.T) {
	h := create(t, t.TempDir())
	path := filepath.Join(h.Dir, ledgerName)
	demand := func(names ...string) {
		t.Helper()
		entries, err := h.Ledger()
		ok(t, err)
		var want []Entry
		for _, name := range names {
			want = append(want, entry(name))
		}
		if !reflect.DeepEqual(entries, want) {
			t.Errorf("%+v", entries)
		}
	}
	demand()
	ok(t, h.Note(entry("first")))
	demand("first")
	whole, err := os.ReadFile(path)
	ok(t, err)
	line, err := json.Marshal(entry("second"))
	ok(t, err)
	for _, n := range []int{1, len(line) / 2, len(line)} { // all but its end
		ok(t, os.WriteFile(path, append(bytes.Clone(whole), line[:n]...), 0o600))
		demand("first")
		ok(t, h.Note(entry("third")))
		demand("first", "third")
	}
	for n, text := range map[int]string{1: "{\n" + string(whole), 2: string(whole) + `{"event":"approved","extra":1}` + "\n", 3: string(whole) + string(whole) + "\n"} {
		ok(t, os.WriteFile(path, []byte(text), 0o600))
		if _, err := h.Ledger(); err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("%s, line %d: damaged", path, n)) {
			t.Errorf("line %d: %v", n, err)
		}
	}
}

func TestHas(t *testing.T) {
	entries := []Entry{
		{Analysis: folder.Digest{1}, Event: Approved},
		{Analysis: folder.Digest{1}, Event: Released, Stage: "counts", T: folder.Digest{7}},
		{Analysis: folder.Digest{2}, Event: Abandoned},
	}
	for _, c := range []struct {
		analysis     byte
		event, stage string
		want         bool
	}{
		{1, Approved, "", true}, {1, Released, "", true}, {1, Released, "counts", true}, {1, Released, "association", false},
		{1, Abandoned, "", false}, {2, Abandoned, "", true}, {2, Approved, "", false}, {3, Approved, "", false},
	} {
		if e, there := Has(entries, folder.Digest{c.analysis}, c.event, c.stage); there != c.want || there && e.Event != c.event {
			t.Errorf("%+v: %v", c, there)
		}
	}
}

// TestStudy: a home is one party's in a study, counts its messages, and keeps what was
// confirmed.
func TestStudy(t *testing.T) {
	h := create(t, t.TempDir())
	s, err := h.Join("lipids", "a")
	ok(t, err)
	if _, err := h.Join("lipids", "b"); err == nil || !strings.Contains(err.Error(), `this home is that of "a"`) {
		t.Error(err)
	}
	again, err := h.Join("lipids", "a")
	ok(t, err)
	if again.Name != "a" || again.Dir != s.Dir {
		t.Errorf("%+v", again)
	}
	for want := range uint64(4) {
		if n, err := s.Counter(); err != nil || n != want {
			t.Error(n, err)
		}
		if n, err := s.Count(); err != nil || n != want+1 {
			t.Error(n, err)
		}
	}
	ok(t, os.WriteFile(filepath.Join(s.Dir, counterName), []byte("four\n"), 0o600))
	if _, err := s.Count(); err == nil || !strings.HasSuffix(err.Error(), "counter: damaged") {
		t.Error(err)
	}
	if c, err := s.Confirmed(); c != nil || err != nil {
		t.Error(c, err)
	}
	want := &Confirmed{[]byte("charter"), map[string][]byte{"a": {1}}}
	ok(t, s.Confirm(want))
	if c, err := s.Confirmed(); err != nil || !reflect.DeepEqual(c, want) {
		t.Error(c, err)
	}
	ok(t, os.WriteFile(filepath.Join(s.Dir, confirmedName), []byte(`{"charter":""}x`), 0o600))
	if _, err := s.Confirmed(); err == nil || !strings.Contains(err.Error(), "confirmed: damaged") {
		t.Error(err)
	}
}

// TestKey: a key is made once, opens with its passphrase alone, and no error has it.
func TestKey(t *testing.T) {
	h := create(t, t.TempDir())
	for study, passphrase := range map[string]string{"open": "", "sealed": "four words of it"} {
		s, err := h.Join(study, "a")
		ok(t, err)
		if _, err := s.Key(nil); err == nil || !strings.Contains(err.Error(), "no such key; 'genoveil study join' makes one") {
			t.Error(err)
		}
		public, err := s.NewKey(passphrase)
		ok(t, err)
		if _, err := s.NewKey(passphrase); !errors.Is(err, fs.ErrExist) {
			t.Error(err)
		}
		key, err := s.Key(func() (string, error) { return passphrase, nil })
		if err != nil || !bytes.Equal(key.Public().(ed25519.PublicKey), public) {
			t.Fatal(err)
		}
		if _, err := s.Key(func() (string, error) { return "another", nil }); passphrase != "" && (err == nil || !strings.Contains(err.Error(), "wrong passphrase")) {
			t.Error(err)
		}
		path := filepath.Join(s.Dir, keyName)
		if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
			t.Error(info.Mode(), err)
		}
		ok(t, os.WriteFile(path, []byte(keyMagic+"00"), 0o600))
		if _, err := s.Key(nil); err == nil || !strings.Contains(err.Error(), "not a key of a site, or damaged") {
			t.Error(err)
		}
		ok(t, s.DropKey())
		ok(t, s.DropKey())
		if s.HasKey() {
			t.Error("still there")
		}
	}
}

// TestSetAside: a home that was restored keeps no secret of any analysis.
func TestSetAside(t *testing.T) {
	h := create(t, t.TempDir())
	s, err := h.Join("lipids", "a")
	ok(t, err)
	ok(t, s.SetAside()) // of none
	for range 2 {
		dir := s.Analysis("first")
		for _, name := range []string{"secrets", ".secrets.123.partial", "outbox/keys/private", "outbox/.keys.partial/private", "outbox/keys/a.msg"} {
			ok(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
			ok(t, os.WriteFile(filepath.Join(dir, name), []byte("secret"), 0o600))
		}
		ok(t, s.SetAside())
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Error("still an analysis")
		}
	}
	left := 0
	ok(t, filepath.WalkDir(s.Dir, func(path string, e fs.DirEntry, err error) error {
		if name := e.Name(); err == nil && (name == "private" || strings.Contains(name, "secrets")) {
			t.Errorf("left: %s", path)
		}
		if e.Name() == "a.msg" {
			left++
		}
		return err
	}))
	if left != 2 {
		t.Errorf("%d messages are left", left)
	}
}

// TestWipe overwrites what it deletes, and does not follow links to other directories' names.
func TestWipe(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "secret"), filepath.Join(dir, "link")
	ok(t, os.WriteFile(path, []byte("secret"), 0o600))
	ok(t, os.Link(path, other))
	ok(t, Wipe(path))
	ok(t, Wipe(path))
	if text, err := os.ReadFile(other); err != nil || string(text) != strings.Repeat("\x00", 6) {
		t.Errorf("%q %v", text, err)
	}
}

// FuzzLedger: no text stops the program, and what can be read can be added to.
func FuzzLedger(f *testing.F) {
	line, err := json.Marshal(entry("first"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(line, '\n'))
	f.Add(append(append(line, '\n'), line...))
	f.Add([]byte("{}\n{}\n{"))
	h := &Home{Dir: f.TempDir()}
	f.Fuzz(func(t *testing.T, text []byte) {
		ok(t, os.WriteFile(filepath.Join(h.Dir, ledgerName), text, 0o600))
		before, err := h.Ledger()
		if err != nil {
			return
		}
		ok(t, h.Note(entry("next")))
		after, err := h.Ledger()
		if err != nil || !reflect.DeepEqual(after, append(before, entry("next"))) {
			t.Errorf("%v, %d entries and then %d", err, len(before), len(after))
		}
	})
}
