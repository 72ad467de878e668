package main

import (
	"io"
	"log/slog"
	"time"

	"genoveil/pipeline/tasks"
)

// A session is one call of the program: what it reads and writes, and what it notes of
// itself for its log, its journal and its record.
type session struct {
	stdin  io.Reader
	stdout *printed
	stderr io.Writer

	log     *slog.Logger
	json    bool // the log is JSON
	journal journal
	took    tasks.Record // as far as the command knows it
	placed  bool         // where to compute was chosen before
}

// newSession logs text until --log says otherwise.
func newSession(args []string, stdin io.Reader, stdout, stderr io.Writer) *session {
	s := &session{stdin: stdin, stdout: &printed{to: stdout}, stderr: stderr, journal: journal{args: args, start: time.Now()}}
	s.logTo(textHandler{stderr})
	return s
}

// A printed is standard output and what went wrong with it first. What prints help, and
// much else, does not look; the command fails for it in the end.
type printed struct {
	to  io.Writer
	err error
}

func (p *printed) Write(data []byte) (int, error) {
	n, err := p.to.Write(data)
	if p.err == nil {
		p.err = err
	}
	return n, err
}
