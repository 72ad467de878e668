package pipeline

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
)

// An ownerWorld is a world in which cohorts are encrypted in shards.
type ownerWorld struct{ *world }

// shard prepares the encryption of a shard.
func (w ownerWorld) shard(source genomics.Source, index, count int) *GenotypeJob {
	job := w.genotypes(source)
	job.Shard = Shard{index, count}
	return job
}

func (w ownerWorld) encryptShard(source genomics.Source, index, count int) *GenotypeResult {
	w.t.Helper()
	result, err := w.shard(source, index, count).Run(w.t.Context())
	w.must(err)
	return result
}

// refused runs a job that must fail with the words.
func (w ownerWorld) refused(job *GenotypeJob, words string) {
	w.t.Helper()
	if _, err := job.Run(w.t.Context()); err == nil || !strings.Contains(err.Error(), words) {
		w.t.Errorf("%v, expected %q", err, words)
	}
}

// clear forgets the cohort.
func (w ownerWorld) clear() {
	for _, name := range []string{"cohort", "cohort.index", "cohort.index.partial"} {
		w.must(os.RemoveAll(w.path(name)))
	}
}

// complete demands a complete cohort of c: the index says what c has, with check sums
// as its key gives them, every file is what the manifest lists, no seed comes twice,
// and nothing of the work is left.
func (w ownerWorld) complete(c *plainCohort) {
	w.t.Helper()
	x, err := OpenIndex(w.path("cohort.index"))
	w.must(err)
	defer x.Close()
	cohort, err := OpenCohort(w.path("cohort"))
	w.must(err)
	if x.Cohort != cohort.Fingerprint || x.CohortID != cohort.CohortID || !slices.Equal(x.Samples, c.samples) || x.Variants != len(c.variants) {
		w.t.Error("index, manifest and cohort do not belong together")
	}
	modulus, err := w.sumParams().NewCheckModulus(len(c.samples))
	w.must(err)
	missing, idWidth := 0, 0
	seen := map[[32]byte]bool{}
	for b := 0; ; b++ {
		read, err := x.nextBlock()
		if errors.Is(err, io.EOF) {
			if b != len(x.Blocks) || b != len(cohort.Blocks) {
				w.t.Errorf("%d blocks, %d in the index, %d in the manifest", b, len(x.Blocks), len(cohort.Blocks))
			}
			break
		}
		w.must(err)
		planes := HardCalls.Planes()[:2]
		for j, v := range read.variants {
			row := c.rows[b*w.params.N()+j]
			want := tally{counts: row.Count(len(c.samples))}
			for n, plane := range HardCalls.Planes() {
				for i, key := range x.CheckKey {
					for r, k := range key {
						want.check[n][r] = modulus.Add(want.check[n][r], modulus.Mul(k, int64(hardCallValues[plane][row.At(i)])))
					}
				}
			}
			if v != c.variants[b*w.params.N()+j] || read.tallies[j] != want {
				w.t.Fatalf("block %d, variant %d: %v %v, expected %v", b, j, v, read.tallies[j], want)
			}
			if want.counts[genomics.Missing] > 0 {
				planes = HardCalls.Planes()
			}
			missing += want.counts[genomics.Missing]
			idWidth = assoc.IDWidth(idWidth, v.ID)
		}
		if !slices.Equal(x.Blocks[b].Planes, planes) || !slices.Equal(cohort.Blocks[b].Planes, planes) {
			w.t.Errorf("block %d has planes %v in the index, %v in the manifest, expected %v", b, x.Blocks[b].Planes, cohort.Blocks[b].Planes, planes)
		}
		w.seedsOf(cohort, b, seen)
	}
	if x.MissingRate != float64(missing)/float64(len(c.samples))/float64(len(c.variants)) || x.IDWidth != idWidth {
		w.t.Errorf("missing rate %v, width %d", x.MissingRate, x.IDWidth)
	}
	for _, pattern := range []string{"*partial*", "cohort/.*", "cohort/*partial"} {
		if left, _ := filepath.Glob(w.path(pattern)); len(left) > 0 {
			w.t.Errorf("%v is left", left)
		}
	}
}

