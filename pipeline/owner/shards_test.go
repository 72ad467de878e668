package owner_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"genoveil/genomics"
	"genoveil/genomics/assoc"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/private"
)

// An ownerWorld is a world in which cohorts are encrypted in shards.
type ownerWorld struct{ *pipelinetest.World }

// shard prepares the encryption of a shard.
func (w ownerWorld) shard(source genomics.Source, index, count int) *owner.GenotypeJob {
	job := w.Genotypes(source)
	job.Shard = format.Shard{Index: index, Count: count}
	return job
}

func (w ownerWorld) encryptShard(source genomics.Source, index, count int) *owner.GenotypeResult {
	w.T.Helper()
	result, err := w.shard(source, index, count).Run(w.T.Context())
	w.Must(err)
	return result
}

// refused runs a job that must fail with the words.
func (w ownerWorld) refused(job *owner.GenotypeJob, words string) {
	w.T.Helper()
	if _, err := job.Run(w.T.Context()); err == nil || !strings.Contains(err.Error(), words) {
		w.T.Errorf("%v, expected %q", err, words)
	}
}

// clear forgets the cohort.
func (w ownerWorld) clear() {
	for _, name := range []string{"cohort", "cohort.index", "cohort.index.partial"} {
		w.Must(os.RemoveAll(w.Path(name)))
	}
}

// complete demands a complete cohort of c: the index says what c has, with check sums
// as its key gives them, every file is what the manifest lists, no seed comes twice,
// and nothing of the work is left.
func (w ownerWorld) complete(c *pipelinetest.PlainCohort) {
	w.T.Helper()
	x, err := private.OpenIndex(w.Path("cohort.index"))
	w.Must(err)
	defer x.Close()
	cohort, err := format.OpenCohort(w.Path("cohort"))
	w.Must(err)
	if x.Cohort != cohort.Fingerprint || x.CohortID != cohort.CohortID || !slices.Equal(x.Samples, c.Names) || x.Variants != len(c.Variants) {
		w.T.Error("index, manifest and cohort do not belong together")
	}
	modulus, err := w.SumParams().NewCheckModulus(len(c.Names))
	w.Must(err)
	missing, idWidth := 0, 0
	seen := map[[32]byte]bool{}
	for b := 0; ; b++ {
		read, err := x.NextBlock()
		if errors.Is(err, io.EOF) {
			if b != len(x.Blocks) || b != len(cohort.Blocks) {
				w.T.Errorf("%d blocks, %d in the index, %d in the manifest", b, len(x.Blocks), len(cohort.Blocks))
			}
			break
		}
		w.Must(err)
		planes := format.HardCalls.Planes()[:2]
		for j, v := range read.Variants {
			row := c.Rows[b*w.Params.N()+j]
			want := private.Tally{Counts: row.Count(len(c.Names))}
			for n, plane := range format.HardCalls.Planes() {
				for i, key := range x.CheckKey {
					for r, k := range key {
						want.Check[n][r] = modulus.Add(want.Check[n][r], modulus.Mul(k, int64(owner.HardCallValues[plane][row.At(i)])))
					}
				}
			}
			if v != c.Variants[b*w.Params.N()+j] || read.Tallies[j] != want {
				w.T.Fatalf("block %d, variant %d: %v %v, expected %v", b, j, v, read.Tallies[j], want)
			}
			if want.Counts[genomics.Missing] > 0 {
				planes = format.HardCalls.Planes()
			}
			missing += want.Counts[genomics.Missing]
			idWidth = assoc.IDWidth(idWidth, v.ID)
		}
		if !slices.Equal(x.Blocks[b].Planes, planes) || !slices.Equal(cohort.Blocks[b].Planes, planes) {
			w.T.Errorf("block %d has planes %v in the index, %v in the manifest, expected %v", b, x.Blocks[b].Planes, cohort.Blocks[b].Planes, planes)
		}
		w.seedsOf(cohort, b, seen)
	}
	if x.MissingRate != float64(missing)/float64(len(c.Names))/float64(len(c.Variants)) || x.IDWidth != idWidth {
		w.T.Errorf("missing rate %v, width %d", x.MissingRate, x.IDWidth)
	}
	for _, pattern := range []string{"*partial*", "cohort/.*", "cohort/*partial"} {
		if left, _ := filepath.Glob(w.Path(pattern)); len(left) > 0 {
			w.T.Errorf("%v is left", left)
		}
	}
}

// seedsOf reads and so verifies the chunks of a block, whose seeds nothing has seen.
func (w ownerWorld) seedsOf(cohort *format.Cohort, block int, seen map[[32]byte]bool) {
	w.T.Helper()
	var memory chunkfile.Mapping
	for _, plane := range cohort.Blocks[block].Planes {
		for i := range cohort.Chunks() {
			chunk, finish, err := cohort.ReadChunk(&memory, block, plane, i)
			w.Must(err)
			w.Must(pipelinetest.Use(cohort.Params.Chain(), chunk))
			w.Must(finish())
			if seen[chunk.Seed] {
				w.T.Fatal("two chunks share a seed")
			}
			seen[chunk.Seed] = true
		}
	}
}

