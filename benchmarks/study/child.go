package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"genoveil/pipeline/study"
)

// childCommand is the first argument of a process that acts for one party.
const childCommand = "at"

// A said is what such a process prints.
type said struct {
	Done    bool     `json:"done"`
	Round   string   `json:"round"`
	Waiting []string `json:"waiting"`
	Notes   []string `json:"notes"`
	Files   []string `json:"files"`
	Lines   []string `json:"lines"`
	Waits   int      `json:"waits"` // parts of files that wait for others
}

func child(args []string) {
	s, err := act(args[0], args[1], args[2], args[3:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(s); err != nil {
		os.Exit(1)
	}
}

func noPassphrase() (string, error) { return "", nil }

// act does what a command of genoveil does for a party with a folder and a home.
func act(what, dir, home string, args []string) (*said, error) {
	ctx := context.Background()
	if what == "import" {
		s := &said{}
		for _, path := range args {
			r, err := study.Import(dir, home, path)
			if err != nil {
				return nil, err
			}
			if r.Conflicts != nil || r.Ignored != nil {
				return nil, fmt.Errorf("%s: %d conflicts, %d ignored", path, len(r.Conflicts), len(r.Ignored))
			}
			s.Waits += r.Waiting
		}
		return s, nil
	}
	d, err := study.Open(dir)
	if err != nil {
		return nil, err
	}
	if what == "export" {
		size, err := strconv.ParseInt(args[2], 10, 64)
		if err != nil {
			return nil, err
		}
		files, err := d.Export(home, args[0], args[1], size, args[3] == "headers")
		return &said{Files: files}, err
	}
	site, err := d.OpenSite(home, "benchmark", noPassphrase, time.Now())
	if err != nil {
		return nil, err
	}
	defer site.Close()
	switch what {
	case "approve":
		q, err := site.Ask(args[0])
		if err != nil {
			return nil, err
		}
		return &said{Lines: q.Lines}, site.Approve(ctx, q, false)
	case "step":
		steps, err := site.Step(ctx)
		if err != nil {
			return nil, err
		}
		s := &said{Done: true}
		for _, step := range steps {
			err = errors.Join(err, step.Err)
			s.Done = s.Done && step.State.Done
			s.Round, s.Waiting = step.State.Round, step.State.Waiting
			s.Notes = append(s.Notes, step.State.Notes...)
		}
		return s, err
	case "result":
		r, err := site.Result(ctx, args[0], args[1], false)
		if err != nil {
			return nil, err
		}
		return &said{Files: r.Files, Lines: append(r.Lines, r.Warnings...)}, nil
	}
	return nil, fmt.Errorf("%q is nothing that a party does", what)
}
