package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"genoveil/benchmarks/internal/process"
	"genoveil/genomics/meta"
)

// meta runs a meta-analysis of simulated tables.
func (b *bench) meta(dir string) error {
	start := time.Now()
	w, err := b.newWorld(dir, "traits: [{name: ldl, kind: quantitative, sd: 1}]\nvariants: "+listName+"\nfilters: {info: 0.3, mac: 20}\n",
		func(folder string) error { return writeList(filepath.Join(folder, listName), b.variants) })
	if err != nil {
		return err
	}
	number := func(site string) int { return slices.Index(w.sites, site) }
	if err := w.each(w.sites, func(site string) error {
		if err := w.give(site, "    tables:\n      ldl: {file: table.txt.gz, build: 38, palindromes: forward}\n"); err != nil {
			return err
		}
		return writeTable(filepath.Join(w.home(site), "table.txt.gz"), b.variants, number(site))
	}); err != nil {
		return err
	}
	fmt.Fprintf(b.log, "simulated in %.0f s\n", time.Since(start).Seconds())
	text := fmt.Sprintf("name: %s\nkind: meta\ntrait: ldl\ncore: %t\nheterogeneity: %t\n", analysisName, b.core, b.full)
	if b.mail && !b.recipient {
		text += fmt.Sprintf("recipients: [%s]\n", w.sites[0])
	}
	if err := w.propose(text); err != nil {
		return err
	}
	start = time.Now()
	if err := w.play(); err != nil {
		return err
	}
	out := filepath.Join(dir, "result")
	s, used, err := w.at(w.sites[0], "result", analysisName, out)
	if err != nil {
		return err
	}
	w.note("result", used)
	rows, err := countLines(out + ".tbl")
	if err != nil {
		return err
	}
	rows--
	fmt.Fprintf(b.out, "\nmeta: %d sites, a list of %d variants, core sums %t, sums of squares %t; the result has %d variants; %d sites at a time, each on one core; %.0f s in all, wall\n%s\n",
		b.sites, b.variants, b.core, b.full, rows, b.parallel, time.Since(start).Seconds(), strings.Join(s.Lines, "\n"))
	w.print()
	return w.printBytes(map[string]int{
		"presence": (b.variants + meta.PresencesPerWord - 1) / meta.PresencesPerWord, "counts": rows, "association": rows * b.width(),
	})
}

// width is how many words a variant of the association has.
func (b *bench) width() int {
	switch {
	case b.core:
		return 3
	case b.full:
		return 11
	}
	return 10
}

// fit runs a logistic regression.
func (b *bench) fit(dir string) error {
	w, err := b.newWorld(dir, "", func(string) error { return nil })
	if err != nil {
		return err
	}
	var columns []string
	for k := range b.columns {
		columns = append(columns, fmt.Sprintf("x%d", k+1))
	}
	for i, site := range w.sites {
		if err := w.give(site, "    rows: rows.tsv\n"); err != nil {
			return err
		}
		if err := writeRows(filepath.Join(w.home(site), "rows.tsv"), b.rows, b.columns, i); err != nil {
			return err
		}
	}
	if err := w.propose(fmt.Sprintf("name: %s\nkind: fit\nmodel: logistic\noutcome: y\ncolumns: [%s]\n", analysisName, strings.Join(columns, ", "))); err != nil {
		return err
	}
	start := time.Now()
	if err := w.play(); err != nil {
		return err
	}
	s, used, err := w.at(w.sites[0], "result", analysisName, filepath.Join(dir, "result"))
	if err != nil {
		return err
	}
	w.note("result", used)
	fmt.Fprintf(b.out, "\nfit: %d sites, %d rows each, logistic, %d columns; %d sites at a time, each on one core; %.0f s in all, wall\n%s\n",
		b.sites, b.rows, b.columns, b.parallel, time.Since(start).Seconds(), strings.Join(s.Lines, "\n"))
	w.print()
	p := b.columns + 1
	elements := map[string]int{"moments": 2 * (4 + 2*b.columns)}
	for r := 1; r < 9; r++ {
		elements[fmt.Sprintf("step-%d", r)] = 2 * (2 + p + p*(p+1)/2)
	}
	return w.printBytes(elements)
}

// print prints what each phase took.
func (w *world) print() {
	fmt.Fprintf(w.out, "\n| what a process does | processes | core-s, median | core-s, most | wall-s, median | core-s, all | MB, most |\n|---|---|---|---|---|---|---|\n")
	var all time.Duration
	for _, p := range w.phases {
		var cpu, wall []float64
		var sum time.Duration
		var peak int64
		for _, u := range p.used {
			cpu, wall = append(cpu, u.CPU.Seconds()), append(wall, u.Wall.Seconds())
			sum, peak = sum+u.CPU, max(peak, u.Peak)
		}
		all += sum
		fmt.Fprintf(w.out, "| %s | %d | %.2f | %.2f | %.2f | %.1f | %.0f |\n", p.name, len(p.used), process.Median(cpu), slices.Max(cpu), process.Median(wall), sum.Seconds(), float64(peak)/1e6)
	}
	fmt.Fprintf(w.out, "| all | | | | | %.1f | |\n", all.Seconds())
	if w.mail {
		fmt.Fprintf(w.out, "\nfiles of at most %d bytes: %s sent %d (%.1f MB), and was sent %d (%.1f MB); it is a recipient: %t\n",
			w.maxSize, w.mailer(), w.sent.files, float64(w.sent.bytes)/1e6, w.received.files, float64(w.received.bytes)/1e6, w.recipient)
	}
}

// printBytes prints what a site has in the folder, by round, and checks that elements of 64
// bits take 8 bytes.
func (w *world) printBytes(elements map[string]int) error {
	site := w.sites[0]
	fmt.Fprintf(w.out, "\n| in the folder, of one site | bytes | elements | bytes an element |\n|---|---|---|---|\n")
	var headers int64
	rounds, err := filepath.Glob(filepath.Join(w.folder, analysisName, "*", site+".msg"))
	if err != nil {
		return err
	}
	for _, message := range rounds {
		info, err := os.Stat(message)
		if err != nil {
			return err
		}
		headers += info.Size()
		files, err := filepath.Glob(filepath.Join(filepath.Dir(message), site+".*.words"))
		if err != nil {
			return err
		}
		var bytes int64
		for _, f := range files {
			if info, err = os.Stat(f); err != nil {
				return err
			}
			bytes += info.Size()
		}
		if files == nil {
			continue
		}
		round := filepath.Base(filepath.Dir(message))
		n := elements[strings.TrimSuffix(round[len("00-"):], "-upload")]
		fmt.Fprintf(w.out, "| %s | %d | %d | %.3f |\n", round, bytes, n, float64(bytes)/float64(n))
		if bytes != 8*int64(n) {
			return fmt.Errorf("%s: %d bytes for %d elements", round, bytes, n)
		}
	}
	fmt.Fprintf(w.out, "| messages | %d | | |\n", headers)
	return nil
}

func countLines(path string) (int, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	n := 0
	s := bufio.NewScanner(f)
	for s.Scan() {
		n++
	}
	return n, s.Err()
}
