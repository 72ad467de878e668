package owner_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/pipeline/format"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/private"
)

// sexedCohort has 2500 variants in blocks of 1024, those from 1500 on on X, and random sexes
// with one of each kind among the first three. Males are homozygous on X.
func sexedCohort(t *testing.T) (*pipelinetest.PlainCohort, []genomics.Sex) {
	t.Helper()
	c := pipelinetest.Simulated(t, 80, 2500, 0.02, 2500)
	r := rand.New(rand.NewPCG(21, 22))
	sexes := []genomics.Sex{genomics.Male, genomics.Female, genomics.UnknownSex}
	for len(sexes) < len(c.Names) {
		sexes = append(sexes, genomics.Sex(r.IntN(3)))
	}
	for j := range c.Variants {
		if c.Variants[j].Chrom = "1"; j < 1500 {
			continue
		}
		c.Variants[j].Chrom = "X"
		for i, s := range sexes {
			if s == genomics.Male && c.Rows[j].At(i) == genomics.Het {
				c.Rows[j].Set(i, genomics.HomAlt)
			}
		}
	}
	return c, sexes
}

// with are the sexes with some changed.
func with(sexes []genomics.Sex, changes map[int]genomics.Sex) []genomics.Sex {
	sexes = slices.Clone(sexes)
	for i, s := range changes {
		sexes[i] = s
	}
	return sexes
}

func (w ownerWorld) sexed(source genomics.Source, sexes []genomics.Sex) *owner.GenotypeJob {
	job := w.Genotypes(source)
	job.Sexes = sexes
	return job
}

// malesOf checks that the index has the sexes, the chromosomes and the counts of males.
func (w ownerWorld) malesOf(c *pipelinetest.PlainCohort, sexes []genomics.Sex) {
	w.T.Helper()
	x := w.Index()
	if !slices.Equal(x.Sexes, sexes) || !slices.Equal(x.Chromosomes, []private.ChromosomeRange{{Name: "1", From: 0, To: 2}, {Name: "X", From: 1, To: 3}}) {
		w.T.Errorf("the index has sexes %v, chromosomes %v", x.Sexes, x.Chromosomes)
	}
	males := genomics.NewMask(len(x.Samples), func(i int) bool { return sexes != nil && sexes[i] == genomics.Male })
	for j := 0; j < len(c.Variants); {
		b, err := x.NextBlock()
		w.Must(err)
		for _, tally := range b.Tallies {
			var want genomics.Counts
			if c.Variants[j].Chrom == "X" {
				want = males.Count(c.Rows[j])
			}
			if tally.Males != want {
				w.T.Fatalf("variant %d: %v males, want %v", j, tally.Males, want)
			}
			j++
		}
	}
}

// TestSexesStayTheSame: an interrupted encryption does not continue with other sexes, or
// none, if a block with X is done.
func TestSexesStayTheSame(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	c, sexes := sexedCohort(t)
	interrupt := func(sexes []genomics.Sex, blocks ...int) error {
		job := w.sexed(nil, sexes)
		job.Source = &failing{MemorySource: c.Source(2300, pipelinetest.ErrBroken).(*pipelinetest.MemorySource), after: w.finished("cohort.index.partial", blocks...)}
		_, err := job.Run(t.Context())
		return err
	}
	if err := interrupt(sexes, 0, 1); !errors.Is(err, pipelinetest.ErrBroken) {
		t.Fatal(err)
	}
	w.refused(w.Genotypes(c.All()), "the genotypes differ from those of the interrupted run (block 1)")
	for name, changes := range map[string]map[int]genomics.Sex{
		"a male is female": {0: genomics.Female}, "a male is unknown": {0: genomics.UnknownSex}, "a female is male": {1: genomics.Male},
	} {
		t.Run(name, func(t *testing.T) {
			w.refused(w.sexed(c.All(), with(sexes, changes)), "the genotypes differ from those of the interrupted run (block 1)")
		})
	}
	// Unknown and female samples have two copies alike, so nothing that is done changes.
	final := with(sexes, map[int]genomics.Sex{2: genomics.Female})
	result, err := w.sexed(c.All(), final).Run(t.Context())
	w.Must(err)
	if result.Resumed != 2 {
		t.Errorf("%d blocks are kept", result.Resumed)
	}
	w.malesOf(c, final)
}

// TestSexesMayComeLater: as long as no block with X is done, any sexes will do.
func TestSexesMayComeLater(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	c, sexes := sexedCohort(t)
	job := w.sexed(nil, with(sexes, map[int]genomics.Sex{0: genomics.Female}))
	job.Source = &failing{MemorySource: c.Source(1400, pipelinetest.ErrBroken).(*pipelinetest.MemorySource), after: w.finished("cohort.index.partial", 0)}
	if _, err := job.Run(t.Context()); !errors.Is(err, pipelinetest.ErrBroken) {
		t.Fatal(err)
	}
	result, err := w.sexed(c.All(), sexes).Run(t.Context())
	w.Must(err)
	if result.Resumed != 1 {
		t.Errorf("%d blocks are kept", result.Resumed)
	}
	w.malesOf(c, sexes)
}