// TestShardsMakeTheCohortOfOneProcess: whatever the number of shards and their order,
// also with more shards than blocks.
func TestShardsMakeTheCohortOfOneProcess(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	r := rand.New(rand.NewPCG(1, 7))
	for n := 1; n <= 8; n++ {
		variants := 1024*r.IntN(5) + 1 + r.IntN(1024)
		c := pipelinetest.Simulated(t, 30+r.IntN(100), variants, 0.01, r.IntN(variants+1))
		t.Run(fmt.Sprintf("%d shards, %d variants", n, variants), func(t *testing.T) {
			w.clear()
			w.T = t
			for done, i := range r.Perm(n) {
				result := w.encryptShard(c.All(), i+1, n)
				if len(result.Left) != n-1-done {
					t.Fatalf("%v are left after %d shards", result.Left, done+1)
				}
				if _, err := os.Stat(w.Path("cohort.index")); (err == nil) != (done == n-1) {
					t.Fatalf("index after %d of %d shards: %v", done+1, n, err)
				}
				if own := 0; done < n-1 {
					for b := i; b < (variants+1023)/1024; b += n {
						own += min(1024, variants-b*1024)
					}
					if result.Variants != own || len(result.Blocks) != (own+1023)/1024 {
						t.Errorf("shard %d/%d: %d variants in %d blocks, expected %d", i+1, n, result.Variants, len(result.Blocks), own)
					}
				} else if result.Variants != variants || len(result.Files) != len(result.Blocks) || result.Bytes() == 0 {
					t.Errorf("the last shard returns %d variants, %d files, %d blocks", result.Variants, len(result.Files), len(result.Blocks))
				}
			}
			w.complete(c)
		})
		w.T = t
	}
}

func TestShardsDecrypt(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	c := pipelinetest.Simulated(t, 150, 2500, 0.02, 2500)
	for i := range 2 {
		w.encryptShard(c.All(), 2-i, 2)
	}
	w.Query("case", c.Status)
	w.Run("case", "case")
	wantAssoc, wantModel := c.Tables(t)
	gotAssoc, gotModel := w.Decrypt("case", "case")
	if !bytes.Equal(gotAssoc, wantAssoc) || !bytes.Equal(gotModel, wantModel) {
		t.Error(pipelinetest.FirstDifference(gotAssoc, wantAssoc), pipelinetest.FirstDifference(gotModel, wantModel))
	}
}

// TestShardsAtTheSameTime: exactly one completes the cohort, every time.
func TestShardsAtTheSameTime(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	c := pipelinetest.Simulated(t, 5, 5000, 0.01, 3000)
	for range 6 {
		w.clear()
		const n = 8
		results := make([]*owner.GenotypeResult, n)
		var group errgroup.Group
		for i := range n {
			group.Go(func() (err error) {
				results[i], err = w.shard(c.All(), i+1, n).Run(t.Context())
				return err
			})
		}
		w.Must(group.Wait())
		last := 0
		for _, r := range results {
			if len(r.Left) == 0 {
				last++
			}
		}
		if last != 1 {
			t.Fatalf("%d shards say that the cohort is complete", last)
		}
		w.complete(c)
	}
}

// TestShardsRefuse tells tasks that do not belong together apart.
func TestShardsRefuse(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	c := pipelinetest.Simulated(t, 60, 4500, 0.01, 2000)
	w.encryptShard(c.All(), 1, 3)

	w.refused(w.shard(c.All(), 2, 4), "cohort.index.partial: this cohort is being encrypted in 3 shards, not 4; delete it and the cohort directory to start again")
	w.refused(w.Genotypes(c.All()), "being encrypted in 3 shards, not as a whole")
	other := ownerWorld{pipelinetest.NewSmallWorld(t)}
	job := w.shard(c.All(), 2, 3)
	job.Secret = other.Secret
	w.refused(job, "is being encrypted with a different key, samples or parameter set; give all shards the same ones")
	w.refused(w.shard(pipelinetest.Simulated(t, 61, 10, 0, 0).All(), 2, 3), "a different key, samples or parameter set")

	// Nothing of that has touched the journal.
	unlock, err := owner.LockShard(w.Path("cohort.index.partial"), format.Shard{Index: 2, Count: 3})
	w.Must(err)
	w.refused(w.shard(c.All(), 2, 3), "another task is encrypting shard 2/3 of this cohort; wait for it, or give every task its own shard")
	result := w.encryptShard(c.All(), 3, 3)
	if !slices.Equal(result.Left, []format.Shard{{Index: 2, Count: 3}}) {
		t.Error(result.Left)
	}
	unlock()
	w.encryptShard(c.All(), 2, 3)
	w.complete(c)
	w.refused(w.shard(c.All(), 2, 3), "cohort.index: already exists")
	w.complete(c)

	w.clear()
	w.Encrypt(c.All())
	w.Must(os.Remove(w.Path("cohort.index")))
	w.refused(w.shard(c.All(), 2, 3), "cohort: is not empty; choose a different name or remove it")
}

