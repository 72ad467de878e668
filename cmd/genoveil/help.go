package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is the width of a terminal that nobody has made wider.
const helpWidth = 80

// helpText is what --help prints: what the command does, how it is called, the commands
// below it, and its flags in groups.
func helpText(cmd *cobra.Command) string {
	var text strings.Builder
	text.WriteString(wrapText(cmp.Or(cmd.Long, cmd.Short)))
	text.WriteString("\nUsage:\n")
	writeWrapped(&text, "  ", "    ", cmd.UseLine())
	if cmd.HasAvailableSubCommands() {
		text.WriteString("\nCommands:\n")
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() || sub.Name() == "help" {
				writeWrapped(&text, fmt.Sprintf("  %-10s ", sub.Name()), strings.Repeat(" ", 13), sub.Short)
			}
		}
		fmt.Fprintf(&text, "\n'%s COMMAND --help' has the details.\n", cmd.CommandPath())
	}
	cmd.InitDefaultHelpFlag()
	for _, g := range flagGroups {
		title := "\n" + g.title + ":\n"
		g.each(func(name, _ string) {
			f := cmd.Flags().Lookup(name)
			if f == nil {
				f = cmd.InheritedFlags().Lookup(name)
			}
			if f == nil || f.Hidden {
				return
			}
			text.WriteString(title)
			title = ""
			writeFlag(&text, f)
		})
	}
	return text.String()
}

// refuseUnknownTopics has 'help' fail for what is no command.
func refuseUnknownTopics(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	help, _, err := root.Find([]string{"help"})
	if err != nil {
		panic(err) // it was made above
	}
	help.Run = nil
	help.RunE = func(_ *cobra.Command, args []string) error {
		cmd, rest, err := root.Find(args)
		if err != nil || len(rest) > 0 {
			return usagef("%q is not a command; 'genoveil help' lists the commands", strings.Join(args, " "))
		}
		return cmd.Help()
	}
}

// writeFlag writes a flag and what it means, beside each other if there is room.
func writeFlag(text *strings.Builder, f *pflag.Flag) {
	const column = 28
	flag := "      --" + f.Name
	if f.Shorthand != "" {
		flag = "  -" + f.Shorthand + ", --" + f.Name
	}
	if is := metavariable(f); is != "" {
		flag += " " + is
	}
	_, usage := pflag.UnquoteUsage(f)
	if !slices.Contains([]string{"", "0", "false", "[]"}, f.DefValue) {
		usage += fmt.Sprintf(" (default %s)", f.DefValue)
	}
	indent := strings.Repeat(" ", column)
	if utf8.RuneCountInString(flag) > column-2 {
		text.WriteString(flag + "\n")
		flag = ""
	}
	writeWrapped(text, fmt.Sprintf("%-*s", column, flag), indent, usage)
}

// wrapText fills paragraphs. Those that are indented are laid out already.
func wrapText(text string) string {
	var wrapped strings.Builder
	for i, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			wrapped.WriteByte('\n')
		}
		if strings.HasPrefix(paragraph, " ") || strings.Contains(paragraph, "\n ") {
			wrapped.WriteString(paragraph + "\n")
		} else {
			writeWrapped(&wrapped, "", "", paragraph)
		}
	}
	return wrapped.String()
}

// writeWrapped writes words on lines of helpWidth; the first begins with first, others
// with next.
func writeWrapped(text *strings.Builder, first, next, words string) {
	line, empty := first, true
	for _, word := range strings.Fields(words) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > helpWidth {
			text.WriteString(strings.TrimRight(line, " ") + "\n")
			line, empty = next, true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	text.WriteString(line + "\n")
}