// seedsOf reads and so verifies the chunks of a block, whose seeds nothing has seen.
func (w ownerWorld) seedsOf(cohort *Cohort, block int, seen map[[32]byte]bool) {
	w.t.Helper()
	var memory chunkfile.Mapping
	for _, plane := range cohort.Blocks[block].Planes {
		for i := range cohort.Chunks() {
			chunk, finish, err := cohort.ReadChunk(&memory, block, plane, i)
			w.must(err)
			w.must(use(cohort.Params.Chain(), chunk))
			w.must(finish())
			if seen[chunk.Seed] {
				w.t.Fatal("two chunks share a seed")
			}
			seen[chunk.Seed] = true
		}
	}
}

// TestShardsMakeTheCohortOfOneProcess: whatever the number of shards and their order,
// also with more shards than blocks.
func TestShardsMakeTheCohortOfOneProcess(t *testing.T) {
	w := ownerWorld{newSmallWorld(t)}
	r := rand.New(rand.NewPCG(1, 7))
	for n := 1; n <= 8; n++ {
		variants := 1024*r.IntN(5) + 1 + r.IntN(1024)
		c := simulated(t, 30+r.IntN(100), variants, 0.01, r.IntN(variants+1))
		t.Run(fmt.Sprintf("%d shards, %d variants", n, variants), func(t *testing.T) {
			w.clear()
			w.t = t
			for done, i := range r.Perm(n) {
				result := w.encryptShard(c.all(), i+1, n)
				if len(result.Left) != n-1-done {
					t.Fatalf("%v are left after %d shards", result.Left, done+1)
				}
				if _, err := os.Stat(w.path("cohort.index")); (err == nil) != (done == n-1) {
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
		w.t = t
	}
}

func TestShardsDecrypt(t *testing.T) {
	w := ownerWorld{newSmallWorld(t)}
	c := simulated(t, 150, 2500, 0.02, 2500)
	for i := range 2 {
		w.encryptShard(c.all(), 2-i, 2)
	}
	w.query("case", c.status)
	w.run("case", "case")
	wantAssoc, wantModel := c.tables(t)
	gotAssoc, gotModel := w.decrypt("case", "case")
	if !bytes.Equal(gotAssoc, wantAssoc) || !bytes.Equal(gotModel, wantModel) {
		t.Error(firstDifference(gotAssoc, wantAssoc), firstDifference(gotModel, wantModel))
	}
}

// TestShardsAtTheSameTime: exactly one completes the cohort, every time.
func TestShardsAtTheSameTime(t *testing.T) {
	w := ownerWorld{newSmallWorld(t)}
	c := simulated(t, 5, 5000, 0.01, 3000)
	for range 6 {
		w.clear()
		const n = 8
		results := make([]*GenotypeResult, n)
		var group errgroup.Group
		for i := range n {
			group.Go(func() (err error) {
				results[i], err = w.shard(c.all(), i+1, n).Run(t.Context())
				return err
			})
		}
		w.must(group.Wait())
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
	w := ownerWorld{newSmallWorld(t)}
	c := simulated(t, 60, 4500, 0.01, 2000)
	w.encryptShard(c.all(), 1, 3)

	w.refused(w.shard(c.all(), 2, 4), "cohort.index.partial: this cohort is being encrypted in 3 shards, not 4; delete it and the cohort directory to start again")
	w.refused(w.genotypes(c.all()), "being encrypted in 3 shards, not as a whole")
	other := ownerWorld{newSmallWorld(t)}
	job := w.shard(c.all(), 2, 3)
	job.Secret = other.secret
	w.refused(job, "is being encrypted with a different key, samples or parameter set; give all shards the same ones")
	w.refused(w.shard(simulated(t, 61, 10, 0, 0).all(), 2, 3), "a different key, samples or parameter set")

	// Nothing of that has touched the journal.
	unlock, err := lockShard(w.path("cohort.index.partial"), Shard{2, 3})
	w.must(err)
	w.refused(w.shard(c.all(), 2, 3), "another task is encrypting shard 2/3 of this cohort; wait for it, or give every task its own shard")
	result := w.encryptShard(c.all(), 3, 3)
	if !slices.Equal(result.Left, []Shard{{2, 3}}) {
		t.Error(result.Left)
	}
	unlock()
	w.encryptShard(c.all(), 2, 3)
	w.complete(c)
	w.refused(w.shard(c.all(), 2, 3), "cohort.index: already exists")
	w.complete(c)

	w.clear()
	w.encrypt(c.all())
	w.must(os.Remove(w.path("cohort.index")))
	w.refused(w.shard(c.all(), 2, 3), "cohort: is not empty; choose a different name or remove it")
}

// TestShardOfAnInterruptedWholeIsRefused, where no other task is at work.
func TestShardOfAnInterruptedWholeIsRefused(t *testing.T) {
	w := ownerWorld{newSmallWorld(t)}
	c := simulated(t, 60, 2500, 0.01, 2000)
	w.refused(w.genotypes(c.source(1500, errBroken)), errBroken.Error())
	w.refused(w.shard(c.all(), 1, 2), "being encrypted as a whole, not in 2 shards")
	w.encrypt(c.all())
	w.complete(c)
}

// TestShardsNoticeOtherGenotypes gives one shard a genotype that differs in a block
// of another.
func TestShardsNoticeOtherGenotypes(t *testing.T) {
	w := ownerWorld{newSmallWorld(t)}
	c, other := simulated(t, 60, 3500, 0.01, 2000), simulated(t, 60, 3500, 0.01, 2000)
	other.rows[2500].Set(7, (other.rows[2500].At(7)+1)%3) // in block 2, of shard 1/2

	w.encryptShard(c.all(), 1, 2)
	w.refused(w.shard(other.all(), 2, 2), "shards 2/2 and 1/2 read different genotypes; of ")
	w.refused(w.shard(c.source(3499, nil), 2, 2), "the genotypes differ from those that shard 2/2 had when it was interrupted (block 3); delete ")

	// What shard 2 has encrypted was the same in both inputs, and so it is kept.
	result := w.encryptShard(c.all(), 2, 2)
	if result.Resumed != 2 || len(result.Left) != 0 {
		t.Errorf("%d kept, %v left", result.Resumed, result.Left)
	}
	w.complete(c)

	t.Run("the wrong one was first", func(t *testing.T) {
		w.clear()
		w.encryptShard(other.all(), 1, 2)
		w.refused(w.shard(c.all(), 2, 2), "shards 2/2 and 1/2 read different genotypes")
		w.refused(w.shard(c.all(), 1, 2), "the genotypes differ from those that shard 1/2 had when it was interrupted (block 2); delete ")
		w.must(os.RemoveAll(w.path("cohort.index.partial/shard-1-of-2")))
		w.encryptShard(c.all(), 1, 2)
		w.complete(c)
	})
	t.Run("fewer variants", func(t *testing.T) {
		w.clear()
		w.encryptShard(c.source(3000, nil), 1, 2) // in the last block of shard 1
		w.refused(w.shard(c.all(), 2, 2), "shards 2/2 and 1/2 read different genotypes")
	})
	t.Run("none", func(t *testing.T) {
		w.clear()
		w.encryptShard(c.all(), 2, 2)
		w.refused(w.shard(c.source(0, nil), 1, 2), "no variants to encrypt")
		w.encryptShard(c.all(), 1, 2)
		w.complete(c)
	})
}

// TestShardsContinue interrupts a shard after one of its two blocks.
func TestShardsContinue(t *testing.T) {
	w := ownerWorld{newSmallWorld(t)}
	c := simulated(t, 60, 4500, 0.01, 2000)
	job := w.shard(&failing{
		memorySource: c.source(3500, errBroken).(*memorySource),
		after:        w.finished("cohort.index.partial/shard-2-of-3", 1),
	}, 2, 3)
	w.refused(job, errBroken.Error())
	w.encryptShard(c.all(), 1, 3)
	before, err := os.ReadFile(w.path("cohort/" + blockFileName(1, 0)))
	w.must(err)

	// Temporary files of a killed task go, those of tasks at work stay.
	own, others := w.path("cohort/.block000004-samples00000000.chunks.1.partial"), w.path("cohort/.block000002-samples00000000.chunks.1.partial")
	for _, path := range []string{own, others} {
		w.must(os.WriteFile(path, nil, 0o600))
	}
	if result := w.encryptShard(c.all(), 2, 3); result.Resumed != 1 || !slices.Equal(result.Left, []Shard{{3, 3}}) {
		t.Errorf("%d kept, %v left", result.Resumed, result.Left)
	}
	if _, err := os.Stat(own); err == nil {
		t.Error("the temporary file of a killed task is left")
	}
	if _, err := os.Stat(others); err != nil {
		t.Error(err)
	}
	w.encryptShard(c.all(), 3, 3)
	after, err := os.ReadFile(w.path("cohort/" + blockFileName(1, 0)))
	w.must(err)
	if !bytes.Equal(before, after) {
		t.Error("a kept block changed")
	}
	w.complete(c)
}