// TestShardOfAnInterruptedWholeIsRefused, where no other task is at work.
func TestShardOfAnInterruptedWholeIsRefused(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	c := pipelinetest.Simulated(t, 60, 2500, 0.01, 2000)
	w.refused(w.Genotypes(&failing{
		MemorySource: c.Source(1500, pipelinetest.ErrBroken).(*pipelinetest.MemorySource),
		after:        w.finished("cohort.index.partial", 0), // without a block nothing would be left
	}), pipelinetest.ErrBroken.Error())
	w.refused(w.shard(c.All(), 1, 2), "being encrypted as a whole, not in 2 shards")
	w.Encrypt(c.All())
	w.complete(c)
}

// TestShardsNoticeOtherGenotypes gives one shard a genotype that differs in a block
// of another.
func TestShardsNoticeOtherGenotypes(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	c, other := pipelinetest.Simulated(t, 60, 3500, 0.01, 2000), pipelinetest.Simulated(t, 60, 3500, 0.01, 2000)
	other.Rows[2500].Set(7, (other.Rows[2500].At(7)+1)%3) // in block 2, of shard 1/2

	w.encryptShard(c.All(), 1, 2)
	w.refused(w.shard(other.All(), 2, 2), "shards 2/2 and 1/2 read different genotypes; of ")
	w.refused(w.shard(c.Source(3499, nil), 2, 2), "the genotypes differ from those that shard 2/2 had when it was interrupted (block 3); delete ")

	// What shard 2 has encrypted was the same in both inputs, and so it is kept.
	result := w.encryptShard(c.All(), 2, 2)
	if result.Resumed != 2 || len(result.Left) != 0 {
		t.Errorf("%d kept, %v left", result.Resumed, result.Left)
	}
	w.complete(c)

	t.Run("the wrong one was first", func(t *testing.T) {
		w.clear()
		w.encryptShard(other.All(), 1, 2)
		w.refused(w.shard(c.All(), 2, 2), "shards 2/2 and 1/2 read different genotypes")
		w.refused(w.shard(c.All(), 1, 2), "the genotypes differ from those that shard 1/2 had when it was interrupted (block 2); delete ")
		w.Must(os.RemoveAll(w.Path("cohort.index.partial/shard-1-of-2")))
		w.encryptShard(c.All(), 1, 2)
		w.complete(c)
	})
	t.Run("fewer variants", func(t *testing.T) {
		w.clear()
		w.encryptShard(c.Source(3000, nil), 1, 2) // in the last block of shard 1
		w.refused(w.shard(c.All(), 2, 2), "shards 2/2 and 1/2 read different genotypes")
	})
	t.Run("none", func(t *testing.T) {
		w.clear()
		w.encryptShard(c.All(), 2, 2)
		w.refused(w.shard(c.Source(0, nil), 1, 2), "no variants to encrypt")
		w.encryptShard(c.All(), 1, 2)
		w.complete(c)
	})
}

// TestShardsContinue interrupts a shard after one of its two blocks.
func TestShardsContinue(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	c := pipelinetest.Simulated(t, 60, 4500, 0.01, 2000)
	job := w.shard(&failing{
		MemorySource: c.Source(3500, pipelinetest.ErrBroken).(*pipelinetest.MemorySource),
		after:        w.finished("cohort.index.partial/shard-2-of-3", 1),
	}, 2, 3)
	w.refused(job, pipelinetest.ErrBroken.Error())
	w.encryptShard(c.All(), 1, 3)
	before, err := os.ReadFile(w.Path("cohort/" + format.BlockFileName(1, 0)))
	w.Must(err)

	// Temporary files of a killed task go, those of tasks at work stay.
	own, others := w.Path("cohort/.block000004-samples00000000.chunks.1.partial"), w.Path("cohort/.block000002-samples00000000.chunks.1.partial")
	for _, path := range []string{own, others} {
		w.Must(os.WriteFile(path, nil, 0o600))
	}
	if result := w.encryptShard(c.All(), 2, 3); result.Resumed != 1 || !slices.Equal(result.Left, []format.Shard{{Index: 3, Count: 3}}) {
		t.Errorf("%d kept, %v left", result.Resumed, result.Left)
	}
	if _, err := os.Stat(own); err == nil {
		t.Error("the temporary file of a killed task is left")
	}
	if _, err := os.Stat(others); err != nil {
		t.Error(err)
	}
	w.encryptShard(c.All(), 3, 3)
	after, err := os.ReadFile(w.Path("cohort/" + format.BlockFileName(1, 0)))
	w.Must(err)
	if !bytes.Equal(before, after) {
		t.Error("a kept block changed")
	}
	w.complete(c)
}
