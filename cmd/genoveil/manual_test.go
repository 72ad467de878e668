package main

import (
	"bytes"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func TestRoff(t *testing.T) {
	for text, want := range map[string]string{
		"a-b":              `a\-b`,
		`C:\a`:             `C:\ea`,
		".hidden\n'quoted": "\\&.hidden\n\\&'quoted",
		"a.b\n  .c":        "a.b\n  .c",
		"χ² …":             "χ² …",
	} {
		if got := roff(text); got != want {
			t.Errorf("%q became %q, expected %q", text, got, want)
		}
	}
}

// Every command and flag that users can find is in the manual.
func TestManualIsComplete(t *testing.T) {
	everyCommand(newRoot(new(session)), func(cmd *cobra.Command) {
		page := manualPage(cmd)
		if !bytes.Contains(page, []byte(roff(cmd.Short))) || !bytes.Contains(page, []byte(roff(cmd.Long))) {
			t.Errorf("%s: the page lacks the help", cmd.CommandPath())
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if in := bytes.Contains(page, []byte(`\-\-`+roff(f.Name)+`\fR`)); in == f.Hidden {
				t.Errorf("%s --%s: in the page %t, hidden %t", cmd.CommandPath(), f.Name, in, f.Hidden)
			}
		})
	})
}
