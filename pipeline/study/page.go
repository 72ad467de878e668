package study

import (
	_ "embed"
	"html/template"
	"io"
	"slices"
	"time"
)

//go:embed board.html
var boardHTML string

var boardTemplate = template.Must(template.New("board").Funcs(template.FuncMap{"has": slices.Contains[[]string]}).Parse(boardHTML))

// WritePage writes the board as a page that loads itself again every minute. It asks
// nothing of the network and runs no script.
func (b *Board) WritePage(w io.Writer, now time.Time) error {
	return boardTemplate.Execute(w, struct {
		*Board
		Now string
	}{b, now.UTC().Format("2006-01-02 15:04:05 UTC")})
}
