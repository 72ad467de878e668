package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"genoveil/genomics/report"
	"genoveil/pipeline/slurm"
	"genoveil/pipeline/tasks"
)

func newReport() *cobra.Command {
	var out, title string
	var logs, records []string
	cmd := &cobra.Command{
		Use:   "report (TABLE … | --records FILE …) -o PREFIX",
		Short: "Draw Manhattan and QQ plots and write a page about results",
		Long: `Reads association tables (PLINK 1.9 .assoc, PLINK 2 .glm, REGENIE, GWAS-SSF; plain, gzip
or zstd) and writes PREFIX.html, a page that is complete in itself: both plots, genomic
inflation, the strongest hits, what was left out and why; and the plots alone as
PREFIX.manhattan.png, .svg, PREFIX.qq.png and .svg.

--log-file adds what commands said with '--log json', which has counts, parameters
and times.

With --records, the page is about tasks instead: time, processors and memory, from the
files that --record made, or a directory OUT.slurm, in which 'submit' has every task
make one.`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0 && len(records) == 0:
				return usagef("give the tables to report on, or --records")
			case len(args) > 0 && len(records) > 0:
				return usagef("a page is about tables or about tasks; give --records alone")
			}
			return nil
		},
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		log := newLog(cmd)
		if len(records) > 0 {
			if err := claim(cmd, withSuffixes(out, ".html"), records); err != nil {
				return err
			}
			return reportTasks(cmd.Context(), log, out, title, records)
		}
		if err := claim(cmd, withSuffixes(out, ".html", ".manhattan.png", ".manhattan.svg", ".qq.png", ".qq.svg"), append(args, logs...)); err != nil {
			return err
		}
		var scan report.Scan
		for _, path := range args {
			if err := await(cmd.Context(), func() error { return scan.AddFile(path) }); err != nil {
				return err
			}
		}
		skipped := scan.Skipped()
		for _, reason := range slices.Sorted(maps.Keys(skipped)) {
			log.Info(fmt.Sprintf("%s left out: %s", count(skipped[reason], "row"), reason), "rows", skipped[reason], "reason", reason)
		}
		page := report.Page{Title: title}
		if title == "" {
			page.Title = filepath.Base(args[0])
		}
		for _, path := range logs {
			var section report.Section
			err := await(cmd.Context(), func() (err error) {
				section, err = logSection(path)
				return err
			})
			if err != nil {
				return err
			}
			page.Sections = append(page.Sections, section)
		}
		page.Sections = append(page.Sections, whoSawWhat)
		files := []struct {
			suffix string
			write  func(io.Writer) error
		}{
			{".html", func(w io.Writer) error { return scan.WritePage(w, page) }},
			{".manhattan.png", scan.Manhattan().WritePNG},
			{".manhattan.svg", scan.Manhattan().WriteSVG},
			{".qq.png", scan.QQ().WritePNG},
			{".qq.svg", scan.QQ().WriteSVG},
		}
		for _, f := range files {
			if err := computeFile(cmd.Context(), out+f.suffix, f.write); err != nil {
				return err
			}
		}
		log.Info(fmt.Sprintf("wrote %s.html about %s, λ = %.4f", out, count(scan.Len(), "variant"), scan.Lambda()), "variants", scan.Len(), "lambda", fmt.Sprint(scan.Lambda()))
		return nil
	}
	f := cmd.Flags()
	f.StringVarP(&out, "out", "o", "", "output; `PREFIX` of the page and plots")
	f.StringVar(&title, "title", "", "title of the page (the first table's name unless given)")
	f.StringSliceVar(&records, "records", nil, "records of tasks or a directory of a job, in place of tables; may be repeated")
	f.StringSliceVar(&logs, "log-file", nil, "log of a command, written with --log json; may be repeated")
	require(cmd, "out")
	return cmd
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

// reportTasks writes a page about tasks.
func reportTasks(ctx context.Context, log *slog.Logger, out, title string, paths []string) error {
	var records []*tasks.Record
	for _, path := range paths {
		of, err := readRecords(path)
		if err != nil {
			return err
		}
		records = append(records, of...)
	}
	if title == "" {
		title = filepath.Base(out)
	}
	if err := computeFile(ctx, out+".html", func(w io.Writer) error { return tasks.WritePage(w, title, records) }); err != nil {
		return err
	}
	log.Info(fmt.Sprintf("wrote %s.html about %s", out, count(len(records), "task")), "tasks", len(records))
	return nil
}

var whoSawWhat = report.Section{Title: "Who saw what", Rows: []report.Row{
	{Key: "Data owner", Value: "genotypes, traits, names of samples and variants, results"},
	{Key: "Compute site", Value: "ciphertexts; numbers of samples, blocks of variants and columns; which blocks have a missing call"},
}}

// logSection lists what a command said.
func logSection(path string) (report.Section, error) {
	s := report.Section{Title: filepath.Base(path)}
	f, err := os.Open(path)
	if err != nil {
		return s, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for number := 1; lines.Scan(); number++ {
		var record struct{ Time, Msg, Command string }
		if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
			return s, fmt.Errorf("%s, line %d: not a record of '--log json'", path, number)
		}
		if record.Command != "" {
			s.Title = record.Command
		}
		s.Rows = append(s.Rows, report.Row{Key: record.Time, Value: record.Msg})
	}
	return s, lines.Err()
}
