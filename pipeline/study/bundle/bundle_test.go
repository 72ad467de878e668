package bundle

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"genoveil/pipeline/atomicfile"
)

// A tree is the files of a folder.
type tree map[string]string

// write makes the files below dir.
func (t tree) write(dir string) error {
	for path, text := range t {
		name := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// readTree is what lies below dir, temporary files, too.
func readTree(dir string) (tree, error) {
	t := tree{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		path, _ := filepath.Rel(dir, name)
		t[filepath.ToSlash(path)] = string(text)
		return err
	})
	return t, err
}

// paths are in an order in which payloads stand before messages.
func (t tree) paths() []string {
	return slices.SortedFunc(maps.Keys(t), func(a, b string) int {
		if x, y := strings.HasSuffix(a, ".msg"), strings.HasSuffix(b, ".msg"); x != y {
			return map[bool]int{true: 1, false: -1}[x]
		}
		return strings.Compare(a, b)
	})
}

// A test is a test, a fuzz target or a property.
type test interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func must(t test, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t test, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: %.1000v, expected %.1000v", what, fmt.Sprint(got), fmt.Sprint(want))
	}
}

func demandTree(t test, dir string, want tree) {
	t.Helper()
	got, err := readTree(dir)
	must(t, err)
	same(t, "files", got.paths(), want.paths())
	for path := range want {
		if got[path] != want[path] {
			t.Fatalf("%s: %d bytes, not the %d that it should have", path, len(got[path]), len(want[path]))
		}
	}
}

// anything takes all files up to a megabyte.
func anything(string) (int64, bool) { return 1 << 20, true }

// random is a text of n bytes.
func random(n int, seed uint64) string {
	b := make([]byte, n)
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return string(b)
}

// pack exports a tree from a directory of its own.
func pack(t *testing.T, files tree, maxSize int64) []string {
	t.Helper()
	dir := t.TempDir()
	must(t, files.write(dir))
	bundles, err := Export(dir, files.paths(), filepath.Join(t.TempDir(), "out"), maxSize)
	must(t, err)
	return bundles
}

// study is a small folder.
func study() tree {
	return tree{
		"charter.yaml":                     "study: height\n",
		"variants of the study.tsv":        "rs1\n",
		"sites/brno.pub":                   "key",
		"height/analysis.canonical":        "{}",
		"height/counts/brno.00001.words":   random(2000, 1),
		"height/counts/brno.00002.words":   "",
		"height/counts/brno.msg":           "signed",
		"height/counts/aarhus.msg":         "signed, too",
		"height/counts/aarhus.00001.words": "words",
	}
}

// TestRoundTrip: however files are spread over bundles, and in whatever order these arrive,
// more than once, all files are there in the end; until then none is there in part.
func TestRoundTrip(t *testing.T) {
	all := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		base, err := os.MkdirTemp(all, "")
		must(t, err)
		defer os.RemoveAll(base)
		files := tree{}
		size := rapid.OneOf(rapid.IntRange(0, 300), rapid.IntRange(0, 300<<10), rapid.SampledFrom([]int{small, small + 1, minBundle - fixedSize}))
		for i := range rapid.IntRange(0, 8).Draw(t, "files") {
			name := rapid.SampledFrom([]string{"%d.tsv", "sites/%d.pub", "a/counts/%d.00001.words", "a/counts/%d.msg"}).Draw(t, "name")
			files[fmt.Sprintf(name, i)] = random(size.Draw(t, "size"), uint64(i))
		}
		from, to, pieces := filepath.Join(base, "from"), filepath.Join(base, "to"), filepath.Join(base, "pieces")
		must(t, os.Mkdir(from, 0o700))
		must(t, os.Mkdir(to, 0o700))
		must(t, files.write(from))
		paths := rapid.Permutation(files.paths()).Draw(t, "paths")

		// Two exports, whose bundles come together: parts of them overlap.
		var bundles []string
		for i := range rapid.IntRange(1, 2).Draw(t, "exports") {
			maxSize := rapid.Int64Range(minBundle, 200<<10).Draw(t, "maxSize")
			out := filepath.Join(base, fmt.Sprint("out", i))
			made, err := Export(from, paths, out, maxSize)
			must(t, err)
			again, err := Export(from, paths, out, maxSize)
			must(t, err)
			same(t, "again", again, made)
			total := int64(0)
			for j, name := range made {
				same(t, "name", name, fmt.Sprintf("%s-%d-of-%d.genoveil", out, j+1, len(made)))
				info, err := os.Stat(name)
				must(t, err)
				if info.Size() > maxSize || j < len(made)-1 && info.Size() < maxSize-small-entrySize-maxPath {
					t.Fatalf("%s has %d bytes of %d", name, info.Size(), maxSize)
				}
				total += info.Size()
			}
			bundles = append(bundles, made...)
		}
		bundles = append(bundles, bundles[:min(2, len(bundles))]...)
		lost := ""
		if len(bundles) > 0 {
			lost = bundles[0]
		}
		added := 0
		for _, name := range rapid.Permutation(bundles).Draw(t, "order") {
			if name == lost {
				continue
			}
			report, err := Import(to, pieces, name, anything)
			must(t, err)
			same(t, "conflicts and ignored", len(report.Conflicts)+len(report.Ignored), 0)
			added += report.New
			there, err := readTree(to)
			must(t, err)
			for path, text := range there {
				if files[path] != text {
					t.Fatalf("%s stands there in part", path)
				}
			}
			same(t, "files there", len(there), added)
		}
		if lost != "" {
			report, err := Import(to, pieces, lost, anything)
			must(t, err)
			same(t, "waiting in the end", report.Waiting, 0)
			added += report.New
		}
		same(t, "new", added, len(files))
		demandTree(t, to, files)
		left, err := readTree(pieces)
		if len(left) > 0 || err != nil && lost != "" && !os.IsNotExist(err) {
			t.Fatalf("left of pieces: %v, %v", left.paths(), err)
		}
		for _, name := range bundles {
			report, err := Import(to, pieces, name, anything)
			must(t, err)
			same(t, "new, of what is known", report.New+report.Waiting, 0)
		}
	})
}

