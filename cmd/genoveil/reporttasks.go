package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"genoveil/pipeline/slurm"
	"genoveil/pipeline/tasks"
)

// runTasks writes a page about tasks.
func (o *reportFlags) runTasks(ctx context.Context, s *session) error {
	if err := s.claim(&o.outputFlags, withSuffixes(o.out, ".html"), o.records); err != nil {
		return err
	}
	var records []*tasks.Record
	for _, path := range o.records {
		of, err := readRecords(path)
		if err != nil {
			return err
		}
		records = append(records, of...)
	}
	title := o.title
	if title == "" {
		title = filepath.Base(o.out)
	}
	if err := computeFile(ctx, o.out+".html", func(w io.Writer) error { return tasks.WritePage(w, title, records) }); err != nil {
		return err
	}
	s.log.Info(fmt.Sprintf("wrote %s.html about %s", o.out, count(len(records), "task")), "tasks", len(records))
	return nil
}

// readRecords reads a record, or those of a job's shards that are done.
func readRecords(path string) ([]*tasks.Record, error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		r, err := tasks.Read(path)
		return []*tasks.Record{r}, err
	}
	job, err := slurm.Load(path)
	if err != nil {
		return nil, err
	}
	var records []*tasks.Record
	for shard := range job.Shards {
		r, err := tasks.Read(job.Record(shard + 1))
		if errors.Is(err, fs.ErrNotExist) {
			continue // not done
		}
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("%s: no shard is done", path)
	}
	return records, nil
}
