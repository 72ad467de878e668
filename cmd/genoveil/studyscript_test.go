package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"genoveil/genomics/joint"
	"genoveil/genomics/meta"
	"genoveil/genomics/rows"
	"genoveil/genomics/sumstats"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study"
	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/sitefile"
)

// scripted is the program in scripts. One variable puts the clock forward, and another has
// it kill itself before a change on disk.
func scripted() {
	if left, err := strconv.Atoi(os.Getenv("KILL_BEFORE")); err == nil {
		atomicfile.BeforeStep = func() {
			if left--; left == 0 {
				syscall.Kill(os.Getpid(), syscall.SIGKILL)
			}
		}
	}
	if days, err := strconv.Atoi(os.Getenv("DAYS_LATER")); err == nil {
		now = func() time.Time { return time.Now().AddDate(0, 0, days) }
	}
	main()
}

// called runs the program, and returns what it wrote and its exit code.
func called(ts *testscript.TestScript, stdin string, args ...string) (stdout, stderr string, code int) {
	program, err := exec.LookPath("genoveil")
	ts.Check(err)
	cmd := exec.Command(program, args...)
	var out, errs bytes.Buffer
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), strings.NewReader(stdin), &out, &errs
	cmd.Env = append(os.Environ(), "DAYS_LATER="+ts.Getenv("DAYS_LATER"), "KILL_BEFORE="+ts.Getenv("KILL_BEFORE"))
	var exit *exec.ExitError
	if err := cmd.Run(); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	return out.String(), errs.String(), code
}

// foreach 'NAME …' genoveil ARGUMENT … runs the program for each name, with the name in
// place of @.
func foreach(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || args[1] != "genoveil" {
		ts.Fatalf("usage: foreach 'NAME …' genoveil ARGUMENT …")
	}
	for name := range strings.FieldsSeq(args[0]) {
		own := slices.Clone(args[2:])
		for i := range own {
			own[i] = strings.ReplaceAll(own[i], "@", name)
		}
		stdout, stderr, code := called(ts, "", own...)
		io.WriteString(ts.Stdout(), stdout)
		io.WriteString(ts.Stderr(), stderr)
		if code != 0 {
			ts.Fatalf("%s: exit code %d\n%s", name, code, stderr)
		}
	}
}

// added FILE LINE TO writes a file with one more line.
func added(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: added FILE LINE TO")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(ts.ReadFile(args[0])+args[1]+"\n"), 0o600))
}

// study-join STUDY PARTY … has parties join a study and confirm it. The home of each is the
// directory of its name.
func studyJoin(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: study-join STUDY PARTY …")
	}
	do := func(stdin string, a ...string) string {
		stdout, stderr, code := called(ts, stdin, append([]string{"study"}, a...)...)
		if code != 0 {
			ts.Fatalf("genoveil study %s: %s", strings.Join(a, " "), stderr)
		}
		return stdout
	}
	for _, p := range args[1:] {
		do("", "join", args[0], "--site", p, "--home", p, "--no-passphrase")
	}
	phrase := do("", "confirm", args[0], "--show")
	for _, p := range args[1:] {
		do(phrase, "confirm", args[0], "--home", p)
	}
}

// [!] study-run STUDY PARTY … has parties step, one after another, until no more messages
// come. What they said in the last round is on standard output and error, with the names of
// who said it. Nobody (or with !, somebody) may fail.
func studyRun(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: [!] study-run STUDY PARTY …")
	}
	said, seen, failed := map[string]string{}, map[string]string{}, map[string]bool{}
	for range 100 {
		before := messagesIn(ts, args[0])
		for _, p := range args[1:] {
			if now := messagesIn(ts, args[0]); seen[p] == now {
				continue
			}
			_, stderr, code := called(ts, "", "study", "step", args[0], "--home", p)
			said[p], seen[p], failed[p] = stderr, messagesIn(ts, args[0]), code != 0 && code != exitInterrupted
		}
		if messagesIn(ts, args[0]) != before {
			continue
		}
		somebody := false
		for _, p := range args[1:] {
			for line := range strings.Lines(said[p]) {
				io.WriteString(ts.Stderr(), p+": "+line)
			}
			somebody = somebody || failed[p]
		}
		if somebody != neg {
			ts.Fatalf("failed: %t", somebody)
		}
		return
	}
	ts.Fatalf("no end")
}

