package vcf

import (
	"errors"
	"fmt"
	"io"
	"os"

	"genoveil/genomics"
	"genoveil/genomics/text"
)

// A scope is the part of a file whose lines are read.
type scope struct {
	name    string // of the file
	samples []string
	longest int     // length allowed of a line; tests make it small
	region  *region // nil for all that follows the header
}

var errTooLong = fmt.Errorf("longer than %d bytes; is it a VCF file?", genomics.MaxLine)

// lineError is an error about a line. After a jump to a region its number in the
// file is not known, so it is counted from the jump.
func (s *scope) lineError(number int, err error) error {
	hint := ""
	if s.region != nil && number == 1 {
		hint = "; if its index is older than the file, run tabix -f -p vcf " + s.name
	}
	return fmt.Errorf("%s, %s: %w%s", s.name, s.place(number), err, hint)
}

// place names a line.
func (s *scope) place(number int) string {
	if s.region == nil {
		return fmt.Sprintf("line %d", number)
	}
	return fmt.Sprintf("line %d of those read for region %s", number, s.region)
}

// A source is an opened file whose header is read.
type source struct {
	scope
	file    *os.File // nil where the caller owns the input
	in      input
	size    int   // of the chunks to read
	rest    chunk // read behind the header
	lines   int   // of the header
	regions *regions
	declared
}

// open does what Open says.
func open(path string, regions []string) (*source, error) {
	if path == "-" {
		if len(regions) > 0 {
			return nil, errors.New("standard input: regions need an indexed file; write the VCF to a file and index it with tabix -p vcf")
		}
		return newSource(os.Stdin, "standard input", pieceSize)
	}
	file, err := text.OpenFile(path, "a VCF file")
	if err != nil {
		return nil, err
	}
	s, err := openFile(file, regions)
	if err != nil {
		file.Close()
		return nil, err
	}
	s.file = file
	return s, nil
}

func openFile(file *os.File, names []string) (*source, error) {
	path := file.Name()
	if len(names) == 0 {
		return newSource(file, path, pieceSize)
	}
	regions, err := readRegions(file, names)
	if err != nil {
		return nil, err
	}
	s, err := newSource(file, path, pieceSize)
	if err != nil {
		return nil, err
	}
	s.regions = regions
	return s, nil
}

// newSource reads a header from r, in chunks of about size bytes of text; name
// stands for r in error messages.
func newSource(r io.Reader, name string, size int) (*source, error) {
	in, err := newInput(r)
	if err != nil {
		return nil, readError(name, 0, err)
	}
	lines := &headerLines{in: in, size: size, longest: genomics.MaxLine}
	samples, declared, err := readHeader(name, lines)
	if err != nil {
		return nil, err
	}
	return &source{
		scope: scope{name: name, samples: samples, longest: lines.longest},
		in:    in, size: size, lines: lines.number, rest: chunk{text: lines.text, err: lines.chunk.err}, declared: declared,
	}, nil
}