// TestNoSexes: without sexes there are none in the index, and no males on X.
func TestNoSexes(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	c, _ := sexedCohort(t)
	w.Encrypt(c.All())
	w.malesOf(c, nil)
	s := pipelinetest.NewScoreWorld(t, format.Score, format.HardCalls)
	s.Encrypt(c.All())
}

// TestShardsWithOtherSexes are refused where they read X.
func TestShardsWithOtherSexes(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	c, sexes := sexedCohort(t)
	shard := func(index int, sexes []genomics.Sex) *owner.GenotypeJob {
		job := w.shard(c.All(), index, 2)
		job.Sexes = sexes
		return job
	}
	_, err := shard(1, sexes).Run(t.Context())
	w.Must(err)
	w.refused(shard(2, with(sexes, map[int]genomics.Sex{1: genomics.Male})), "read different genotypes")
	w.Must(os.RemoveAll(w.Path("cohort.index.partial/shard-2-of-2")))
	_, err = shard(2, sexes).Run(t.Context())
	w.Must(err)
	w.malesOf(c, sexes)
}

// TestRenewCheckOfSexes: an index keeps its sexes. Genotypes read with other sexes are the
// cohort's if no call differs, for the sexes that were encrypted count; where a call of a
// male is missing for being heterozygous, they are not.
func TestRenewCheckOfSexes(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	c, sexes := sexedCohort(t)
	c.Rows[2000].Set(0, genomics.Het) // a male
	read := func(sexes []genomics.Sex) genomics.Source {
		source, err := genomics.Filter{MaxMissing: 1, Sexes: sexes}.Apply(c.All())
		w.Must(err)
		return source
	}
	_, err := w.sexed(read(sexes), sexes).Run(t.Context())
	w.Must(err)
	asRead := &pipelinetest.PlainCohort{Names: c.Names, Variants: c.Variants, Rows: slices.Clone(c.Rows)}
	asRead.Rows[2000] = slices.Clone(c.Rows[2000])
	asRead.Rows[2000].Set(0, genomics.Missing)
	for name, given := range map[string][]genomics.Sex{
		"the same": sexes, "none": nil, "one with heterozygous calls": with(sexes, map[int]genomics.Sex{0: genomics.Female}),
		"a female without heterozygous calls": nil, "an unknown female": with(sexes, map[int]genomics.Sex{1: genomics.UnknownSex}),
	} {
		t.Run(name, func(t *testing.T) {
			job := w.sexed(read(given), given)
			if name == "a female without heterozygous calls" { // so that her calls are the same for a male
				job = w.sexed(asRead.All(), with(sexes, map[int]genomics.Sex{1: genomics.Male}))
			}
			_, err := job.RenewCheck(t.Context())
			if refused := name == "none" || name == "one with heterozygous calls"; refused != (err != nil) || refused && !strings.Contains(err.Error(), "the genotypes given are not those that were encrypted (block 1)") {
				t.Error(err)
			}
			if x := w.Index(); x.Version != 3 {
				t.Errorf("version %d", x.Version)
			}
			w.malesOf(asRead, sexes)
		})
	}
}

// asVersion2 writes the cohort's index as version 2 had it.
func (w ownerWorld) asVersion2() {
	w.T.Helper()
	r := w.Index()
	header := r.Index
	header.Version, header.Sexes, header.Chromosomes = 2, nil, nil
	var lines [][]byte
	for range header.Blocks {
		b, err := r.NextBlock()
		w.Must(err)
		packed, err := b.Lines(2)
		w.Must(err)
		lines = append(lines, packed)
	}
	w.Must(os.Remove(w.Path("cohort.index")))
	w.Must(private.WriteIndex(w.Path("cohort.index"), &header, func(f io.Writer) error {
		_, err := f.Write(slices.Concat(lines...))
		return err
	}))
}

// TestRenewCheckOfVersion2: it stays version 2, with every call as one of two copies, if
// they are read so.
func TestRenewCheckOfVersion2(t *testing.T) {
	for _, version := range []int{1, 2} {
		t.Run(fmt.Sprint("version ", version), func(t *testing.T) {
			w := ownerWorld{pipelinetest.NewSmallWorld(t)}
			c, sexes := sexedCohort(t)
			c.Rows[2000].Set(0, genomics.Het)
			all := make([]genomics.Sex, len(sexes)) // as if nobody were male
			_, err := w.sexed(c.All(), all).Run(t.Context())
			w.Must(err)
			if version == 1 {
				w.asVersion1()
			} else {
				w.asVersion2()
			}
			read := func(diploid bool) *owner.GenotypeJob {
				source, err := genomics.Filter{MaxMissing: 1, Sexes: sexes, AllDiploid: diploid}.Apply(c.All())
				w.Must(err)
				return w.sexed(source, sexes)
			}
			if _, err := read(false).RenewCheck(t.Context()); err == nil || !strings.Contains(err.Error(), "the genotypes given are not those that were encrypted (block 1)") {
				t.Error(err)
			}
			_, err = read(true).RenewCheck(t.Context())
			w.Must(err)
			x := w.Index()
			if x.Version != 2 || x.CountsCopies() || x.Sexes != nil || x.Ploidy("X") != genomics.Diploid {
				t.Errorf("version %d, sexes %v", x.Version, x.Sexes)
			}
			w.complete(c)
		})
	}
}