// study-killed STUDY PARTY has a party step, killed before its first change on disk, then
// before its second, and so on until there are no more.
func studyKilled(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: study-killed STUDY PARTY")
	}
	before := ts.Getenv("KILL_BEFORE")
	defer ts.Setenv("KILL_BEFORE", before)
	for n := 1; ; n++ {
		ts.Setenv("KILL_BEFORE", strconv.Itoa(n))
		_, stderr, code := called(ts, "", "study", "step", args[0], "--home", args[1])
		switch code {
		case -1:
			continue
		case 0, exitInterrupted:
			io.WriteString(ts.Stderr(), stderr)
			ts.Logf("killed %d times", n-1)
			if n == 1 {
				ts.Fatalf("it changed nothing")
			}
			return
		}
		ts.Fatalf("exit code %d after it was killed\n%s", code, stderr)
	}
}

// study-mail N PARTY … has each party take a step in the folder at-PARTY, if it can, and mail
// to all others what they lack: files that begin with mail-N.
func studyMail(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: study-mail N PARTY …")
	}
	do := func(a ...string) string {
		_, stderr, code := called(ts, "", append([]string{"study"}, a...)...)
		if code != 0 {
			ts.Fatalf("genoveil study %s: %s", strings.Join(a, " "), stderr)
		}
		return stderr
	}
	for _, from := range args[1:] {
		if _, stderr, code := called(ts, "", "study", "step", "at-"+from, "--home", from); code != 0 && code != exitInterrupted && !strings.Contains(stderr, "confirm") {
			ts.Fatalf("%s: %s", from, stderr)
		}
		for _, to := range args[1:] {
			if to == from {
				continue
			}
			prefix := fmt.Sprintf("mail-%s-%s-%s", args[0], from, to)
			do("export", "at-"+from, "--home", from, "--to", to, "-o", prefix)
			files, err := filepath.Glob(ts.MkAbs(prefix + "*"))
			ts.Check(err)
			for _, f := range files {
				do("import", "at-"+to, filepath.Base(f), "--home", to)
			}
		}
	}
}

// messagesIn names the messages in a folder.
func messagesIn(ts *testscript.TestScript, dir string) string {
	names, err := filepath.Glob(filepath.Join(ts.MkAbs(dir), "*", "*", "*.msg"))
	ts.Check(err)
	return "messages:" + strings.Join(names, "\n")
}

// A cohortOf is how a site's simulated tables look.
type cohortOf struct {
	name, program string
	build, n      int
	ancestries    []string
	complemented  bool // on the other strand
}

// study-tables [SETTING=VALUE …] STUDY SITE[,SETTING=VALUE …] … simulates summary statistics:
// STUDY/variants.tsv is the list, STUDY/calibration.txt has variants with and without an
// effect, and each site has in its home its tables and a site.yaml that names them. Settings
// are variants=N, seed=N, traits=NAME+NAME, cases=SHARE and sexes=yes. Those of a site are
// program (regenie, saige, plink2, ssf or other), build, n, ancestry=NAME+NAME and
// strand=other.
func studyTables(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: study-tables [SETTING=VALUE …] STUDY SITE[,SETTING=VALUE …] …")
	}
	g := &generator{ts: ts, variants: 300, traits: []string{"ldl"}, sexes: []string{""}}
	seed := 1
	for len(args) > 0 && strings.Contains(args[0], "=") && !strings.Contains(args[0], ",") {
		key, value, _ := strings.Cut(args[0], "=")
		switch args = args[1:]; key {
		case "variants":
			g.variants = g.number(value)
		case "seed":
			seed = g.number(value)
		case "traits":
			g.traits = strings.Split(value, "+")
		case "cases":
			share, err := strconv.ParseFloat(value, 64)
			ts.Check(err)
			g.cases = share
		case "sexes":
			g.sexes = []string{"female", "male"}
		default:
			ts.Fatalf("no setting %s", key)
		}
	}
	if len(args) < 2 {
		ts.Fatalf("give a study and sites")
	}
	g.r = rand.New(rand.NewPCG(uint64(seed), 0))
	var cohorts []cohortOf
	for _, text := range args[1:] {
		c := g.cohort(text)
		cohorts = append(cohorts, c)
		g.ancestries = append(g.ancestries, c.ancestries...)
	}
	slices.Sort(g.ancestries)
	g.ancestries = slices.Compact(g.ancestries)
	g.list(ts.MkAbs(args[0]))
	for _, c := range cohorts {
		g.site(c)
	}
}

type generator struct {
	ts         *testscript.TestScript
	r          *rand.Rand
	variants   int
	traits     []string
	cases      float64
	sexes      []string
	ancestries []string

	all     []meta.Variant
	af      []map[string]float64
	effects map[string][]float64 // by trait
}

func (g *generator) number(text string) int {
	n, err := strconv.Atoi(text)
	g.ts.Check(err)
	return n
}

