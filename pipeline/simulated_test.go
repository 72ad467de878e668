package pipeline

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"testing"

	"genoveil/genomics/pheno"
	"genoveil/genomics/test"
)

// TestSimulatedCohort has samples in two tiles and two batches, variants in three
// blocks of which the last has no missing call, 3 % missing calls in the others,
// and a last chunk that is not full. Any split into shards, any number of
// threads and any memory give the same bytes as the plaintext.
func TestSimulatedCohort(t *testing.T) {
	c := simulated(t, 1300, 2500, 0.03, 2048)
	wantAssoc, wantModel := c.tables(t)
	w := newSmallWorld(t)
	result := w.encrypt(c.all())
	if len(result.Blocks) != 3 || len(result.Blocks[1].Planes) != 3 || len(result.Blocks[2].Planes) != 2 {
		t.Fatalf("blocks %v: the cohort does not test what it should", result.Blocks)
	}
	w.query("case", c.status)

	for _, split := range []struct {
		shards, threads int
		memory          int64
	}{{1, 2, math.MaxInt64}, {1, 1, 1}, {2, 3, 1 << 20}, {7, 2, 1 << 30}, {30, 1, 1 << 30}} {
		t.Run(fmt.Sprintf("shards=%d,threads=%d,memory=%d", split.shards, split.threads, split.memory), func(t *testing.T) {
			var paths []string
			for i := range split.shards {
				name := fmt.Sprintf("part%d-of-%d", i+1, split.shards)
				job := w.job("case", name, Shard{i + 1, split.shards})
				job.Threads, job.Memory = split.threads, split.memory
				w.must(job.Run(t.Context()))
				paths = append(paths, job.Path)
			}
			merged := fmt.Sprintf("all%d-%d", split.shards, split.threads)
			_, err := (&MergeJob{Paths: paths, Path: w.path(merged + ".sums"), Threads: split.threads, Memory: split.memory}).Run(t.Context())
			w.must(err)
			gotAssoc, gotModel := w.decrypt("case", merged)
			if !bytes.Equal(gotAssoc, wantAssoc) {
				t.Error(".assoc: ", firstDifference(gotAssoc, wantAssoc))
			}
			if !bytes.Equal(gotModel, wantModel) {
				t.Error(".model: ", firstDifference(gotModel, wantModel))
			}
		})
	}
}

// TestUnanalysedSamples has samples without a phenotype, so that the counts of the
// others are summed too.
func TestUnanalysedSamples(t *testing.T) {
	c := simulated(t, 300, 1100, 0.03, 1024)
	for i := 0; i < len(c.status); i += 7 {
		c.status[i] = pheno.Absent
	}
	wantAssoc, wantModel := c.tables(t)
	w := newSmallWorld(t)
	w.encrypt(c.all())
	w.query("case", c.status)
	w.run("case", "all")
	gotAssoc, gotModel := w.decrypt("case", "all")
	if !bytes.Equal(gotAssoc, wantAssoc) || !bytes.Equal(gotModel, wantModel) {
		t.Error(firstDifference(gotAssoc, wantAssoc), firstDifference(gotModel, wantModel))
	}
}

// TestAllelicAlone asks for no models, so that homozygous ALT is not evaluated, with
// and without samples that are not analysed.
func TestAllelicAlone(t *testing.T) {
	c := simulated(t, 300, 1100, 0.03, 1024)
	w := newSmallWorld(t)
	w.encrypt(c.all())
	for _, query := range []string{"everybody", "some"} {
		wantAssoc, _ := c.tables(t)
		w.chi2(query, c.status, false)
		w.run(query, query)
		d, err := w.decryption(query, query)
		w.must(err)
		if d.Sums.lanes()[1].plane == HomAlt {
			t.Error("homozygous ALT is evaluated")
		}
		err = writeTables(t.Context(), d, test.Output{Prefix: w.path(query)})
		w.must(err)
		gotAssoc, err := os.ReadFile(w.path(query + ".assoc"))
		w.must(err)
		if !bytes.Equal(gotAssoc, wantAssoc) {
			t.Error(query, ": ", firstDifference(gotAssoc, wantAssoc))
		}
		for i := 0; i < len(c.status); i += 7 {
			c.status[i] = pheno.Absent
		}
	}
}
