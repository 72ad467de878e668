package pipeline_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"testing"

	"genoveil/genomics/pheno"
	"genoveil/genomics/test"
	"genoveil/pipeline/format"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/site"
)

// TestSimulatedCohort has samples in two tiles and two batches, variants in three
// blocks of which the last has no missing call, 3 % missing calls in the others,
// and a last chunk that is not full. Any split into shards, any number of
// threads and any memory give the same bytes as the plaintext.
func TestSimulatedCohort(t *testing.T) {
	c := pipelinetest.Simulated(t, 1300, 2500, 0.03, 2048)
	wantAssoc, wantModel := c.Tables(t)
	w := pipelinetest.NewSmallWorld(t)
	result := w.Encrypt(c.All())
	if len(result.Blocks) != 3 || len(result.Blocks[1].Planes) != 3 || len(result.Blocks[2].Planes) != 2 {
		t.Fatalf("blocks %v: the cohort does not test what it should", result.Blocks)
	}
	w.Query("case", c.Status)

	for _, split := range []struct {
		shards, threads int
		memory          int64
	}{{1, 2, math.MaxInt64}, {1, 1, 1}, {2, 3, 1 << 20}, {7, 2, 1 << 30}, {30, 1, 1 << 30}} {
		t.Run(fmt.Sprintf("shards=%d,threads=%d,memory=%d", split.shards, split.threads, split.memory), func(t *testing.T) {
			var paths []string
			for i := range split.shards {
				name := fmt.Sprintf("part%d-of-%d", i+1, split.shards)
				job := w.Job("case", name, format.Shard{Index: i + 1, Count: split.shards})
				job.Threads, job.Memory = split.threads, split.memory
				w.Must(job.Run(t.Context()))
				paths = append(paths, job.Path)
			}
			merged := fmt.Sprintf("all%d-%d", split.shards, split.threads)
			_, err := (&site.MergeJob{Paths: paths, Path: w.Path(merged + ".sums"), Threads: split.threads, Memory: split.memory}).Run(t.Context())
			w.Must(err)
			gotAssoc, gotModel := w.Decrypt("case", merged)
			if !bytes.Equal(gotAssoc, wantAssoc) {
				t.Error(".assoc: ", pipelinetest.FirstDifference(gotAssoc, wantAssoc))
			}
			if !bytes.Equal(gotModel, wantModel) {
				t.Error(".model: ", pipelinetest.FirstDifference(gotModel, wantModel))
			}
		})
	}
}

// TestUnanalysedSamples has samples without a phenotype, so that the counts of the
// others are summed too.
func TestUnanalysedSamples(t *testing.T) {
	c := pipelinetest.Simulated(t, 300, 1100, 0.03, 1024)
	for i := 0; i < len(c.Status); i += 7 {
		c.Status[i] = pheno.Absent
	}
	wantAssoc, wantModel := c.Tables(t)
	w := pipelinetest.NewSmallWorld(t)
	w.Encrypt(c.All())
	w.Query("case", c.Status)
	w.Run("case", "all")
	gotAssoc, gotModel := w.Decrypt("case", "all")
	if !bytes.Equal(gotAssoc, wantAssoc) || !bytes.Equal(gotModel, wantModel) {
		t.Error(pipelinetest.FirstDifference(gotAssoc, wantAssoc), pipelinetest.FirstDifference(gotModel, wantModel))
	}
}

// TestAllelicAlone asks for no models, so that homozygous ALT is not evaluated, with
// and without samples that are not analysed.
func TestAllelicAlone(t *testing.T) {
	c := pipelinetest.Simulated(t, 300, 1100, 0.03, 1024)
	w := pipelinetest.NewSmallWorld(t)
	w.Encrypt(c.All())
	for _, query := range []string{"everybody", "some"} {
		wantAssoc, _ := c.Tables(t)
		w.Chi2(query, c.Status, false)
		w.Run(query, query)
		d, err := w.Decryption(query, query)
		w.Must(err)
		if d.Sums.Lanes()[1].Plane == format.HomAlt {
			t.Error("homozygous ALT is evaluated")
		}
		err = pipelinetest.WriteTables(t.Context(), d, test.Output{Prefix: w.Path(query)})
		w.Must(err)
		gotAssoc, err := os.ReadFile(w.Path(query + ".assoc"))
		w.Must(err)
		if !bytes.Equal(gotAssoc, wantAssoc) {
			t.Error(query, ": ", pipelinetest.FirstDifference(gotAssoc, wantAssoc))
		}
		for i := 0; i < len(c.Status); i += 7 {
			c.Status[i] = pheno.Absent
		}
	}
}
