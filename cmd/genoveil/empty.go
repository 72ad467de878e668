package main

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// refuseEmpty refuses flags with an empty value, such as a variable of the shell that is not
// set: --remove "" would leave nobody out. --out says so in its own words, and a title may
// be empty.
func refuseEmpty(f *pflag.FlagSet) (err error) {
	f.Visit(func(flag *pflag.Flag) {
		says := func(value string) bool { return strings.TrimSpace(value) != "" }
		if err == nil && flag.Name != "out" && flag.Name != "title" && !slices.ContainsFunc(valuesOf(flag), says) {
			err = usagef("--%s is empty; give it a value, or leave it out", flag.Name)
		}
	})
	return err
}