// TestFormat: a bundle is what the description says.
func TestFormat(t *testing.T) {
	files := tree{"a/x.msg": "signed", "b.tsv": "list"}
	dir := t.TempDir()
	must(t, files.write(dir))
	bundles, err := Export(dir, []string{"b.tsv", "a/x.msg"}, filepath.Join(dir, "mail"), minBundle)
	must(t, err)
	same(t, "bundles", bundles, []string{filepath.Join(dir, "mail-1-of-1.genoveil")})
	got, err := os.ReadFile(bundles[0])
	must(t, err)
	if want := described(wholeEntry("b.tsv", "list"), wholeEntry("a/x.msg", "signed")); !bytes.Equal(got, want) {
		t.Errorf("%q, expected %q", got, want)
	}
}

// TestReport counts what is new, known, not allowed, and in the way.
func TestReport(t *testing.T) {
	bundles := pack(t, study(), minBundle)
	same(t, "bundles", len(bundles), 1)
	dir, pieces := t.TempDir(), t.TempDir()
	there := tree{"charter.yaml": "study: weight\n", "sites/brno.pub": "key"}
	must(t, there.write(dir))
	must(t, os.MkdirAll(filepath.Join(dir, "height/counts"), 0o777))
	must(t, os.Symlink("nowhere", filepath.Join(dir, "height/counts/brno.msg")))
	must(t, os.Mkdir(filepath.Join(dir, "height/counts/aarhus.msg"), 0o777))
	noLists := func(path string) (int64, bool) { return 2000, !strings.HasSuffix(path, ".tsv") }
	want := Report{New: 4, Known: 1,
		Conflicts: []string{"charter.yaml", "height/counts/aarhus.msg", "height/counts/brno.msg"},
		Ignored:   []string{"variants of the study.tsv"}}
	for range 2 {
		report, err := Import(dir, pieces, bundles[0], noLists)
		must(t, err)
		same(t, "report", report, want)
		want.New, want.Known = 0, 5
	}
	must(t, os.Remove(filepath.Join(dir, "height/counts/brno.msg")))
	files := study()
	delete(files, "variants of the study.tsv")
	delete(files, "height/counts/brno.msg")
	delete(files, "height/counts/aarhus.msg")
	files["charter.yaml"] = there["charter.yaml"]
	demandTree(t, dir, files)
}

