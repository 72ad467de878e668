package bam

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/bam/readsim"
)

var usual = Options{MinMapQ: 20, MinBaseQ: 13, MinGQ: 20, MinDepth: 4, Threads: 2}

// sequenced simulates samples and writes their BAM files.
func sequenced(t *testing.T, o readsim.Options) (cohort *readsim.Cohort, siteText string, paths []string) {
	t.Helper()
	cohort = readsim.New(o)
	var text strings.Builder
	check(t, cohort.WriteSites(&text))
	dir := t.TempDir()
	for i := range o.Samples {
		paths = append(paths, filepath.Join(dir, cohort.SampleName(i)+".bam"))
		check(t, cohort.WriteBAM(paths[i], i))
	}
	return cohort, text.String(), paths
}

// withoutFrequencies takes AF out of sites.
func withoutFrequencies(siteText string) string {
	return strings.ReplaceAll(siteText, "\tAF=", "\tOTHER=")
}

// TestConcordance calls simulated reads: with half a percent of wrong bases,
// duplicates, overlapping mates, and indels near the sites.
func TestConcordance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		depth                    float64
		mostMissing, concordance float64
	}{{30, 0.01, 0.999}, {8, 1, 0.98}} {
		t.Run(fmt.Sprintf("%gx", test.depth), func(t *testing.T) {
			cohort, text, paths := sequenced(t, readsim.Options{
				Samples: 4, Contigs: []readsim.Contig{{Name: "chr1", Length: 250_000}, {Name: "chr2", Length: 50_000}}, Sites: 1500, Depth: test.depth, Seed: 7,
			})
			for _, prior := range []string{"with frequencies", "without"} {
				if prior == "without" {
					text = withoutFrequencies(text)
				}
				calls, c := callAll(t, text, paths, usual)
				if skipped := c.Skipped(); len(skipped) != 1 || skipped["not a single base (indel)"] < 300 {
					t.Errorf("skipped %v", skipped)
				}
				if len(calls) != len(cohort.Sites) {
					t.Fatalf("%d sites of %d", len(calls), len(cohort.Sites))
				}
				var called, missing, right int
				for i, s := range calls {
					if s.Variant != cohort.Sites[i].Variant {
						t.Fatalf("site %v, want %v", s.Variant, cohort.Sites[i].Variant)
					}
					for sample, call := range s.Calls {
						switch call.Genotype {
						case genomics.Missing:
							missing++
						case cohort.Truth[i].At(sample):
							right++
							called++
						default:
							called++
						}
					}
				}
				t.Logf("%s: %d called, %d missing, %d wrong", prior, called, missing, called-right)
				if float64(missing) >= test.mostMissing*float64(called+missing) || float64(right) < test.concordance*float64(called) {
					t.Errorf("%s: %d called, %d missing, %d wrong", prior, called, missing, called-right)
				}
			}
		})
	}
}

// TestConcordanceTwin compares those calls with the twin's, in windows that reads
// reach across.
func TestConcordanceTwin(t *testing.T) {
	t.Parallel()
	_, text, paths := sequenced(t, readsim.Options{
		Samples: 2, Contigs: []readsim.Contig{{Name: "1", Length: 40_000}, {Name: "2", Length: 20_000}}, Sites: 3000, Depth: 20, Seed: 3,
	})
	want := twinCalls(t, text, paths, usual)
	for _, window := range []int{7, 500, 0} {
		o := usual
		o.window, o.jump = window, 1
		got, _ := callAll(t, text, paths, o)
		compare(t, want, got)
	}
}
