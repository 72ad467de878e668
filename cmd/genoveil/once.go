package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// givenOnce has all flags of a command and those below it refuse a second value, but for
// lists, which add up. Otherwise the last would win, and whom the first --remove names
// would stay in the cohort.
func givenOnce(cmd *cobra.Command) {
	for _, flags := range []*pflag.FlagSet{cmd.PersistentFlags(), cmd.Flags()} {
		flags.VisitAll(func(f *pflag.Flag) {
			_, list := f.Value.(pflag.SliceValue)
			if _, wrapped := f.Value.(*onceValue); !list && !wrapped {
				f.Value = &onceValue{Value: f.Value, name: f.Name}
			}
		})
	}
	for _, sub := range cmd.Commands() {
		givenOnce(sub)
	}
}

// A onceValue is the value of a flag that may be given once.
type onceValue struct {
	pflag.Value
	name  string
	given bool
}

func (v *onceValue) Set(text string) error {
	if v.given {
		return givenTwice(v.name)
	}
	v.given = true
	return v.Value.Set(text)
}

// givenTwice is the error of a second value, with the flag's name.
type givenTwice string

func (name givenTwice) Error() string {
	return fmt.Sprintf("--%s is given twice; give it once", string(name))
}