// TestConflictOfParts: what is in the way is seen with the first part of a file, and no
// part is kept.
func TestConflictOfParts(t *testing.T) {
	bundles := pack(t, tree{"list.tsv": random(150<<10, 1)}, minBundle)
	dir, pieces := t.TempDir(), t.TempDir()
	there := tree{}
	for i, name := range bundles {
		want := Report{Waiting: 1}
		if i > 0 {
			want = Report{Conflicts: []string{"list.tsv"}}
		}
		report, err := Import(dir, pieces, name, anything)
		must(t, err)
		same(t, "report", report, want)
		there["list.tsv"] = "another"
		must(t, there.write(dir))
	}
	demandTree(t, dir, there)
	demandTree(t, pieces, tree{})
}

// TestWrongPart: a part with other bytes, which says that it is one of a file, does not
// become part of it.
func TestWrongPart(t *testing.T) {
	text := random(150<<10, 1)
	bundles := pack(t, tree{"list.tsv": text}, minBundle)
	good, err := os.ReadFile(bundles[1])
	must(t, err)
	bad := bytes.Clone(good)
	bad[len(bad)/2] ^= 1
	bad = append(bad[:len(bad)-32], sumText(bad[:len(bad)-32])...)
	evil := filepath.Join(t.TempDir(), "evil")
	must(t, os.WriteFile(evil, bad, 0o600))

	dir, pieces := t.TempDir(), t.TempDir()
	steps := func(want string, names ...string) {
		t.Helper()
		for i, name := range names {
			_, err := Import(dir, pieces, name, anything)
			if last := i == len(names)-1; last && want != "" {
				if err == nil || err.Error() != name+": list.tsv: "+want {
					t.Fatal(err)
				}
			} else {
				must(t, err)
			}
		}
	}
	steps("its parts do not make the file that they belong to; import all bundles with parts of it again", bundles[0], evil, bundles[2])
	demandTree(t, dir, tree{})
	demandTree(t, pieces, tree{})
	steps("", evil, bundles[0], bundles[1], bundles[2]) // the good one mends it
	demandTree(t, dir, tree{"list.tsv": text})
	demandTree(t, pieces, tree{})
}

// TestSplit counts bundles: few mails are what people want.
func TestSplit(t *testing.T) {
	const mail = 18_000_000
	dir := t.TempDir()
	var paths []string
	add := func(size int64, path string) {
		f, err := os.Create(filepath.Join(dir, path))
		must(t, err)
		must(t, f.Truncate(size))
		must(t, f.Close())
		paths = append(paths, path)
	}
	export := func(want ...int64) {
		t.Helper()
		bundles, err := Export(dir, paths, filepath.Join(t.TempDir(), "out"), mail)
		must(t, err)
		var sizes []int64
		for _, name := range bundles {
			info, err := os.Stat(name)
			must(t, err)
			sizes = append(sizes, info.Size())
		}
		same(t, "sizes", sizes, want)
	}
	add(100_000_000, "one")
	head := int64(fixedSize + entrySize + 3)
	export(mail, mail, mail, mail, mail, 10_000_000+6*head)
	paths = nil
	for i := range 12 {
		add(8<<20, fmt.Sprintf("x.%05d.words", i+1))
	}
	add(3000, "x.msg")
	bundles, err := Export(dir, paths, filepath.Join(t.TempDir(), "out"), mail)
	must(t, err)
	same(t, "bundles of payloads", len(bundles), 6)
	paths = nil
	for i := range maxEntries + 1 {
		paths = append(paths, fmt.Sprint(i))
	}
	var entries []entry
	for _, path := range paths {
		entries = append(entries, entry{path: path})
	}
	var counts []int
	for _, b := range plan(entries, mail) {
		counts = append(counts, len(b))
	}
	same(t, "empty files", counts, []int{maxEntries, 1})
}

