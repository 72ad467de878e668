package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"genoveil/benchmarks/internal/process"
	"genoveil/pipeline/study"
	"genoveil/pipeline/study/home"
)

const (
	studyName    = "benchmark"
	analysisName = "first"
	listName     = "variants.tsv.gz"
)

// A bench measures.
type bench struct {
	*options
	ctx  context.Context
	self string
	out  io.Writer
	log  io.Writer // what it is at
}

// A world is a study and its parties on one disk.
type world struct {
	*bench
	dir, folder string
	sites       []string

	mutex  sync.Mutex
	phases []*phase // in the order in which they were first seen

	sent, received mails // of the site that mails
}

// A phase is a kind of work.
type phase struct {
	name string
	used []process.Usage
}

// mails are files to mail.
type mails struct {
	files int
	bytes int64
}

func (w *world) home(site string) string { return filepath.Join(w.dir, "homes", site) }

// mailer is the site that does not see the folder, "" if all do.
func (w *world) mailer() string {
	if !w.mail {
		return ""
	}
	return w.sites[len(w.sites)-1]
}

// folderOf is the folder that a site sees.
func (w *world) folderOf(site string) string {
	if site == w.mailer() {
		return filepath.Join(w.dir, "mailed")
	}
	return w.folder
}

// newWorld makes a study, which all sites join and confirm.
func (b *bench) newWorld(dir, charter string, files func(folder string) error) (*world, error) {
	w := &world{bench: b, dir: dir, folder: filepath.Join(dir, "folder")}
	for i := range b.sites {
		w.sites = append(w.sites, fmt.Sprintf("site-%02d", i+1))
	}
	if err := study.Create(w.folder); err != nil {
		return nil, err
	}
	charter = fmt.Sprintf("study: %s\nsites: [%s]\n%s", studyName, strings.Join(w.sites, ", "), charter)
	if err := os.WriteFile(filepath.Join(w.folder, "charter.yaml"), []byte(charter), 0o666); err != nil {
		return nil, err
	}
	if err := files(w.folder); err != nil {
		return nil, err
	}
	d, err := study.Open(w.folder)
	if err != nil {
		return nil, err
	}
	for _, s := range w.sites {
		if err := errors.Join(os.MkdirAll(filepath.Dir(w.home(s)), 0o777), d.Join(s, w.home(s), noPassphrase, noPassphrase)); err != nil {
			return nil, err
		}
	}
	if d, err = study.Open(w.folder); err != nil {
		return nil, err
	}
	phrase, err := d.Phrase()
	if err != nil {
		return nil, err
	}
	for _, s := range w.sites {
		if err := d.Confirm(w.home(s), phrase); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// give gives a site its data.
func (w *world) give(site, stratum string) error {
	return os.WriteFile(filepath.Join(w.home(site), home.SiteFile), []byte("strata:\n  - ancestry: all\n    cohort: simulated\n"+stratum), 0o600)
}

func (w *world) propose(text string) error {
	d, err := study.Open(w.folder)
	if err == nil {
		_, err = d.Propose([]byte(text), time.Now(), false)
	}
	return err
}

// at runs a process for a site.
func (w *world) at(site, what string, args ...string) (*said, process.Usage, error) {
	args = append([]string{childCommand, what, w.folderOf(site), w.home(site)}, args...)
	cmd := exec.CommandContext(w.ctx, w.self, args...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		return nil, process.Usage{}, fmt.Errorf("%s at %s: %w: %s", what, site, err, errs.String())
	}
	s := &said{}
	if err := json.Unmarshal(out.Bytes(), s); err != nil {
		return nil, process.Usage{}, err
	}
	if s.Notes != nil {
		return nil, process.Usage{}, fmt.Errorf("%s at %s: %s", what, site, strings.Join(s.Notes, "; "))
	}
	p := cmd.ProcessState
	return s, process.Usage{
		CPU: p.UserTime() + p.SystemTime(), Wall: wall,
		Peak: p.SysUsage().(*syscall.Rusage).Maxrss * 1024, // Linux counts kibibytes
	}, nil
}

// note keeps what a phase took.
func (w *world) note(name string, u process.Usage) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	i := slices.IndexFunc(w.phases, func(p *phase) bool { return p.name == name })
	if i < 0 {
		i = len(w.phases)
		w.phases = append(w.phases, &phase{name: name})
	}
	w.phases[i].used = append(w.phases[i].used, u)
}

// phaseOf names what a step did by its dearest part: a site reads its data for an upload, and
// adds up all uploads before the analysis is done.
func phaseOf(rounds []string) string {
	name := "nothing: it looks"
	for _, r := range rounds {
		switch stage, upload := strings.CutSuffix(r, "-upload"); {
		case upload:
			return "upload of " + strings.TrimRight(stage[len("00-"):], "-0123456789")
		case r == "done":
			name = "the total, or the end"
		case name != "the total, or the end":
			name = "complete or open"
		}
		if r == "keys" {
			name = r
		}
	}
	return name
}

// each does something for sites, a few at the same time.
func (w *world) each(sites []string, do func(site string) error) error {
	var g errgroup.Group
	g.SetLimit(w.parallel)
	for _, s := range sites {
		g.Go(func() error { return do(s) })
	}
	return g.Wait()
}

// messages are the rounds in which a site has sent its message.
func (w *world) messages(site string) []string {
	paths, _ := filepath.Glob(filepath.Join(w.folderOf(site), analysisName, "*", site+".msg"))
	var rounds []string
	for _, p := range paths {
		rounds = append(rounds, filepath.Base(filepath.Dir(p)))
	}
	return rounds
}

// approve has a site approve.
func (w *world) approve(site string) error {
	_, used, err := w.at(site, "approve", analysisName)
	if err == nil {
		w.note("approve", used)
	}
	return err
}

// play approves at all sites, and steps them until all is done.
func (w *world) play() error {
	seeing := slices.DeleteFunc(slices.Clone(w.sites), func(s string) bool { return s == w.mailer() })
	if err := w.each(seeing, w.approve); err != nil {
		return err
	}
	if m := w.mailer(); m != "" {
		if err := w.toMailer(); err != nil {
			return err
		}
		if err := errors.Join(w.approve(m), w.fromMailer()); err != nil {
			return err
		}
	}
	for sweep := 1; ; sweep++ {
		if sweep > 100 {
			return errors.New("it does not come to an end")
		}
		var waiting []string
		step := func(site string) error {
			before := w.messages(site)
			s, used, err := w.at(site, "step")
			if err != nil {
				return err
			}
			var did []string
			for _, r := range w.messages(site) {
				if !slices.Contains(before, r) {
					did = append(did, r)
				}
			}
			if s.Done {
				did = append(did, "done")
			}
			w.note(phaseOf(did), used)
			if !s.Done {
				w.mutex.Lock()
				waiting = append(waiting, fmt.Sprintf("%s in %s for %s", site, s.Round, strings.Join(s.Waiting, ",")))
				w.mutex.Unlock()
			}
			return w.share(site)
		}
		if err := w.each(seeing, step); err != nil {
			return err
		}
		if m := w.mailer(); m != "" {
			if err := errors.Join(w.toMailer(), step(m), w.fromMailer()); err != nil {
				return err
			}
		}
		if waiting == nil {
			return nil
		}
		fmt.Fprintf(w.log, "%s: sweep %d: %d wait, such as %s\n", time.Now().Format(time.TimeOnly), sweep, len(waiting), waiting[0])
	}
}

// toMailer mails what is new in the folder. A party that does not receive the result needs
// none of the payloads from which it is made.
func (w *world) toMailer() error {
	headers := "all"
	if rounds, _ := filepath.Glob(filepath.Join(w.folder, analysisName, "*-association-upload")); rounds != nil && !w.recipient {
		headers = "headers"
	}
	return w.post(w.sites[0], w.mailer(), headers, &w.received)
}

// fromMailer mails what the site wrote. All that others uploaded came from the folder.
func (w *world) fromMailer() error { return w.post(w.mailer(), w.sites[0], "headers", &w.sent) }

// post exports at one site and imports at another.
func (w *world) post(from, to, headers string, count *mails) error {
	s, used, err := w.at(from, "export", to, filepath.Join(w.dir, "mail-"+to), fmt.Sprint(w.maxSize), headers)
	if err != nil || s.Files == nil {
		return err
	}
	w.note("export", used)
	for _, path := range s.Files {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		count.files, count.bytes = count.files+1, count.bytes+info.Size()
	}
	if _, used, err = w.at(to, "import", s.Files...); err != nil {
		return err
	}
	w.note("import", used)
	for _, path := range s.Files {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// share has files of a home that others have as well once on this disk: what was sent, and
// the list of variants.
func (w *world) share(site string) error {
	outbox := filepath.Join(w.home(site), studyName, "analyses", analysisName, "outbox")
	files, err := filepath.Glob(filepath.Join(outbox, "*", "*.words"))
	if err != nil {
		return err
	}
	link := func(from, to string) error {
		a, err := os.Stat(from)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		b, errB := os.Stat(to)
		if err := errors.Join(err, errB); err != nil || os.SameFile(a, b) || a.Size() != b.Size() {
			return err
		}
		return errors.Join(os.Remove(to), os.Link(from, to))
	}
	for _, path := range files {
		inside, err := filepath.Rel(outbox, path)
		if err != nil {
			return err
		}
		if err := link(filepath.Join(w.folderOf(site), analysisName, inside), path); err != nil {
			return err
		}
	}
	lists, err := filepath.Glob(filepath.Join(w.home(site), studyName, "files", "*-"+listName))
	for _, path := range append(lists, filepath.Join(w.folderOf(site), listName)) {
		if _, missing := os.Stat(path); missing == nil {
			err = errors.Join(err, link(filepath.Join(w.folder, listName), path))
		}
	}
	return err
}
