package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// require marks flags that must be given.
func require(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the command has no such flag
		}
	}
}

// checkRequired refuses a command that lacks one of them, and names the first.
func checkRequired(f *pflag.FlagSet) (missing error) {
	f.SortFlags = false // as the usage line has them
	f.VisitAll(func(flag *pflag.Flag) {
		if _, required := flag.Annotations[cobra.BashCompOneRequiredFlag]; required && !flag.Changed && missing == nil {
			missing = usagef("--%s is required", flag.Name)
		}
	})
	f.SortFlags = true
	return missing
}
