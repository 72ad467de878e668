package study

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/bundle"
	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/computation"
	"genoveil/pipeline/study/folder"
	"genoveil/pipeline/study/home"
)

// maxListFile bounds a file that a charter names.
const maxListFile = 8 << 30

var (
	inRound = regexp.MustCompile(`^([a-z0-9-]{1,32})/([a-z0-9-]{1,40})/([a-z0-9-]{1,32})\.(msg|[0-9]{5,6}\.words)$`)
	listed  = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$`)
)

// allowed says which files a study's folder has, and how large each may be.
func allowed(path string) (int64, bool) {
	dir, base := filepath.Split(path)
	switch m := inRound.FindStringSubmatch(path); {
	case m != nil && m[4] == "msg":
		return folder.MaxMessage, true
	case m != nil:
		return folder.PayloadSize, true
	case dir == sitesName+"/":
		return 1 << 10, charter.IsName(strings.TrimSuffix(base, keySuffix)) && strings.HasSuffix(base, keySuffix)
	case base == canonicalName:
		return maxCharter, charter.IsName(strings.TrimSuffix(dir, "/"))
	case path == charterName:
		return maxCharter, true
	}
	return maxListFile, dir == "" && listed.MatchString(path) && !strings.HasSuffix(path, ".yaml")
}

// files are those of the folder that can be mailed: messages behind their payloads, and
// analyses in front.
func (d *Dir) files() ([]string, error) {
	var all []string
	err := filepath.WalkDir(d.Path, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		inside, err := filepath.Rel(d.Path, path)
		if _, ok := allowed(filepath.ToSlash(inside)); ok {
			all = append(all, filepath.ToSlash(inside))
		}
		return err
	})
	last := func(path string) int {
		if strings.HasSuffix(path, ".msg") {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b string) int { return last(a) - last(b) })
	return all, err
}

// Export packs what another party's folder may lack into files to mail, of at most a size.
// The home remembers what was packed for whom. What that party wrote itself is not packed,
// nor are payloads that it has no use for, and with headersOnly none but this party's own. It
// returns the files' names.
func (d *Dir) Export(homeDir, to, out string, maxSize int64, headersOnly bool) ([]string, error) {
	h, err := home.Open(homeDir)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	s, err := h.Study(d.Charter.Study)
	if err != nil {
		return nil, err
	}
	record := filepath.Join(s.Dir, "exported", to)
	sent, err := os.ReadFile(record)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	known := map[string]bool{}
	for line := range strings.Lines(string(sent)) {
		known[strings.TrimSuffix(line, "\n")] = true
	}
	all, err := d.files()
	if err != nil {
		return nil, err
	}
	var files, lines []string
	for _, path := range all {
		m := inRound.FindStringSubmatch(path)
		if m != nil && (m[3] == to || m[4] != "msg" && m[3] != s.Name && (headersOnly || d.needless(m[1], m[2], to))) {
			continue
		}
		line, err := d.version(path)
		if err != nil {
			return nil, err
		}
		if !known[line] {
			files, lines = append(files, path), append(lines, line+"\n")
		}
	}
	if files == nil {
		return nil, nil
	}
	names, err := bundle.Export(d.Path, files, out, maxSize)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(record), 0o700); err != nil {
		return nil, err
	}
	return names, atomicfile.Write(record, append(sent, strings.Join(lines, "")...), 0o600)
}

// needless says whether a party has no use for the payloads of a round: those of a total that
// recipients alone are sent.
func (d *Dir) needless(analysis, round, party string) bool {
	_, a, err := d.analysis(analysis)
	return err == nil && slices.Contains(d.Charter.Parties(), party) && !slices.Contains(a.Recipients, party) &&
		slices.ContainsFunc(computation.LastSums, func(stage string) bool { return strings.HasSuffix(round, "-"+stage+"-upload") })
}

// version is a path and what stands there now. A payload is known by its name: its message
// has its digest.
func (d *Dir) version(path string) (string, error) {
	if strings.HasSuffix(path, ".words") {
		return path, nil
	}
	sum, err := digest(filepath.Join(d.Path, path))
	return path + " " + sum, err
}

// Import puts what a file from a mail has into the folder. It replaces nothing.
func Import(dir, homeDir, path string) (bundle.Report, error) {
	h, err := home.Create(homeDir)
	if err != nil {
		return bundle.Report{}, err
	}
	defer h.Close()
	pieces := filepath.Join(homeDir, "pieces")
	if err := os.MkdirAll(pieces, 0o700); err != nil {
		return bundle.Report{}, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return bundle.Report{}, err
	}
	return bundle.Import(dir, pieces, path, allowed)
}
