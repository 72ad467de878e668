package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"genoveil/genomics/fixedpoint"
	"genoveil/genomics/joint"
	"genoveil/genomics/meta"
	"genoveil/genomics/rows"
	"genoveil/genomics/sumstats"
)

// results writes the recipient's files.
func (d *studyDemo) results(ctx context.Context) error {
	d.say("\nThe analyst writes the results:")
	for _, name := range []string{"ldl", "prs"} {
		if err := d.command(ctx, "", fmt.Sprintf("study result folder %s --home %s -o %s", name, analyst, name)); err != nil {
			return err
		}
	}
	return nil
}

// compare makes both results from the pooled data, which nobody in a real study has.
func (d *studyDemo) compare(context.Context) error {
	d.say("")
	table, err := os.ReadFile("ldl.tbl")
	if err != nil {
		return err
	}
	pooled, err := d.pooledTable()
	if err != nil {
		return err
	}
	if !bytes.Equal(table, pooled) {
		return errors.New("the table is not that of the three tables in one place")
	}
	d.say("ldl.tbl equals the meta-analysis of the three tables in one place, byte for byte: %d variants.", bytes.Count(table, []byte("\n"))-1)
	apart, err := d.compareFit()
	if err != nil {
		return err
	}
	d.say("prs.coefficients.tsv equals the regression on all %d people in one table: apart by %.0e of a standard error.", len(hospitals)*hospitalSamples, apart)
	return nil
}

// pooledTable is the meta-analysis by somebody who has all tables. It is of the variants
// that all three have: a total over fewer is not opened.
func (d *studyDemo) pooledTable() ([]byte, error) {
	l, err := meta.ReadList("variants", bytes.NewReader(d.data.List), "all")
	if err != nil {
		return nil, err
	}
	s := &meta.Study{Contributors: len(hospitals), N: len(hospitals) * hospitalSamples, ResidualSD: 1.1}
	width := len(s.Words())
	sum := make([]uint64, l.Len()*width)
	for _, h := range hospitals {
		r, err := sumstats.NewReader(h, bytes.NewReader(d.data.Tables[h]), sumstats.Options{})
		if err != nil {
			return nil, err
		}
		own, err := l.Harmonise(r, meta.GRCh38)
		if err != nil {
			return nil, err
		}
		words := make([]uint64, len(sum))
		own.Filter(meta.Filter{Count: 20})
		lambda := own.Lambda(s.Scheme)
		own.DropRare()
		if err := own.Encode(words, s, l, 0, l.Len(), lambda); err != nil {
			return nil, err
		}
		for i := range sum {
			sum[i] += words[i]
		}
	}
	var out bytes.Buffer
	w, err := meta.NewMETALWriter(&out, s)
	if err != nil {
		return nil, err
	}
	for i := range l.Len() {
		t, err := s.Decode(sum[i*width:][:width], l.AF(i))
		if err != nil {
			return nil, err
		}
		if t.Sites < len(hospitals) {
			continue
		}
		if err := w.Write(&meta.Row{Variant: l.Variant(i), Total: t, Result: s.Result(&t)}); err != nil {
			return nil, err
		}
	}
	err = w.Flush()
	return out.Bytes(), err
}

// compareFit is the largest difference from the fit on all rows, in standard errors.
func (d *studyDemo) compareFit() (apart float64, err error) {
	columns := []string{"age", "sex", "prs"}
	all := &joint.Data{X: make([][]float64, len(columns))}
	for _, h := range hospitals {
		t, err := rows.Read(filepath.Join(h, "people.tsv"), append(columns, "ldl"))
		if err != nil {
			return 0, err
		}
		for j := range columns {
			all.X[j] = append(all.X[j], t.Values[j]...)
		}
		all.Y = append(all.Y, t.Values[len(columns)]...)
	}
	fit, err := joint.NewFit(joint.Model{Kind: joint.Linear, Columns: columns})
	if err != nil {
		return 0, err
	}
	for !fit.Done {
		var sums []fixedpoint.Int128
		if sums, err = fit.Sums(all); err == nil {
			err = fit.Advance(sums)
		}
		if err != nil {
			return 0, err
		}
	}
	table, err := fit.Table()
	if err != nil {
		return 0, err
	}
	text, err := os.ReadFile("prs.coefficients.tsv")
	if err != nil {
		return 0, err
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")[1:]
	if len(lines) != len(table) {
		return 0, errors.New("another number of coefficients than on the pooled rows")
	}
	for i, c := range table {
		estimate, err := strconv.ParseFloat(strings.Split(lines[i], "\t")[1], 64)
		if err != nil {
			return 0, err
		}
		apart = max(apart, math.Abs(estimate-c.Estimate)/c.SE)
	}
	if apart > 1e-6 {
		return 0, fmt.Errorf("the coefficients are %g standard errors from those of the pooled rows", apart)
	}
	return apart, nil
}

// whoSaw prints what each party saw.
func (d *studyDemo) whoSaw(context.Context) error {
	var files int
	var size int64
	err := filepath.WalkDir("folder", func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			files, size = files+1, size+info.Size()
		}
		return err
	})
	if err != nil {
		return err
	}
	d.say("\nWho saw what:")
	for _, h := range hospitals {
		d.say("  %-18s its own data; the cards and the totals below", h)
	}
	d.say("  %-18s the cards: numbers of people and variants, inflation, frequencies against the list", "every party")
	d.say("  %-18s how many hospitals have each variant; samples and alleles in total; the coefficients", "")
	d.say("  %-18s the totals of the association, and so the table", "recipients")
	d.say("  %-18s %d files of %s: signatures, names, sizes, times, cards, and masked words", "the folder's host", files, humanBytes(size))
	d.say("No hospital's table or rows left it. 'genoveil study --help' has the commands; docs/studies.md has the rest.")
	return nil
}
