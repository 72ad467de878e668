package bundle

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"genoveil/pipeline/filetest"
)

// A line is an entry as somebody wants it, and its bytes.
type line struct {
	path                  string
	total, offset, length uint64
	sum                   string
	text                  string
}

func wholeEntry(path, text string) line {
	return line{path, uint64(len(text)), 0, uint64(len(text)), sumText([]byte(text)), text}
}

func sumText(b []byte) string {
	sum := sha256.Sum256(b)
	return string(sum[:])
}

// table is written from the description, without the package.
func table(lines ...line) (table []byte) {
	for _, l := range lines {
		table = binary.LittleEndian.AppendUint16(table, uint16(len(l.path)))
		table = append(table, l.path...)
		for _, n := range []uint64{l.total, l.offset, l.length} {
			table = binary.LittleEndian.AppendUint64(table, n)
		}
		table = append(table, l.sum...)
	}
	return table
}

// sealed is a bundle with any table and any bytes, under sums that are right.
func sealed(table, data []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte("genoveil study bundle v1\n"), uint32(len(table)))
	b = append(b, table...)
	b = append(b, sumText(b)...)
	b = append(b, data...)
	return append(b, sumText(b)...)
}

func described(lines ...line) []byte {
	var data []byte
	for _, l := range lines {
		data = append(data, l.text...)
	}
	return sealed(table(lines...), data)
}

// TestHostile: bundles that no Export wrote are refused with a reason, in little memory,
// and nothing of them is taken.
func TestHostile(t *testing.T) {
	good := wholeEntry("good", "good")
	paths := func(path string) []byte { return described(good, wholeEntry(path, "x")) }
	parts := func(total, offset, length uint64) []byte {
		return described(good, line{"part", total, offset, length, sumText(nil), ""})
	}
	const noPath = `is no path of a file in a study's folder`
	tests := map[string]struct {
		file []byte
		want string
	}{
		"up":                {paths("../x"), `"../x" ` + noPath},
		"up in the midst":   {paths("a/../../x"), noPath},
		"here":              {paths("./x"), noPath},
		"absolute":          {paths("/etc/passwd"), `"/etc/passwd" ` + noPath},
		"of Windows":        {paths(`C:\x`), noPath},
		"backslash":         {paths(`..\x`), noPath},
		"a stream":          {paths("good:x"), noPath},
		"NUL":               {paths("x\x00y"), `"x\x00y" ` + noPath},
		"an escape":         {paths("\x1b[2J"), `"\x1b[2J" ` + noPath},
		"turned round":      {paths("\u202egsm.x"), noPath},
		"no UTF-8":          {paths("\xff"), noPath},
		"no name":           {paths(""), `"" ` + noPath},
		"an empty part":     {paths("a//x"), noPath},
		"a directory":       {paths("a/"), noPath},
		"hidden":            {paths("a/.x"), noPath},
		"long":              {paths(strings.Repeat("a", 201)), "a path of 201 bytes; it has at most 200"},
		"very long":         {paths(strings.Repeat("a", 65535)), "a path of 65535 bytes; it has at most 200"},
		"twice":             {paths("good"), `"good" is in it twice`},
		"in capitals":       {paths("Good"), `"Good" is in it twice, perhaps in other letters`},
		"in other capitals": {described(wholeEntry("a/K", ""), wholeEntry("A/\u212a", "")), "is in it twice"},
		"a file as folder":  {paths("gooD/x"), `"gooD/x" lies below another file that is in it`},
		"too large":         {described(good, wholeEntry("big", strings.Repeat("x", 1<<20+1))), "big: a file of 1048577 bytes; it has at most 1048576"},
		"declared large":    {described(good, line{"big", 1 << 60, 0, 1, sumText(nil), "x"}), "big: a file of 1152921504606846976 bytes; it has at most 1048576"},

		"a negative size":        {parts(1<<63, 0, 0), "no file has a part of 0 bytes at 0 of -9223372036854775808"},
		"a negative part":        {parts(10, 0, 1<<64-1), "no file has a part of -1 bytes"},
		"a negative offset":      {parts(10, 1<<64-1, 5), "no file has a part of 5 bytes at -1 of 10"},
		"behind the end":         {parts(10, 6, 5), "no file has a part of 5 bytes at 6 of 10"},
		"round the end":          {parts(10, 1<<63-1, 5), "no file has a part of 5 bytes"},
		"an empty part of some":  {parts(10, 5, 0), "no file has a part of 0 bytes at 5 of 10"},
		"more than a bundle has": {parts(1<<62, 0, 1<<62), "no file has a part of 4611686018427387904 bytes"},
		"parts that have no end": {described(slices.Repeat([]line{{"x", 1 << 30, 0, 1 << 30, sumText(nil), ""}}, 1000)...), "cut off or damaged"},
		"many parts":             {described(good, line{"a", 9, 0, 1, sumText(nil), "x"}, line{"b", 9, 0, 1, sumText(nil), "x"}), `"a", in the midst of it, is a part of a file`},
		"wrong bytes":            {described(good, line{"x", 1, 0, 1, sumText([]byte("y")), "x"}), "x: its bytes are not those that the table says"},
		"many empty files":       {described(slices.Repeat([]line{wholeEntry("a", "")}, 1<<14+1)...), "more than 16384 files are in it"},
		"millions of them":       {described(slices.Repeat([]line{wholeEntry("a", "")}, 1<<20)...), "its table has 61865984 bytes; it has at most 4227072"},
		"half an entry":          {sealed(table(good)[:50], nil), "its table breaks off"},
		"one byte of an entry":   {sealed(append(table(good), 1), []byte("good")), "its table breaks off"},
		"a table of 4 GB":        {[]byte("genoveil study bundle v1\n\xff\xff\xff\xff"), "cut off or damaged"},
		"more behind it":         {append(described(good), 'x'), "cut off or damaged"},
		"bytes of no file":       {sealed(table(good), []byte("good and more")), "cut off or damaged"},
		"fewer bytes":            {sealed(table(good), []byte("goo")), "cut off or damaged"},
		"another version":        {[]byte("genoveil study bundle v2\n and what it may have"), "a bundle of another version; this program reads v1"},
		"a message":              {[]byte("genoveil study message v1\n{}"), "not a bundle of a study"},
		"a picture":              {[]byte("\x89PNG\r\n\x1a\n" + random(1000, 1)), "not a bundle of a study"},
		"nothing":                {nil, "not a bundle of a study"},
	}
	for name, test := range tests {
		dir, pieces := t.TempDir(), t.TempDir()
		path := filepath.Join(t.TempDir(), "mail.genoveil")
		must(t, os.WriteFile(path, test.file, 0o600))
		var report Report
		var err error
		filetest.Modestly(t, name, min(len(test.file), maxTable), func() { report, err = Import(dir, pieces, path, anything) })
		filetest.Refused(t, name, err, path, test.want)
		same(t, name, report, Report{})
		demandTree(t, dir, tree{})
		demandTree(t, pieces, tree{})
	}
}

