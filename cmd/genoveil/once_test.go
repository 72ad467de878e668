package main

import (
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestEveryFlagIsGivenOnce demands of every flag that it adds up or refuses a second value.
func TestEveryFlagIsGivenOnce(t *testing.T) {
	everyCommand(newRoot(new(session)), func(cmd *cobra.Command) {
		check := func(f *pflag.Flag) {
			if _, list := f.Value.(pflag.SliceValue); list {
				return
			}
			value := f.Value.String()
			if err := f.Value.Set(value); err != nil {
				return // submit shares its flags with the command below
			}
			if err := f.Value.Set(value); err == nil {
				t.Errorf("%s --%s takes a second value", cmd.CommandPath(), f.Name)
			}
		}
		cmd.PersistentFlags().VisitAll(check)
		cmd.Flags().VisitAll(check)
	})
}
