package pgen

// columns cuts lines into columns, at tabs and spaces. Several of them together count as
// one.
type columns struct {
	fields [][]byte // of the line cut last
}

// cut cuts off at most so many columns and returns how many there were.
func (c *columns) cut(line []byte, most int) int {
	c.fields = c.fields[:0]
	for i := 0; len(c.fields) < most; {
		for i < len(line) && isSpace(line[i]) {
			i++
		}
		if i == len(line) {
			break
		}
		start := i
		for i < len(line) && !isSpace(line[i]) {
			i++
		}
		c.fields = append(c.fields, line[start:i])
	}
	return len(c.fields)
}

func isSpace(b byte) bool { return b == '\t' || b == ' ' }
