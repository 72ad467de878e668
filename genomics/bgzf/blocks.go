package bgzf

// Blocks are some blocks of a file, one behind the other. The zero value has
// none.
type Blocks struct {
	data    []byte
	blocks  []block
	textLen int
}

// A block has its compressed text and footer in data[from:to].
type block struct {
	from, to int
	textLen  int
	offset   int64 // in the file
}

// end is where the last whole block ends.
func (b *Blocks) end() int {
	if len(b.blocks) == 0 {
		return 0
	}
	return b.blocks[len(b.blocks)-1].to
}

// Len is the number of blocks.
func (b *Blocks) Len() int { return len(b.blocks) }
