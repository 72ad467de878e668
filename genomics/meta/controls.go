package meta

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"genoveil/genomics/text"
)

const (
	controlsKind = "a list of IDs of variants"
	maxControls  = 100_000
	maxShown     = 5 // IDs in an error
)

// Controls are the variants of a calibration, by their IDs.
type Controls struct {
	Known []string // have an effect
	Null  []string // have none
}

// OpenControls reads IDs, one a line. A second column says "control" or "null"; without
// one the variant is a control. What stands behind # is a comment.
func OpenControls(path string) (*Controls, error) {
	lines, err := text.Open(path, maxListLine, controlsKind)
	if err != nil {
		return nil, err
	}
	defer lines.Close()
	return readControls(lines)
}

// ReadControls reads IDs as OpenControls does; name stands for the file in errors.
func ReadControls(name string, data io.Reader) (*Controls, error) {
	return readControls(text.NewLines(name, data, maxListLine, controlsKind))
}

func readControls(lines *text.Lines) (*Controls, error) {
	c := &Controls{}
	seen := map[string]bool{}
	for {
		line, err := lines.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		line, _, _ = bytes.Cut(line, []byte("#"))
		fields := strings.Fields(string(line))
		if len(fields) == 0 {
			continue
		}
		to := &c.Known
		switch {
		case len(fields) == 2 && fields[1] == "null":
			to = &c.Null
		case len(fields) > 2 || len(fields) == 2 && fields[1] != "control":
			return nil, lines.Errorf("a line has an ID and, if anything else, control or null")
		}
		if seen[fields[0]] {
			return nil, lines.Errorf("%.40s is there twice", fields[0])
		}
		if len(seen) == maxControls {
			return nil, lines.Errorf("more than %d IDs", maxControls)
		}
		seen[fields[0]] = true
		*to = append(*to, fields[0])
	}
	if len(seen) == 0 {
		return nil, fmt.Errorf("%s: no IDs", lines.Name())
	}
	return c, nil
}

// Find returns the numbers of variants by their IDs, in the order of these. The error names
// IDs that no variant of the list has, or several.
func (l *List) Find(ids []string) ([]int32, error) {
	const none, several = -1, -2
	at := make(map[string]int32, len(ids))
	for _, id := range ids {
		at[id] = none
	}
	for i := range l.Len() {
		id, _, _ := l.text(i)
		switch before, wanted := at[string(id)]; {
		case !wanted:
		case before == none:
			at[string(id)] = int32(i)
		default:
			at[string(id)] = several
		}
	}
	var found []int32
	var unknown, ambiguous []string
	for _, id := range ids {
		switch i := at[id]; i {
		case none:
			unknown = append(unknown, id)
		case several:
			ambiguous = append(ambiguous, id)
		default:
			found = append(found, i)
		}
	}
	switch {
	case unknown != nil:
		return nil, fmt.Errorf("%s: no variant has the ID %s", l.name, someOf(unknown))
	case ambiguous != nil:
		return nil, fmt.Errorf("%s: several variants have the ID %s", l.name, someOf(ambiguous))
	}
	return found, nil
}

// someOf names the first of some IDs.
func someOf(ids []string) string {
	if len(ids) <= maxShown {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(ids[:maxShown], ", "), len(ids)-maxShown)
}