// TestExportRefuses what Import would not take, and what is not a file of the folder.
func TestExportRefuses(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	must(t, tree{"a": "a", "B": "b", "d/x": "x"}.write(dir))
	must(t, tree{"secret": "s"}.write(outside))
	must(t, os.Symlink(filepath.Join(outside, "secret"), filepath.Join(dir, "link")))
	must(t, os.Symlink(outside, filepath.Join(dir, "linked")))
	out := filepath.Join(t.TempDir(), "out")
	for _, test := range []struct {
		paths   []string
		maxSize int64
		want    string
	}{
		{[]string{"a"}, minBundle - 1, "files of at most 65535 bytes; give a size from 65536 to 2147483648"},
		{[]string{"a"}, maxBundle + 1, "files of at most 2147483649 bytes; give a size from 65536 to 2147483648"},
		{[]string{"a", "../a"}, minBundle, dir + `: "../a" is no path of a file in a study's folder`},
		{[]string{"a", "a"}, minBundle, dir + `: "a" is in it twice, perhaps in other letters`},
		{[]string{"a", "none"}, minBundle, dir + ": openat none: no such file or directory"},
		{[]string{"a", "d"}, minBundle, dir + ": " + dir + "/d: not a regular file"},
		{[]string{"a", "link"}, minBundle, dir + ": openat link: path escapes from parent"},
		{[]string{"a", "linked/secret"}, minBundle, dir + ": openat linked/secret: path escapes from parent"},
	} {
		if _, err := Export(dir, test.paths, out, test.maxSize); err == nil || err.Error() != test.want {
			t.Errorf("%q: %v, expected %s", test.paths, err, test.want)
		}
	}
	demandTree(t, filepath.Dir(out), tree{})

	there := tree{"out-2-of-2.genoveil": "another"}
	must(t, there.write(filepath.Dir(out)))
	must(t, tree{"a": random(100_000, 1)}.write(dir))
	_, err := Export(dir, []string{"a"}, out, minBundle)
	same(t, "error", fmt.Sprint(err), out+"-2-of-2.genoveil: there is another file of that name; move it away, or choose another name")
	demandTree(t, filepath.Dir(out), there)
	bundles, err := Export(dir, nil, out, minBundle)
	must(t, err)
	same(t, "bundles of nothing", len(bundles), 0)
}

// TestChanging: a file that changes after its sum was taken is refused, though only its
// last part shows it.
func TestChanging(t *testing.T) {
	dir := t.TempDir()
	must(t, tree{"a": random(100_000, 1)}.write(dir))
	root, err := os.OpenRoot(dir)
	must(t, err)
	defer root.Close()
	x := &exporter{root: root, buf: make([]byte, bufferSize)}
	defer x.close()
	entries, err := x.entries([]string{"a"})
	must(t, err)
	must(t, tree{"a": random(100_000, 2)}.write(dir))
	out := t.TempDir()
	var errs []string
	for i, entries := range plan(entries, minBundle) {
		_, err := x.write(filepath.Join(out, fmt.Sprint(i)), entries)
		errs = append(errs, fmt.Sprint(err))
	}
	same(t, "errors", errs, []string{"<nil>", dir + ": a: it changed while it was read; try again"})
}

// TestFaster has somebody else put a file in the moment before it gets its name: it is not
// replaced.
func TestFaster(t *testing.T) {
	defer func() { atomicfile.BeforeStep = nil }()
	for text, want := range map[string]Report{"key": {Known: 1}, "yek": {Conflicts: []string{"sites/brno.pub"}}} {
		bundles := pack(t, tree{"sites/brno.pub": "key"}, minBundle)
		dir := t.TempDir()
		there := tree{"sites/brno.pub": text}
		steps := 0
		atomicfile.BeforeStep = func() {
			if steps++; steps == 2 {
				must(t, there.write(dir))
			}
		}
		report, err := Import(dir, t.TempDir(), bundles[0], anything)
		atomicfile.BeforeStep = nil
		must(t, err)
		same(t, "report", report, want)
		demandTree(t, dir, there)
	}
}

// TestSpans: of parts that overlap, those that reach furthest make a file.
func TestSpans(t *testing.T) {
	for _, test := range []struct {
		parts []string
		total int64
		want  string // the parts, and from where on
	}{
		{[]string{"0-100", "40-20", "90-60", "95-10", "150-1"}, 151, "0-100+0 90-60+10 150-1+0"},
		{[]string{"0-50", "0-100", "50-50"}, 100, "0-100+0"},
		{[]string{"0-50", "51-49"}, 100, ""},
		{[]string{"1-99"}, 100, ""},
		{[]string{"0-99"}, 100, ""},
		{[]string{"0-100", ".0-100.7.partial", "x-y", "x"}, 100, "0-100+0"},
	} {
		im := &importer{pieces: t.TempDir()}
		e := &entry{path: "list.tsv", total: test.total}
		for _, name := range test.parts {
			must(t, tree{name: ""}.write(im.folderOf(e)))
		}
		spans, complete, err := im.spans(e)
		must(t, err)
		same(t, "complete", complete, test.want != "")
		var got []string
		for _, s := range spans {
			got = append(got, fmt.Sprintf("%s+%d", filepath.Base(s.name), s.skip))
		}
		same(t, "parts", strings.Join(got, " "), test.want)
	}
}
