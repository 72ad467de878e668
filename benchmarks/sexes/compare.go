package main

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// sameText compares two tables byte for byte.
func sameText(ours, theirs string) error {
	var text [2][]byte
	for i, path := range []string{ours, theirs} {
		var err error
		if text[i], err = os.ReadFile(path); err != nil {
			return err
		}
	}
	a, b := bytes.SplitAfter(text[0], []byte("\n")), bytes.SplitAfter(text[1], []byte("\n"))
	for i := range min(len(a), len(b)) {
		if !bytes.Equal(a[i], b[i]) {
			return fmt.Errorf("%s, line %d:\n%sPLINK has\n%s", ours, i+1, a[i], b[i])
		}
	}
	if len(a) != len(b) {
		return fmt.Errorf("%s: %d lines, PLINK has %d", ours, len(a), len(b))
	}
	return nil
}

// A difference is the largest one of a statistic, as a share of what is allowed.
type difference struct {
	share, most float64
	where       string
	count       int
}

// Limits of the difference of a statistic Z from PLINK's. MAC is the number of the rarer
// alleles in cases or in controls, whichever is less, n the number of samples, f the share of
// those with the chromosome who have no call.
const (
	// The columns are rounded: rms 2e-4 on HapMap 3 (docs/from-sums-to-p-values.md).
	rounding = 2e-3

	// Where calls are missing, the null model moves by one step, as if the same share of them
	// were missing along every covariate. The step changes Z by the order sqrt(f/n)·(1+|Z|),
	// and it is wrong where few samples with extreme covariates lack their calls: by three
	// quarters of that in the first seeds.
	missing = 2

	// A score test is not Wald's test. Z differs by the skewness of the score, of the order
	// Z²/sqrt(MAC); the factor is twice what the first seeds have.
	skewness = 0.3

	// Below this MAC Wald's test means nothing.
	fewest = 3
)

// compare compares a table of regression with PLINK 2's, and its statistics with those of
// reference, by variant. These are PLINK 2's of linear regression. Of logistic regression
// they are PLINK 1.9's: where calls are missing, standard errors of PLINK 2.00a3.5 are off by
// up to a quarter, and those of PLINK 1.9 are right.
func (b *bench) compare(ours, theirs, statistic string, reference map[string]float64) error {
	a, err := readTable(ours)
	if err != nil {
		return err
	}
	p, err := readTable(theirs)
	if err != nil {
		return err
	}
	if !slices.Equal(a.header, p.header) || len(a.rows) != len(p.rows) {
		return fmt.Errorf("%s: %d lines, PLINK has %d:\n%s\n%s", ours, len(a.rows), len(p.rows), a.header, p.header)
	}
	most := map[string]int{} // called samples, by chromosome
	for _, row := range a.rows {
		most[row["#CHROM"]] = max(most[row["#CHROM"]], row.count())
	}
	for i, row := range a.rows {
		for _, name := range a.header[:slices.Index(a.header, "OBS_CT")+1] {
			if row[name] != p.rows[i][name] {
				return fmt.Errorf("%s, %s: %s is %s, PLINK has %s", ours, row["ID"], name, row[name], p.rows[i][name])
			}
		}
		if !b.sameError(row, p.rows[i]) {
			return fmt.Errorf("%s, %s: error code %s, PLINK has %s", ours, row["ID"], row["ERRCODE"], p.rows[i]["ERRCODE"])
		}
		want, ok := reference[row["ID"]]
		if row["ERRCODE"] != "." || !ok {
			continue
		}
		got, err := strconv.ParseFloat(row[statistic], 64)
		if err != nil {
			return fmt.Errorf("%s, %s: %w", ours, row["ID"], err)
		}
		n := float64(row.count())
		f := 1 - n/float64(most[row["#CHROM"]])
		limit := rounding + missing*(1+math.Abs(want))*math.Sqrt(f/n)
		if statistic == "Z_STAT" {
			mac := row.minorAlleles()
			if mac < fewest {
				continue
			}
			limit += skewness * (0.5 + want*want) / math.Sqrt(mac)
		}
		off := math.Abs(got - want)
		if !(off <= limit) {
			return fmt.Errorf("%s, %s: %s is %v, PLINK has %v; they may differ by %.3g", ours, row["ID"], statistic, got, want, limit)
		}
		called := "all called"
		if f > 0 {
			called = "calls missing"
		}
		name := fmt.Sprintf("%-7s %-5s %s", statistic, kind(row["#CHROM"]), called)
		d := b.worst[name]
		d.count++
		if off/limit > d.share {
			d.share = off / limit
		}
		if off > d.most {
			d.most, d.where = off, fmt.Sprintf("%v for %v; %s has %s ALT alleles in %s samples, %.0f %% are missing", got, want, row["ID"], row["A1_CT"], row["OBS_CT"], 100*f)
		}
		b.worst[name] = d
	}
	return nil
}

