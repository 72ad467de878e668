package protocol

import (
	"cmp"
	"os"
	"slices"
	"strings"
)

// Rounds are the rounds of which an analysis's folder has files, in the order in which they
// are taken.
func Rounds(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var rounds []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && len(e.Name()) <= 40 {
			rounds = append(rounds, e.Name())
		}
	}
	slices.SortFunc(rounds, func(a, b string) int { return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b)) })
	return rounds
}

// place orders rounds: approve, keys, and then numbers, each with its parts.
func place(round string) string {
	number, rest, _ := strings.Cut(round, "-")
	switch {
	case round == approveRound:
		return "0"
	case round == keysRound:
		return "00"
	case round == abandonRound:
		return "zz"
	}
	for i, part := range []string{"-upload", "-complete", "-open"} {
		if strings.HasSuffix("-"+rest, part) {
			return "1" + number + string(rune('0'+i))
		}
	}
	return "1" + number
}