// TestHostileFiles: what is no regular file, or takes long to read, is refused at once.
func TestHostileFiles(t *testing.T) {
	dir := t.TempDir()
	long := filepath.Join(dir, "long")
	must(t, os.WriteFile(long, described(wholeEntry("a", "a")), 0o600))
	must(t, os.Truncate(long, 1<<40))
	for path, want := range map[string]string{
		long:                       long + ": it has 1099511627776 bytes; a bundle has at most 2147483648",
		dir:                        dir + ": is not a regular file",
		os.DevNull:                 os.DevNull + ": is not a regular file",
		filepath.Join(dir, "none"): "open " + filepath.Join(dir, "none") + ": no such file or directory",
	} {
		_, err := Import(t.TempDir(), t.TempDir(), path, anything)
		same(t, path, fmt.Sprint(err), want)
	}
}

// TestLinksInTheFolder: what leads out of the folder is not followed.
func TestLinksInTheFolder(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	must(t, os.Symlink(outside, filepath.Join(dir, "sites")))
	must(t, os.Symlink(filepath.Join(outside, "new"), filepath.Join(dir, "dangling")))
	must(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
	for path, want := range map[string]string{
		"sites/brno.pub":    "path escapes from parent",
		"sites/a/brno.pub":  "path escapes from parent",
		"dangling/brno.pub": "path escapes from parent",
		"file/brno.pub":     "not a directory",
	} {
		bundle := filepath.Join(t.TempDir(), "mail")
		must(t, os.WriteFile(bundle, described(wholeEntry(path, "key")), 0o600))
		_, err := Import(dir, t.TempDir(), bundle, anything)
		filetest.Refused(t, path, err, bundle, path+": ")
		filetest.Refused(t, path, err, bundle, want)
		demandTree(t, outside, tree{})
	}
}