func (g *generator) cohort(text string) cohortOf {
	fields := strings.Split(text, ",")
	c := cohortOf{name: fields[0], program: "regenie", build: 38, n: 1000, ancestries: []string{"all"}}
	for _, f := range fields[1:] {
		key, value, _ := strings.Cut(f, "=")
		switch key {
		case "program":
			c.program = value
		case "build":
			c.build = g.number(value)
		case "n":
			c.n = g.number(value)
		case "ancestry":
			c.ancestries = strings.Split(value, "+")
		case "strand":
			c.complemented = value == "other"
		default:
			g.ts.Fatalf("no setting %s of a site", key)
		}
	}
	return c
}

// controlEvery is how many variants there are to one with an effect.
const controlEvery = 10

// list simulates variants, the last tenth of them on X, and writes the study's files.
func (g *generator) list(dir string) {
	alleles := [][2]string{{"A", "C"}, {"G", "T"}, {"C", "T"}, {"A", "G"}, {"A", "T"}, {"GA", "G"}}
	var list, calibration bytes.Buffer
	w, err := meta.NewListWriter(&list, g.ancestries)
	g.ts.Check(err)
	g.effects = map[string][]float64{}
	for i := range g.variants {
		a := alleles[g.r.IntN(len(alleles))]
		v := meta.Variant{ID: fmt.Sprintf("rs%d", i+1), Chrom: "1", Pos37: 500_005 + 10*i, Pos38: 2000 + 10*i, Ref: a[0], Alt: a[1]}
		if i >= g.variants*9/10 {
			v.Chrom = "X"
		}
		g.all = append(g.all, v)
		f, af := 0.05+0.9*g.r.Float64(), map[string]float64{}
		var row []float64
		for _, ancestry := range g.ancestries {
			af[ancestry] = near(f+0.1*g.r.NormFloat64(), 0.05)
			row = append(row, af[ancestry])
		}
		g.af = append(g.af, af)
		g.ts.Check(w.Write(v, row))
		kind := "null"
		if i%controlEvery == 0 {
			kind = "control"
		}
		fmt.Fprintf(&calibration, "%s %s\n", v.ID, kind)
	}
	g.ts.Check(w.Flush())
	for _, trait := range g.traits {
		effects := make([]float64, g.variants)
		for i := 0; i < g.variants; i += controlEvery {
			effects[i] = 0.4 * g.r.NormFloat64()
		}
		g.effects[trait] = effects
	}
	g.ts.Check(os.MkdirAll(dir, 0o777))
	g.ts.Check(os.WriteFile(filepath.Join(dir, "variants.tsv"), list.Bytes(), 0o666))
	g.ts.Check(os.WriteFile(filepath.Join(dir, "calibration.txt"), calibration.Bytes(), 0o666))
}

func near(x, edge float64) float64 { return min(max(x, edge), 1-edge) }

// site writes the tables of a site.
func (g *generator) site(c cohortOf) {
	home := g.ts.MkAbs(c.name)
	g.ts.Check(os.MkdirAll(home, 0o700))
	var yaml strings.Builder
	yaml.WriteString("strata:\n")
	for _, ancestry := range c.ancestries {
		for _, sex := range g.sexes {
			fmt.Fprintf(&yaml, "- ancestry: %s\n  sex: %s\n  cohort: Cohort of %s\n  software: %s\n  tables:\n", ancestry, cmp.Or(sex, charter.Both), c.name, c.program)
			for _, trait := range g.traits {
				name := trait
				if len(c.ancestries) > 1 {
					name += "." + ancestry
				}
				if sex != "" {
					name += "." + sex
				}
				fmt.Fprintf(&yaml, "    %s: {file: %s.txt, build: %d%s}\n", trait, name, c.build, formats[c.program].columns)
				g.ts.Check(os.WriteFile(filepath.Join(home, name+".txt"), g.table(&c, trait, ancestry), 0o600))
			}
		}
	}
	g.ts.Check(os.WriteFile(filepath.Join(home, "site.yaml"), []byte(yaml.String()), 0o600))
}

