package genomics

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"strings"
)

// A File is one of several that are read as one: of a chromosome, or of a part of it. S is
// what Open returns, a Source or a DosageSource.
type File[S any] struct {
	Name string
	Open func() (S, error)
}

// joined is several files one after the other. Genotypes and dosages have it in common.
// Each file is open only while it is read, so that many files take no more memory and
// threads than one.
type joined[S input] struct {
	files   []File[S]
	samples []string
	opened  int // files that were opened so far
	now     S   // the last of them, while isOpen
	isOpen  bool
	skipped map[string]leftOut // of files before
	notes   []Note             // of files before
	barren  []string           // files before that gave no variant
	order   order
	quality []string // keys of INFO to read, see Quality
	err     error    // ends the reading
}

// An input is what sources of genotypes and of dosages have in common.
type input interface {
	Samples() []string
	Skipped() map[string]int
	io.Closer
}

// join opens each file once, so that all are there and have the same samples before any
// work is done.
func join[S input](files []File[S]) (*joined[S], error) {
	j := &joined[S]{files: files, skipped: map[string]leftOut{}, order: newOrder()}
	return j, j.tryAll()
}

// tryAll opens each file, one after the other.
func (j *joined[S]) tryAll() error {
	for range j.files {
		if err := j.openNext(); err != nil {
			return err
		}
		if err := j.closeFile(); err != nil {
			return err
		}
	}
	j.opened = 0
	return nil
}

// Quality has variants' imputation quality read from the first of some keys of INFO that
// the first file declares, and that all others have to declare, too.
func (j *joined[S]) Quality(keys []string) (key string, err error) {
	if err := j.openNext(); err != nil {
		return "", err
	}
	key, err = readQuality(j.now, keys)
	if err = errors.Join(err, j.closeFile()); err != nil {
		return "", err
	}
	j.opened, j.quality = 0, []string{key}
	return key, j.tryAll()
}

// readQuality has a source read the imputation quality, of which it must know.
func readQuality(src any, keys []string) (string, error) {
	return src.(interface {
		Quality(keys []string) (string, error)
	}).Quality(keys)
}

// openNext opens the next file, whose samples have to be those of the first.
func (j *joined[S]) openNext() error {
	file := j.files[j.opened]
	src, err := file.Open()
	if err != nil {
		return err
	}
	if j.samples == nil {
		j.samples = src.Samples()
	}
	if err := sameSamples(j.files[0].Name, j.samples, file.Name, src.Samples()); err != nil {
		src.Close()
		return err
	}
	if j.quality != nil {
		if _, err := readQuality(src, j.quality); err != nil {
			src.Close()
			return err
		}
	}
	j.now, j.isOpen = src, true
	j.opened++
	return nil
}

func (j *joined[S]) closeFile() error {
	err := j.now.Close()
	var none S
	j.now, j.isOpen = none, false
	return err
}

// open makes sure that a file is open. If not, err is why.
func (j *joined[S]) open() bool {
	switch {
	case j.err != nil:
	case j.isOpen:
	case j.opened == len(j.files):
		j.err = io.EOF
	default:
		j.err = j.openNext()
		j.order.file = ""
	}
	return j.err == nil
}

// took reports whether the open file yielded the variant v. At its end it is closed.
func (j *joined[S]) took(v *Variant, err error) bool {
	if err == nil {
		j.order.met(v, j.name())
		return true
	}
	if err == io.EOF {
		j.skipped, j.notes = j.soFar()
		if j.order.file == "" {
			j.barren = append(j.barren, j.name())
		}
		err = j.closeFile()
	}
	j.err = err
	return false
}

// name is that of the open file.
func (j *joined[S]) name() string { return j.files[j.opened-1].Name }

func (j *joined[S]) Samples() []string { return j.samples }

// Close closes the file that is open.
func (j *joined[S]) Close() error {
	if j.err == nil {
		j.err = fs.ErrClosed
	}
	if !j.isOpen {
		return nil
	}
	return j.closeFile()
}

// Skipped sums up what was passed over in all files. Where a reader says which is the
// first, the file is named.
func (j *joined[S]) Skipped() map[string]int {
	all := map[string]int{}
	skipped, _ := j.soFar()
	for reason, out := range skipped {
		if out.first != "" {
			reason += FirstIn + out.first
		}
		all[reason] = out.count
	}
	return all
}

// Notes sums up the notes of all files, and says whether they are in order and which gave
// nothing.
func (j *joined[S]) Notes() []Note {
	_, notes := j.soFar()
	switch len(j.barren) {
	case 0:
	case 1:
		notes = append(notes, Note{Text: j.barren[0] + " gave no variant", Warning: true})
	default:
		notes = append(notes, Note{Text: fmt.Sprintf("%d files gave no variant; the first is %s", len(j.barren), j.barren[0]), Warning: true})
	}
	return append(notes, j.order.notes()...)
}

// A leftOut is how many variants were passed over for a reason, and where the first is.
type leftOut struct {
	count int
	first string
}

// soFar adds what there is to say of the open file to that of the files before.
func (j *joined[S]) soFar() (map[string]leftOut, []Note) {
	skipped, notes := maps.Clone(j.skipped), append([]Note(nil), j.notes...)
	if !j.isOpen {
		return skipped, notes
	}
	name := j.name()
	for text, n := range j.now.Skipped() {
		reason, first, odd := strings.Cut(text, FirstIn)
		out := skipped[reason]
		out.count += n
		if odd && out.first == "" {
			out.first = name + ", " + first
		}
		skipped[reason] = out
	}
	if noting, ok := any(j.now).(interface{ Notes() []Note }); ok {
		notes = addNotes(notes, name, noting.Notes())
	}
	return skipped, notes
}

// addNotes adds the notes of a file, each of which counts further if it is there already.
func addNotes(all []Note, file string, notes []Note) []Note {
	for _, note := range notes {
		i := 0
		for i < len(all) && all[i].Text != note.Text {
			i++
		}
		if i == len(all) {
			first := file
			if note.First != "" {
				first += ", " + note.First
			}
			all = append(all, Note{Text: note.Text, Warning: note.Warning, First: first})
		}
		all[i].Count += max(1, note.Count)
	}
	return all
}
