package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/genomics/report"
)

// reportFlags say what a page is about.
type reportFlags struct {
	outputFlags
	title         string
	logs, records []string
}

func newReport(s *session) *cobra.Command {
	o := new(reportFlags)
	cmd := &cobra.Command{
		Use:   "report (TABLE … | --records FILE …) -o PREFIX",
		Short: "Draw Manhattan and QQ plots and write a page about results",
		Long: `Reads association tables: PLINK 1.9 .assoc, PLINK 2 .glm, REGENIE or GWAS-SSF; plain,
gzip or zstd. Several tables are parts of one result, such as its chromosomes. Writes
PREFIX.html, a self-contained page with both plots, genomic inflation, the strongest
hits, and what was left out and why. The plots alone are written as PREFIX.manhattan.png
and .svg, and PREFIX.qq.png and .svg.

--log-file adds the log of a command that ran with '--log json': counts, parameters
and times.

--records makes a page about tasks instead: time, processors and memory. Give files
that --record wrote, or a directory OUT.slurm, in which 'submit' has every task write
one.`,
		Args: func(_ *cobra.Command, args []string) error { return o.check(args) },
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), s, args) },
	}
	o.register(cmd.Flags())
	require(cmd, "out")
	return cmd
}

func (o *reportFlags) register(f *pflag.FlagSet) {
	f.StringVarP(&o.out, "out", "o", "", "output; `PREFIX` of the page and plots")
	f.StringVar(&o.title, "title", "", "title of the page (default: the name of the first table)")
	f.StringSliceVar(&o.records, "records", nil, "records of tasks, or the directory of a job, instead of tables; may be repeated")
	f.StringSliceVar(&o.logs, "log-file", nil, "log of a command that ran with --log json; may be repeated")
}

func (o *reportFlags) check(tables []string) error {
	switch {
	case len(tables) == 0 && len(o.records) == 0:
		return usagef("give the tables to report on, or --records")
	case len(tables) > 0 && len(o.records) > 0:
		return usagef("a page is about tables or about tasks; give --records alone")
	}
	return nil
}

func (o *reportFlags) run(ctx context.Context, s *session, tables []string) error {
	if len(o.records) > 0 {
		return o.runTasks(ctx, s)
	}
	if err := s.claim(&o.outputFlags, withSuffixes(o.out, ".html", ".manhattan.png", ".manhattan.svg", ".qq.png", ".qq.svg"), append(tables, o.logs...)); err != nil {
		return err
	}
	var scan report.Scan
	for _, path := range tables {
		if err := await(ctx, func() error { return scan.AddFile(path) }); err != nil {
			return err
		}
	}
	logSkippedRows(s.log, scan.Skipped())
	if scan.Len() == 0 {
		return fmt.Errorf("no P-value in %s; there is nothing to draw", strings.Join(tables, ", "))
	}
	page := report.Page{Title: o.title}
	if o.title == "" {
		page.Title = filepath.Base(tables[0])
	}
	for _, path := range o.logs {
		var section report.Section
		err := await(ctx, func() (err error) {
			section, err = logSection(path)
			return err
		})
		if err != nil {
			return err
		}
		page.Sections = append(page.Sections, section)
	}
	page.Sections = append(page.Sections, whoSawWhat)
	if err := o.write(ctx, &scan, page); err != nil {
		return err
	}
	s.log.Info(fmt.Sprintf("wrote %s.html about %s, λ = %.4f", o.out, count(scan.Len(), "variant"), scan.Lambda()), "variants", scan.Len(), "lambda", fmt.Sprint(scan.Lambda()))
	return nil
}

// write writes the page and the plots.
func (o *reportFlags) write(ctx context.Context, scan *report.Scan, page report.Page) error {
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
		if err := computeFile(ctx, o.out+f.suffix, f.write); err != nil {
			return err
		}
	}
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