// formats are of programs: header, a row as a format of chromosome, position, ID, other
// allele, effect allele, frequency, samples, effect, standard error, P and −log10 P, and what
// site.yaml has to say.
var formats = map[string]struct{ header, row, columns string }{
	"regenie": {"CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA SE LOG10P EXTRA\n", "%[1]s %[2]d %[3]s %[4]s %[5]s %.6[6]g %[7]d ADD %.6[8]g %.6[9]g %.6[11]g NA\n", ""},
	"saige":   {"CHR\tPOS\tMarkerID\tAllele1\tAllele2\tAF_Allele2\tBETA\tSE\tp.value\tN\n", "%[1]s\t%[2]d\t%[3]s\t%[4]s\t%[5]s\t%.6[6]g\t%.6[8]g\t%.6[9]g\t%.6[10]g\t%[7]d\n", ""},
	"plink2":  {"#CHROM\tPOS\tID\tREF\tALT\tA1\tA1_FREQ\tTEST\tOBS_CT\tBETA\tSE\tP\tERRCODE\n", "%[1]s\t%[2]d\t%[3]s\t%[4]s\t%[5]s\t%[5]s\t%.6[6]g\tADD\t%[7]d\t%.6[8]g\t%.6[9]g\t%.6[10]g\t.\n", ""},
	"ssf":     {"chromosome\tbase_pair_location\teffect_allele\tother_allele\tbeta\tstandard_error\teffect_allele_frequency\tp_value\trsid\tn\n", "%[1]s\t%[2]d\t%[5]s\t%[4]s\t%.6[8]g\t%.6[9]g\t%.6[6]g\t%.6[10]g\t%[3]s\t%[7]d\n", ""},
	"other": {"SNP,A1,A2,FREQ,B,STDERR,PVAL,SAMPLES\n", "%[3]s %[5]s %[4]s %.6[6]g %.6[8]g %.6[9]g %.6[10]g %[7]d\n",
		", columns: {id: SNP, effect: A1, other: A2, eaf: FREQ, beta: B, se: STDERR, p: PVAL, n: SAMPLES}"},
	"binary": {"CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N N_CASES N_CONTROLS TEST BETA SE LOG10P EXTRA\n", "%[1]s %[2]d %[3]s %[4]s %[5]s %.6[6]g %[7]d %[12]d %[13]d ADD %.6[8]g %.6[9]g %.6[11]g NA\n", ""},
}

// table simulates a table. A tenth of the variants it lacks, and of a third REF is the
// effect allele.
func (g *generator) table(c *cohortOf, trait, ancestry string) []byte {
	program := c.program
	if g.cases > 0 {
		program = "binary"
	}
	format := formats[program]
	var b bytes.Buffer
	b.WriteString(strings.ReplaceAll(format.header, ",", " "))
	share := 1.0
	if g.cases > 0 {
		share = g.cases * (1 - g.cases)
	}
	cases := int(g.cases * float64(c.n))
	for i, v := range g.all {
		if g.r.IntN(10) == 0 {
			continue
		}
		f := near(g.af[i][ancestry]+0.01*g.r.NormFloat64(), 0.03)
		se := 1 / math.Sqrt(2*f*(1-f)*share*float64(c.n))
		beta := g.effects[trait][i] + se*g.r.NormFloat64()
		other, effect := v.Ref, v.Alt
		if g.r.IntN(3) == 0 {
			other, effect, f, beta = effect, other, 1-f, -beta
		}
		if c.complemented {
			other, effect = complemented(other), complemented(effect)
		}
		pos := v.Pos38
		if c.build == 37 {
			pos = v.Pos37
		}
		p := math.Erfc(math.Abs(beta/se) / math.Sqrt2)
		fmt.Fprintf(&b, format.row, v.Chrom, pos, v.ID, other, effect, f, c.n, beta, se, p, -math.Log10(p), cases, c.n-cases)
	}
	return b.Bytes()
}

func complemented(allele string) string {
	return strings.NewReplacer("A", "T", "C", "G", "G", "C", "T", "A").Replace(allele)
}

// study-people [n=N] SITE … simulates persons, for regressions: SITE/people.tsv, and a
// site.yaml that names it.
func studyPeople(ts *testscript.TestScript, neg bool, args []string) {
	n := 200
	if len(args) > 0 && strings.HasPrefix(args[0], "n=") {
		var err error
		n, err = strconv.Atoi(args[0][2:])
		ts.Check(err)
		args = args[1:]
	}
	if neg || len(args) < 1 {
		ts.Fatalf("usage: study-people [n=N] SITE …")
	}
	for k, site := range args {
		r := rand.New(rand.NewPCG(uint64(k), 1))
		var b strings.Builder
		b.WriteString("ID\tldl\tcase\tage\tsex\tbmi\tmonths\tdays\tdied\ttwice\tmarker\n")
		for i := range n {
			age, sex, bmi := 40+10*r.NormFloat64(), r.IntN(2), 25+3*r.NormFloat64()
			eta := 0.03*(age-40) + 0.5*float64(sex) + 0.1*(bmi-25)
			y := 0
			if r.Float64() < 1/(1+math.Exp(-eta)) {
				y = 1
			}
			died, days := r.IntN(2), 1000*r.ExpFloat64()*math.Exp(-eta)
			fmt.Fprintf(&b, "%s-%d\t%.4f\t%d\t%.4f\t%d\t%.4f\t%.4f\t%.2f\t%d\t%.4f\t%.4f\n", site, i, 3+eta+r.NormFloat64(), y, age, sex, bmi, 12*age, days, died, 2*bmi, float64(2*y-1)*(1+r.Float64()))
		}
		ts.Check(os.MkdirAll(ts.MkAbs(site), 0o700))
		ts.Check(os.WriteFile(filepath.Join(ts.MkAbs(site), "people.tsv"), []byte(b.String()), 0o600))
		ts.Check(os.WriteFile(filepath.Join(ts.MkAbs(site), "site.yaml"), []byte("strata:\n- ancestry: all\n  cohort: Cohort of "+site+"\n  rows: people.tsv\n"), 0o600))
	}
}

