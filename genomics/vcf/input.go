package vcf

import (
	"bufio"
	"fmt"
	"io"

	"genoveil/genomics/bgzf"
	"genoveil/genomics/text"
)

// A chunk is a run of a file's text.
type chunk struct {
	text   []byte      // if there are no blocks
	blocks bgzf.Blocks // what inflates to the text
	err    error       // what follows: nil for more text, io.EOF, or why it cannot be read
}

// An input yields a file's text from its begin to its end.
type input interface {
	// next replaces the chunk by the next one, of size bytes of text or somewhat
	// more; less at the end, and where it would have to wait for a pipe.
	next(c *chunk, size int)
}

// An inflater makes text of chunks.
type inflater struct {
	bgzf.Inflater
	text []byte
}

// inflate returns the chunk's text, which is valid as long as the chunk is and
// until the next call. At a damaged block the text and the input end.
func (z *inflater) inflate(c *chunk) []byte {
	if c.blocks.Len() == 0 {
		return c.text
	}
	var err error
	if z.text, err = z.Inflate(z.text[:0], &c.blocks); err != nil {
		c.err = err
	}
	return z.text
}

// textInput is an input whose text is read as it is.
type textInput struct {
	text io.Reader
	data *bufio.Reader // from which text is read
}

func (in textInput) next(c *chunk, size int) {
	if cap(c.text) < size {
		c.text = make([]byte, size)
	}
	n := 0
	c.err = nil
	for c.err == nil && (n == 0 || n < size && in.data.Buffered() > 0) {
		var m int
		m, c.err = in.text.Read(c.text[n:size])
		n += m
	}
	c.text = c.text[:n]
}

// blockInput is an input of BGZF blocks.
type blockInput struct{ *bgzf.Reader }

func (in blockInput) next(c *chunk, size int) {
	c.text = c.text[:0]
	c.err = in.Next(&c.blocks, size)
}

// bufferSize holds several BGZF blocks, which have 64 KB at most and mostly less
// than 16.
const bufferSize = 1 << 17

// newInput tells BGZF, whose blocks others inflate, from other data.
func newInput(r io.Reader) (input, error) {
	data := bufio.NewReaderSize(r, bufferSize)
	head, err := data.Peek(bgzf.HeadLen)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if bgzf.Detect(head) {
		return blockInput{bgzf.NewReader(data, 0)}, nil
	}
	z, err := text.NewReader(data)
	if err != nil {
		return nil, err
	}
	return textInput{z, data}, nil
}

// readError says what to do about an error below the text. Number is the last
// line that was read.
func readError(name string, number int, err error) error {
	return fmt.Errorf("%s, after line %d: %w", name, number, bgzf.Explain(err))
}
