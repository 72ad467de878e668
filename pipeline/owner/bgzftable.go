package owner

import (
	"bytes"
	"io"
	"strconv"

	"github.com/biogo/hts/bgzf"
	"github.com/biogo/hts/bgzf/index"
	"github.com/biogo/hts/tabix"
)

// A bgzfTable compresses a table of lines as BGZF and indexes it by the first two
// columns, chromosome and position, as tabix does. A table that is not
// tab-delimited or not sorted gets no index.
type bgzfTable struct {
	out     countingWriter
	z       *bgzf.Writer
	line    []byte // not yet complete
	block   []byte // complete lines of the block under way
	entries []bgzfEntry
	index   *tabix.Index // nil once it cannot be made
	skip    int          // header lines still to come
}

// bgzfEntry is a variant's line in the block under way.
type bgzfEntry struct {
	chromosome string
	position   int
	from, to   int // in the block
}

// RefName, Start and End make an entry a record of biogo's tabix index.
func (e bgzfEntry) RefName() string { return e.chromosome }

func (e bgzfEntry) Start() int { return e.position - 1 }

func (e bgzfEntry) End() int { return e.position }

// blockLines is how much text goes into a block, below BGZF's limit of 65,280.
const blockLines = 60000

type countingWriter struct {
	io.Writer
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	return n, err
}

func newBGZFTable(w io.Writer, header int) *bgzfTable {
	t := &bgzfTable{out: countingWriter{Writer: w}, index: tabix.New(), skip: header}
	t.z = bgzf.NewWriter(&t.out, 1)
	t.index.NameColumn, t.index.BeginColumn = 1, 2
	t.index.MetaChar, t.index.Skip = '#', int32(header)
	return t
}

// Write takes text in pieces of any size.
func (t *bgzfTable) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n') + 1
		if end == 0 {
			t.line = append(t.line, p...)
			break
		}
		t.line = append(t.line, p[:end]...)
		p = p[end:]
		if err := t.add(t.line); err != nil {
			return 0, err
		}
		t.line = t.line[:0]
	}
	return n, nil
}

// add takes one complete line.
func (t *bgzfTable) add(line []byte) error {
	if len(t.block)+len(line) > blockLines {
		if err := t.flush(); err != nil {
			return err
		}
	}
	from := len(t.block)
	t.block = append(t.block, line...)
	switch {
	case len(line) > blockLines:
		t.index = nil // the line spans blocks, whose addresses are not known here
	case line[0] == '#':
	case t.skip > 0:
		t.skip--
	case t.index != nil:
		fields := bytes.SplitN(line, []byte("\t"), 3)
		position, err := 0, strconv.ErrSyntax
		if len(fields) == 3 {
			position, err = strconv.Atoi(string(fields[1]))
		}
		if err != nil {
			t.index = nil
			return nil
		}
		t.entries = append(t.entries, bgzfEntry{string(fields[0]), position, from, len(t.block)})
	}
	return nil
}

// flush writes the lines at hand as one block, whose address the index needs.
func (t *bgzfTable) flush() error {
	address := t.out.n
	if _, err := t.z.Write(t.block); err != nil {
		return err
	}
	if err := t.z.Flush(); err != nil {
		return err
	}
	if err := t.z.Wait(); err != nil {
		return err
	}
	for _, e := range t.entries {
		if t.index == nil {
			break
		}
		chunk := bgzf.Chunk{
			Begin: bgzf.Offset{File: address, Block: uint16(e.from)},
			End:   bgzf.Offset{File: address, Block: uint16(e.to)},
		}
		if t.index.Add(e, chunk, true, true) != nil {
			t.index = nil
			break
		}
		// biogo v1.4.5 appends the name of a new reference but forgets to note its
		// number, and would take the next record for another reference.
		if ids := t.index.IDs(); len(ids) < len(t.index.Names()) {
			ids[e.chromosome] = len(ids)
		}
	}
	t.block, t.entries = t.block[:0], t.entries[:0]
	return nil
}

// Close completes the file and returns the index, or nil if there is none.
func (t *bgzfTable) Close() ([]byte, error) {
	if len(t.block) > 0 {
		if err := t.flush(); err != nil {
			return nil, err
		}
	}
	if err := t.z.Close(); err != nil {
		return nil, err
	}
	if t.index == nil {
		return nil, nil
	}
	t.index.MergeChunks(index.Adjacent)
	var b bytes.Buffer
	z := bgzf.NewWriter(&b, 1)
	if err := tabix.WriteTo(z, t.index); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
