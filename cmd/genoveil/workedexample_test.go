package main

import (
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// workedExample SCRIPT TABLE writes what the page on studies has to type, as a script, and
// what it then shows of the result.
func workedExample(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: worked-example SCRIPT TABLE")
	}
	page, err := os.ReadFile("../../docs/studies.md")
	ts.Check(err)
	_, rest, ok := strings.Cut(string(page), "\n**1. One of the parties makes")
	typed, rest, shows := strings.Cut(rest, "\n`ldl.tbl` now begins")
	shown, _, ends := strings.Cut(rest, "\n## ")
	if !ok || !shows || !ends {
		ts.Fatalf("the page has no worked example")
	}
	for i, text := range []string{typed, shown} {
		var lines strings.Builder
		for line := range strings.Lines(text) {
			if code, ok := strings.CutPrefix(line, "    "); ok {
				if i == 1 { // the page has columns in place of tabs
					code = strings.Join(strings.Fields(code), "\t") + "\n"
				}
				lines.WriteString(code)
			}
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[i]), []byte(lines.String()), 0o600))
	}
}
