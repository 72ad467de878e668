package pgen

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"genoveil/genomics/ahead"
)

// A fileset is what readers of calls and of dosages have in common.
type fileset[T byte | uint16] struct {
	files    []*os.File
	samples  []string
	index    *index
	pvar     *pvar
	variants *ahead.Variants[T, raw]
}

// Samples returns the sample names (IID).
func (f *fileset[T]) Samples() []string { return f.samples }

// Skipped says how many variants were passed over so far, by reason.
func (f *fileset[T]) Skipped() map[string]int { return f.variants.Skipped() }

// Quality has variants' imputation quality read from the first of some keys of INFO that
// the file of variants declares, and returns that. It is to be called before the first
// variant.
func (f *fileset[T]) Quality(keys []string) (key string, err error) { return f.pvar.readQuality(keys) }

// Close closes the files.
func (f *fileset[T]) Close() error {
	f.variants.Close()
	return f.closeFiles()
}

func (f *fileset[T]) closeFiles() error {
	var errs []error
	if f.pvar != nil {
		errs = append(errs, f.pvar.Close())
	}
	for _, file := range f.files {
		errs = append(errs, file.Close())
	}
	return errors.Join(errs...)
}

// Suffixes of the files, of which the first that there is is read.
var (
	variantSuffixes = []string{".pvar", ".pvar.zst", ".pvar.gz", ".bim"}
	sampleSuffixes  = []string{".psam", ".fam"}
)

const (
	pgenSuffix  = ".pgen"
	indexSuffix = ".pgen.pgi"
)

func prefixOf(path string) string {
	return strings.TrimSuffix(strings.TrimSuffix(path, ".pgi"), pgenSuffix)
}

// Files returns the paths of the files that Open reads, or would read if they were there.
func Files(prefixOrPgenPath string) []string {
	prefix := prefixOf(prefixOrPgenPath)
	return []string{prefix + pgenSuffix, firstOf(prefix, variantSuffixes), firstOf(prefix, sampleSuffixes), prefix + indexSuffix}
}

// firstOf returns the path of the first file that there is.
func firstOf(prefix string, suffixes []string) string {
	for _, suffix := range suffixes {
		if _, err := os.Stat(prefix + suffix); !errors.Is(err, fs.ErrNotExist) {
			return prefix + suffix
		}
	}
	return prefix + suffixes[0]
}

func open[T byte | uint16](path string) (*fileset[T], error) {
	f := new(fileset[T])
	if err := f.open(Files(path)); err != nil {
		f.closeFiles()
		return nil, err
	}
	return f, nil
}

func (f *fileset[T]) open(paths []string) (err error) {
	pgen, err := f.openPart(paths[0])
	if err != nil {
		return err
	}
	f.index, err = openIndex(pgen, func() (part, error) { return f.openPart(paths[3]) })
	if err != nil {
		return err
	}
	x := f.index
	if f.samples, err = readPsam(paths[2], x.samples); err != nil {
		return err
	}
	if err := x.checkCount("samples", x.samples, len(f.samples), paths[2]); err != nil {
		return err
	}
	if err := checkRegular(paths[1]); err != nil {
		return err
	}
	variants, err := countVariants(paths[1], x.variants)
	if err != nil {
		return err
	}
	if err := x.checkCount("variants", x.variants, variants, paths[1]); err != nil {
		return err
	}
	if err := x.read(variants, len(f.samples)); err != nil {
		return err
	}
	f.pvar, err = openPvar(paths[1])
	return err
}

func (f *fileset[T]) openPart(path string) (part, error) {
	if err := checkRegular(path); err != nil {
		return part{}, err
	}
	file, err := os.Open(path)
	if err != nil {
		return part{}, err
	}
	f.files = append(f.files, file)
	info, err := file.Stat()
	if err != nil {
		return part{}, err
	}
	return part{path, file, info.Size()}, nil
}

// checkRegular refuses a pipe, which can be read only once. What is not there is found
// when it is opened.
func checkRegular(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file; give a file on disk, because it is read more than once", path)
	}
	return nil
}