// sameError compares error codes. PLINK has some more where its fit with the variant fails,
// and where only samples of one sex are called on X, which makes its covariate of the sex
// constant.
func (b *bench) sameError(ours, theirs row) bool {
	a, p := ours["ERRCODE"], theirs["ERRCODE"]
	if a == p || a != "." {
		return a == p
	}
	switch p {
	case "VIF_INFINITE", "CORR_TOO_HIGH", "RANK_DEFICIENT":
		return b.oneSex[ours["ID"]]
	case "UNFINISHED", "LOGISTIC_CONVERGE_FAIL", "INVALID_RESULT":
		return true
	}
	return strings.HasPrefix(p, "SEPARATION,")
}

// A row is a line of a table, by column.
type row map[string]string

func (r row) count() int {
	n, _ := strconv.Atoi(r["OBS_CT"])
	return n
}

// minorAlleles is the number of the rarer alleles in cases or in controls, whichever is less.
// On X it is half of that, for males count as having two.
func (r row) minorAlleles() float64 {
	number := func(column string) float64 {
		x, _ := strconv.ParseFloat(r[column], 64)
		return x
	}
	least := math.Inf(1)
	for _, columns := range [][2]string{{"A1_CASE_CT", "CASE_ALLELE_CT"}, {"A1_CTRL_CT", "CTRL_ALLELE_CT"}} {
		a1, all := number(columns[0]), number(columns[1])
		if number("A1_FREQ") > 0.5 {
			a1 = all - a1
		}
		least = min(least, a1)
	}
	if kind(r["#CHROM"]) == "X" {
		least /= 2
	}
	return least
}

type table struct {
	header []string
	rows   []row
}

func readTable(path string) (*table, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	t := &table{header: strings.Fields(lines[0])}
	for i, line := range lines[1:] {
		fields := strings.Fields(line)
		if len(fields) != len(t.header) {
			return nil, fmt.Errorf("%s, line %d: %d columns, the header has %d", path, i+2, len(fields), len(t.header))
		}
		r := row{}
		for k, name := range t.header {
			r[name] = fields[k]
		}
		t.rows = append(t.rows, r)
	}
	return t, nil
}

// statistics returns a column of tables, by variant, where it has a number.
func statistics(id, column string, paths ...string) (map[string]float64, error) {
	all := map[string]float64{}
	for _, path := range paths {
		t, err := readTable(path)
		if err != nil {
			return nil, err
		}
		for _, r := range t.rows {
			if z, err := strconv.ParseFloat(r[column], 64); err == nil {
				all[r[id]] = z
			}
		}
	}
	return all, nil
}

// kind is the kind of chromosome that PLINK 2 names so.
func kind(chromosome string) string {
	switch chromosome {
	case "XY", "PAR1", "PAR2":
		return "PAR"
	case "X", "Y", "MT":
		return chromosome
	}
	return "1-22"
}

// report prints the largest differences, and how much of what is allowed was used.
func (b *bench) report() {
	fmt.Println("\nlargest differences, and of what is allowed:")
	for _, name := range slices.Sorted(maps.Keys(b.worst)) {
		d := b.worst[name]
		fmt.Printf("%-28s %7d tests  %.2g (%s); %.2f\n", name, d.count, d.most, d.where, d.share)
	}
}
