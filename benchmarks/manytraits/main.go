// Command manytraits measures what many traits in one query cost, compared with one. It
// runs the genoveil program as a user would, on a simulated cohort or on your own VCF. It
// prints wall time and peak memory of `run` as the operating system counts them.
//
//	make build && go run ./benchmarks/manytraits -genoveil bin/genoveil
//	go run ./benchmarks/manytraits -genoveil bin/genoveil -vcf ../shared/data/hapmap3/hapmap3.vcf.gz -covar ../shared/data/hapmap3/covar.txt
//
// On HapMap 3 (957 samples × 14,079 variants, 6 covariates), with two cores of an AMD EPYC
// (Genoa) and --memory 2GB, 100 quantitative traits took 8.4 times the time of one, because
// 7 of the 8 columns of one trait are shared:
//
//	              time   memory
//	1 trait       9 s    0.4 GB
//	100 traits    76 s   1.1 GB
//
// Binary traits share only the count of samples, and take as much memory as --memory
// allows. With 99 samples, 601 columns took the same time with both limits:
//
//	--memory      memory
//	500MB         0.5 GB
//	2GB           1.1 GB
package main

import (
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"genoveil/genomics/vcf"
)

func main() {
	log.SetFlags(0)
	program := flag.String("genoveil", "bin/genoveil", "the program to measure")
	vcfPath := flag.String("vcf", "", "genotypes (simulated unless given)")
	covar := flag.String("covar", "", "covariates (simulated unless given)")
	traits := flag.Int("traits", 100, "number of traits beside one")
	memory := flag.String("memory", "2GB", "--memory of run")
	flag.Parse()

	dir, err := os.MkdirTemp("", "manytraits-")
	check(err)
	defer os.RemoveAll(dir)
	b := bench{program: *program, dir: dir}
	if *vcfPath == "" {
		b.run("simulate", "--samples", "500", "--variants", "8000", "--covariates", "6", "-o", b.path("sim"))
		*vcfPath, *covar = b.path("sim.vcf.gz"), b.path("sim.covar.txt")
	}
	check(writeTraits(b.path("traits.txt"), *vcfPath, *traits))
	b.run("keygen", "-o", b.path("keys"))
	b.run("encrypt", "genotypes", "--vcf", *vcfPath, "--keys", b.path("keys"), "-o", b.path("cohort"))
	// Binary traits share almost nothing: a tenth as many tell as much.
	for _, test := range []struct {
		name, prefix string
		many         int
	}{{"linear", "Q", *traits}, {"logistic", "B", max(2, *traits/10)}} {
		var base time.Duration
		for _, n := range []int{1, test.many} {
			var names []string
			for i := range n {
				names = append(names, fmt.Sprint(test.prefix, i))
			}
			query := fmt.Sprintf("%s-%d", test.name, n)
			b.run("encrypt", "traits", "--index", b.path("cohort.index"), "--pheno", b.path("traits.txt"), "--pheno-name", strings.Join(names, ","),
				"--covar", *covar, "--test", test.name, "--keys", b.path("keys"), "-o", b.path(query))
			wall, kB := b.run("run", "--cohort", b.path("cohort"), "--traits", b.path(query+".traits"), "--eval-key", b.path("keys/eval.key"),
				"--memory", *memory, "-o", b.path(query+".sums"))
			if n == 1 {
				base = wall
			}
			fmt.Printf("%-8s  %4d traits  %7.1f s  %5.1f times one  %6.0f MB\n", test.name, n, wall.Seconds(), wall.Seconds()/base.Seconds(), float64(kB)/1000)
		}
	}
}

type bench struct{ program, dir string }

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// run runs a command of the program and returns its wall time and peak memory.
func (b *bench) run(args ...string) (time.Duration, int64) {
	cmd := exec.Command(b.program, args...)
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		log.Fatalf("genoveil %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return time.Since(start), cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
}

// writeTraits writes n random quantitative (Q…) and n binary traits (B…).
func writeTraits(path, vcfPath string, n int) error {
	source, err := vcf.Open(vcfPath, nil)
	if err != nil {
		return err
	}
	defer source.Close()
	r := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	text.WriteString("#IID")
	for i := range n {
		fmt.Fprintf(&text, "\tQ%d\tB%d", i, i)
	}
	for _, sample := range source.Samples() {
		text.WriteString("\n" + sample)
		for range n {
			fmt.Fprintf(&text, "\t%.4f\t%d", r.NormFloat64(), 1+r.IntN(2))
		}
	}
	return os.WriteFile(path, []byte(text.String()+"\n"), 0o644)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
