package vcf

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"

	"github.com/biogo/hts/bgzf"
)

// records streams the records of a VCF file. It is what readers of genotypes
// and of dosages have in common.
type records struct {
	name    string
	file    *os.File // nil where the caller owns the input
	bgzf    *bgzf.Reader
	lines   lines
	regions *regions // nil where the whole file is read
	samples []string
	skipped map[string]int
	chrom   string // of the last record, so that its string is made once
	err     error  // ends every later next
}

// openRecords does what Open says.
func openRecords(path string, regions []string) (*records, error) {
	if path == "-" {
		if len(regions) > 0 {
			return nil, errors.New("standard input: regions need an indexed file; write the VCF to a file and index it with tabix -p vcf")
		}
		return newRecords(os.Stdin, "standard input")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := openFile(file, regions)
	if err != nil {
		file.Close()
		return nil, err
	}
	r.file = file
	return r, nil
}

func openFile(file *os.File, regions []string) (*records, error) {
	path := file.Name()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s is a folder, not a VCF file", path)
	}
	// A pipe can be read only once, so its end is checked when it comes.
	if info.Mode().IsRegular() {
		if err := checkEndMarker(file); err != nil {
			return nil, err
		}
	}
	if len(regions) == 0 {
		return newRecords(file, path)
	}
	return regionRecords(file, regions)
}

// newRecords reads a VCF from r; name stands for it in error messages.
func newRecords(r io.Reader, name string) (*records, error) {
	text, blocks, err := decompress(r)
	if err != nil {
		return nil, readError(name, 0, err)
	}
	return textRecords(text, blocks, name)
}

func textRecords(text io.Reader, blocks *bgzf.Reader, name string) (*records, error) {
	r := &records{name: name, bgzf: blocks, lines: lines{src: text}, skipped: map[string]int{}}
	if err := r.readHeader(); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Samples returns the sample names of the header.
func (r *records) Samples() []string { return r.samples }

// Skipped says how many records were passed over so far, by reason.
func (r *records) Skipped() map[string]int { return maps.Clone(r.skipped) }

// Close ends the reading. It leaves a reader that the caller gave open.
func (r *records) Close() error {
	if r.bgzf != nil {
		// It returns the error that ended the reading, which next has returned.
		r.bgzf.Close()
		r.bgzf = nil
	}
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}

// next returns the next record that has one ALT allele and lies in the regions.
// An error ends the reading: every later call returns it again.
func (r *records) next() (rec record, err error) {
	for r.err == nil {
		var line []byte
		if line, r.err = r.nextLine(); r.err != nil {
			break
		}
		if rec, r.err = r.splitLine(line); r.err != nil {
			break
		}
		if r.regions != nil {
			var inside bool
			if inside, r.err = r.followRegions(rec); r.err != nil {
				break
			}
			if !inside {
				continue
			}
		}
		if reason := skipAlt(rec.alt); reason != "" {
			r.skipped[reason]++
			continue
		}
		return rec, nil
	}
	return record{}, r.err
}

// nextLine returns the next line of the file or io.EOF.
func (r *records) nextLine() ([]byte, error) {
	line, err := r.lines.next()
	if err != nil && err != io.EOF {
		return nil, readError(r.name, r.lines.number, err)
	}
	return line, err
}

// errorf makes an error about the line read last. After a jump to a region
// its number in the file is not known, so it is counted from the jump.
func (r *records) errorf(format string, args ...any) error {
	what := fmt.Sprintf(format, args...)
	if r.regions == nil {
		return fmt.Errorf("%s, line %d: %s", r.name, r.lines.number, what)
	}
	if r.regions.fresh {
		what += "; if its index is older than the file, run tabix -f -p vcf " + r.name
	}
	return fmt.Errorf("%s, line %d of those read for region %s: %s", r.name, r.lines.number, r.regions.current(), what)
}

// failf ends the reading with an error about the line read last.
func (r *records) failf(format string, args ...any) error {
	r.err = r.errorf(format, args...)
	return r.err
}

// failSample ends the reading with an error about a sample's column.
func (r *records) failSample(sample int, what string) error {
	return r.failf("column %d (sample %s): %s", len(fixedColumns)+sample+1, r.samples[sample], what)
}
