package vcf

import (
	"io"
	"io/fs"

	"genoveil/genomics"
)

// records yields the records of a VCF file in order. It is what readers of
// genotypes and of dosages have in common.
type records[T byte | uint16] struct {
	*source
	parser   parser[T]
	stream   *stream[T] // nil before the first call of next and after the last
	piece    *piece[T]  // of the stream, nil if there is none
	taken    int        // records of the piece
	remarked int        // remarks of the piece
	skipped  tallies
	noted    tallies
	err      error // ends every later next

	// judge, if not nil, may end the reading because of a remark about the next record,
	// and at the end of the file.
	judge func(r *remark) error
	read  int // records so far
}

// newRecords reads rows of a width; the parser's read is still to be set.
func newRecords[T byte | uint16](s *source, width int) *records[T] {
	return &records[T]{source: s, parser: parser[T]{scope: s.scope, width: width}, skipped: tallies{}, noted: tallies{}}
}

// Samples returns the sample names of the header.
func (r *records[T]) Samples() []string { return r.samples }

// Skipped says how many records were passed over so far, by reason. Of odd records it
// says which is the first.
func (r *records[T]) Skipped() map[string]int { return r.skipped.skipped() }

// Notes says what was odd about the records that were read so far.
func (r *records[T]) Notes() []genomics.Note { return r.noted.notes() }

// Quality has records' imputation quality read from the first of some keys of INFO that
// the header declares, and returns that. It is to be called before the first record.
func (r *records[T]) Quality(keys []string) (key string, err error) {
	r.parser.quality, err = r.quality.Choose(r.name, keys)
	return r.parser.quality, err
}

// Close ends the reading. It leaves a reader that the caller gave open; a Read of
// it that waits goes on until it returns.
func (r *records[T]) Close() error {
	r.endStream()
	if r.err == nil {
		r.err = fs.ErrClosed
	}
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}

func (r *records[T]) endStream() {
	if r.stream != nil {
		r.stream.close()
		r.stream, r.piece = nil, nil
	}
}

// next reads the next record that has one ALT allele and a row, and lies in the
// regions. An error ends the reading: every later call returns it again.
func (r *records[T]) next(v *genomics.Variant, row []T) error {
	for r.err == nil {
		if r.stream == nil {
			r.err = r.startStream()
			continue
		}
		if r.piece == nil {
			r.piece, r.taken, r.remarked = r.stream.next(), 0, 0
		}
		p := r.piece
		for ; r.remarked < len(p.remarks) && p.remarks[r.remarked].at == r.taken; r.remarked++ {
			if r.err = r.remark(&p.remarks[r.remarked]); r.err != nil {
				r.endStream()
				return r.err
			}
		}
		if i, n := r.taken, r.parser.width; i < len(p.records) {
			r.read++
			*v = p.records[i]
			copy(row, p.rows[i*n:(i+1)*n])
			r.taken++
			return nil
		}
		switch p.end {
		case nil:
			r.stream.release(p)
			r.piece = nil
		case errPast:
			r.endStream()
			r.regions.next()
		default:
			r.endStream()
			r.err = p.end
		}
	}
	if r.err == io.EOF && r.judge != nil {
		if err := r.judge(nil); err != nil {
			r.err = err
		}
	}
	return r.err
}

// remark counts a remark.
func (r *records[T]) remark(m *remark) error {
	if m.passed {
		r.skipped.add(*m, r.parser.place)
		return nil
	}
	if r.judge != nil {
		if err := r.judge(m); err != nil {
			return r.parser.lineError(m.line, err)
		}
	}
	r.noted.add(*m, r.parser.place)
	return nil
}

// startStream starts to read the file, or the next of the regions.
func (r *records[T]) startStream() error {
	if r.regions == nil {
		r.stream = start(r.rest, r.in, r.size, r.lines, r.parser)
		return nil
	}
	first, in, err := r.regions.jump(r.file)
	if err != nil {
		return err
	}
	r.parser.region = &r.regions.todo[0]
	r.stream = start(first, in, r.size, 0, r.parser)
	return nil
}
