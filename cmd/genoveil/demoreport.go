package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"genoveil/genomics/pheno"
	"genoveil/genomics/vcf"
	"genoveil/pipeline/owner"
)

// strongest prints the first lines of the result, and what is true of them.
func (d *demo) strongest(context.Context) error {
	const shown = 5
	table, err := readRows("owner/case.assoc")
	if err != nil {
		return err
	}
	causal, err := readRows("owner/sim.causal.txt")
	if err != nil {
		return err
	}
	planted := map[string]bool{}
	for _, row := range causal {
		planted[row[0]] = true
	}
	const snp, chisq, p, or = 1, 7, 8, 9 // columns of .assoc
	value := func(row []string) float64 {
		x, err := strconv.ParseFloat(row[chisq], 64)
		if err != nil {
			return -1 // NA
		}
		return x
	}
	slices.SortStableFunc(table, func(a, b []string) int { return cmp.Compare(value(b), value(a)) })
	d.say("Strongest associations (* planted by the simulation):\n    %-10s %10s %12s", "SNP", "OR", "P")
	for _, row := range table[:min(shown, len(table))] {
		mark := " "
		if planted[row[snp]] {
			mark = "*"
		}
		d.say("  %s %-10s %10s %12s", mark, row[snp], row[or], row[p])
	}
	return nil
}

// compare computes the table from the plaintext and demands the same bytes.
func (d *demo) compare(ctx context.Context) error {
	source, err := vcf.Open("owner/sim.vcf.gz", nil)
	if err != nil {
		return err
	}
	defer source.Close()
	table, err := pheno.Read("owner/sim.pheno.txt")
	if err != nil {
		return err
	}
	status, _, err := table.CaseControl("CASE", source.Samples())
	if err != nil {
		return err
	}
	var plain bytes.Buffer
	if err := await(ctx, func() error { return owner.PlaintextChi2(&plain, source, status, nil) }); err != nil {
		return err
	}
	decrypted, err := os.ReadFile("owner/case.assoc")
	if err != nil {
		return err
	}
	if !bytes.Equal(decrypted, plain.Bytes()) {
		return errors.New("the decrypted table differs from the plaintext one: this must not happen; please report it")
	}
	d.say("The decrypted table equals the plaintext one, byte for byte (%s).", count(d.options.Variants, "row"))
	return nil
}

// show lists what each role had, and how long it worked.
func (d *demo) show(context.Context) error {
	for _, role := range []string{ownerRole, siteRole} {
		d.say("%s worked %.1f s and had", roleNames[role], d.spent[role].Seconds())
		sizes := map[string]int64{}
		err := filepath.WalkDir(role, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			info, err := e.Info()
			if err != nil {
				return err
			}
			if filepath.Base(filepath.Dir(path)) == "cohort" {
				path = filepath.Dir(path) + "/"
			}
			sizes[path] += info.Size()
			return nil
		})
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(sizes)) {
			d.say("  %-24s %s", name, humanBytes(sizes[name]))
		}
	}
	d.say("\nThe compute site saw numbers of samples, blocks, planes and columns, and no genotype, trait, name or result.")
	return nil
}

// readRows reads the fields of a table's rows, the header left out.
func readRows(path string) ([][]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for line := range strings.Lines(string(text)) {
		rows = append(rows, strings.Fields(line))
	}
	return rows[1:], nil
}
