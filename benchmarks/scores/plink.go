package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// plink scores all models, into plink.NAME.sscore, with the cohort's own frequencies.
func (b *bench) plink(vcfPath string, files []string) error {
	if _, err := b.time("plink2", "--vcf", vcfPath, "--freq", "--out", b.path("plink")); err != nil {
		return err
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".txt")
		used, err := b.time("plink2", "--vcf", vcfPath, "--read-freq", b.path("plink.afreq"), "--score", f, "1", "2", "3", "header-read", "cols=+denom,+scoresums", "--out", b.path("plink."+name))
		if err != nil {
			return err
		}
		fmt.Printf("%-13s  %7.2f s  plink2 --score, %s\n", "plaintext", used.Seconds(), name)
	}
	return nil
}

// comparePlink compares the sums of a score in a table with PLINK's, and denominators,
// which have to be the same.
func (b *bench) comparePlink(purpose, name string, table []byte) error {
	path := b.path("plink." + name + ".sscore")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	theirs, err := columns(string(text), "#IID", "DENOM", name+"_SUM")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	denom := name + "_DENOM" // of several scores of different lengths
	if header, _, _ := strings.Cut(string(table), "\n"); !slices.Contains(strings.Fields(header), denom) {
		denom = "DENOM"
	}
	ours, err := columns(string(table), "#IID", denom, name+"_SUM")
	if err != nil {
		return fmt.Errorf("the decrypted table: %w", err)
	}
	if !slices.Equal(ours[0], theirs[0]) || !slices.Equal(ours[1], theirs[1]) {
		return fmt.Errorf("%s: samples or denominators differ from PLINK's", name)
	}
	sums, err := numbers(theirs[2])
	if err != nil {
		return err
	}
	values, err := numbers(ours[2])
	if err != nil {
		return err
	}
	sd, worst := deviation(sums), 0.0
	for i, s := range sums {
		difference, limit := math.Abs(values[i]-s), 5e-6*math.Abs(s)+1e-6*sd
		if !(difference <= limit) {
			return fmt.Errorf("%s, %s: %v, PLINK has %v", name, ours[0][i], values[i], s)
		}
		if difference > 0 {
			worst = max(worst, difference/limit)
		}
	}
	fmt.Printf("%-13s  %s: %d samples within %.2f of what PLINK's six digits allow\n", purpose, name, len(sums), worst)
	return nil
}

// columns returns the named columns of a table.
func columns(table string, names ...string) ([][]string, error) {
	lines := strings.Split(strings.TrimSuffix(table, "\n"), "\n")
	header := strings.Fields(lines[0])
	all := make([][]string, len(names))
	for k, name := range names {
		at := slices.Index(header, name)
		if at < 0 {
			return nil, fmt.Errorf("there is no column %s", name)
		}
		for i, line := range lines[1:] {
			fields := strings.Fields(line)
			if len(fields) != len(header) {
				return nil, fmt.Errorf("line %d: %d columns, the header has %d", i+2, len(fields), len(header))
			}
			all[k] = append(all[k], fields[at])
		}
	}
	return all, nil
}

func numbers(texts []string) ([]float64, error) {
	var all []float64
	for _, text := range texts {
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, nil
}

func deviation(values []float64) float64 {
	n, mean, square := float64(len(values)), 0.0, 0.0
	for _, x := range values {
		mean += x / n
	}
	for _, x := range values {
		square += (x - mean) * (x - mean) / n
	}
	return math.Sqrt(square)
}