// study-expected [heterogeneity] OUT STUDY TRAIT SITE … writes the table that a meta-analysis
// has of all sites' tables in the clear.
func studyExpected(ts *testscript.TestScript, neg bool, args []string) {
	heterogeneity := len(args) > 0 && args[0] == "heterogeneity"
	if heterogeneity {
		args = args[1:]
	}
	if neg || len(args) < 4 {
		ts.Fatalf("usage: study-expected [heterogeneity] OUT STUDY TRAIT SITE …")
	}
	d, err := study.Open(ts.MkAbs(args[1]))
	ts.Check(err)
	l, err := meta.OpenList(filepath.Join(ts.MkAbs(args[1]), d.Charter.Variants.Name), d.Charter.Ancestries[0])
	ts.Check(err)
	trait, _ := d.Charter.Trait(args[2])
	var tables []*meta.Harmonised
	for _, site := range args[3:] {
		tables = append(tables, harmonisedTable(ts, d.Charter, l, ts.MkAbs(site), args[2]))
	}
	out, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer out.Close()
	s := &meta.Study{Contributors: len(tables), N: 1, ResidualSD: trait.SD, Heterogeneity: heterogeneity}
	w, err := meta.NewMETALWriter(out, s)
	ts.Check(err)
	for i := range l.Len() {
		var estimates []meta.Estimate
		for _, t := range tables {
			if t.Estimates[i].Present {
				estimates = append(estimates, t.Estimates[i])
			}
		}
		total := meta.AddUp(estimates)
		if len(estimates) >= d.Charter.Least() && min(total.Alleles, 2*total.Samples-total.Alleles) >= 20 {
			ts.Check(w.Write(&meta.Row{Variant: l.Variant(i), Total: total, Result: s.Result(&total)}))
		}
	}
	ts.Check(w.Flush())
}

// study-pooled OUT MODEL OUTCOME COLUMN,… SITE … writes the coefficients that the rows of all
// sites have in one table.
func studyPooled(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 5 {
		ts.Fatalf("usage: study-pooled OUT MODEL OUTCOME COLUMN,… SITE …")
	}
	columns := strings.Split(args[3], ",")
	all := make([][]float64, len(columns)+1)
	for _, site := range args[4:] {
		t, err := rows.Read(filepath.Join(ts.MkAbs(site), "people.tsv"), append(slices.Clone(columns), args[2]))
		ts.Check(err)
		for i, values := range t.Values {
			all[i] = append(all[i], values...)
		}
	}
	fit, err := joint.NewFit(joint.Model{Kind: joint.Kind(args[1]), Columns: columns})
	ts.Check(err)
	for !fit.Done {
		sums, err := fit.Sums(&joint.Data{X: all[:len(columns)], Y: all[len(columns)]})
		ts.Check(err)
		ts.Check(fit.Advance(sums))
	}
	out, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer out.Close()
	ts.Check(fit.WriteTable(out))
}

func harmonisedTable(ts *testscript.TestScript, c *charter.Charter, l *meta.List, home, trait string) *meta.Harmonised {
	s, err := sitefile.Load(filepath.Join(home, "site.yaml"))
	ts.Check(err)
	t := s.Strata[0].Tables[trait]
	r, err := sumstats.Open(s.Path(t.File), sumstats.Options{Columns: t.Columns.Sumstats()})
	ts.Check(err)
	defer r.Close()
	h, err := l.Harmonise(r, meta.Build(t.Build))
	ts.Check(err)
	h.Filter(meta.Filter{Info: c.Filters.Info, Count: c.Filters.MAC, Effective: c.Filters.NEff})
	h.DropRare()
	return h
}
