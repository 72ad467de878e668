package sizing

import (
	"math"
	"time"

	"genoveil/he"
)

// A Study is what is to be computed.
type Study struct {
	Params   he.Params
	Samples  int
	Variants int
	Planes   float64 // of a block, on average
	Columns  int     // encrypted columns of a query, the check's among them
	Products float64 // sums of a block: planes, each times the columns evaluated against it
}

// Blocks is the number of blocks of N variants.
func (s *Study) Blocks() int { return (s.Variants + s.Params.N() - 1) / s.Params.N() }

// genotypes counts those of whole blocks: the padding of the last costs as much.
func (s *Study) genotypes() float64 {
	return float64(s.Samples) * float64(s.Blocks()) * float64(s.Params.N())
}

// Chunks is the number of chunks of samples: shards are ranges of them.
func (s *Study) Chunks() int { return (s.Samples + he.ChunkSamples - 1) / he.ChunkSamples }

// sums is the number of encrypted sums of one shard.
func (s *Study) sums() float64 { return float64(s.Blocks()) * s.Products }

// CohortBytes is the size of the encrypted genotypes.
func (s *Study) CohortBytes() float64 {
	return s.genotypes() * s.Planes * 4 * float64(len(s.Params.Chain().Sums))
}

// QueryBytes is the size of an encrypted query.
func (s *Study) QueryBytes() float64 {
	tiles := (s.Samples + s.Params.N() - 1) / s.Params.N()
	return float64(tiles) * float64(s.Columns) * float64(4*s.Params.Chain().PackedLen())
}

// SumBytes is the size of the sums of one shard.
func (s *Study) SumBytes() float64 { return s.sums() * float64(4*s.Params.Chain().SumLen(2)) }

// batches is the number of ranges of samples whose sums are stored apart.
func (s *Study) batches() int { return (s.Samples + s.Params.Batch() - 1) / s.Params.Batch() }

// passes is the number of times that the columns of a sample are expanded: once for
// every group of running sums that fits three eighths of the memory of 'run'.
func (s *Study) passes(memory float64) float64 {
	return max(1, math.Ceil(s.sums()*float64(4*s.Params.Chain().SumLen(3))/(memory*3/8)))
}

// EncryptSeconds is the core-seconds to encrypt the genotypes in n shards, of which
// each reads all of the input.
func (r Rates) EncryptSeconds(s *Study, n int) float64 {
	return 1e-9 * s.genotypes() * (float64(n)*r.Parse + s.Planes*(r.Encrypt+r.Write))
}

// RunSeconds is the core-seconds to evaluate a query in n shards, with so much memory
// for each.
func (r Rates) RunSeconds(s *Study, n int, memory float64) float64 {
	evaluate := s.genotypes() * (s.Planes*(r.Read+r.Seed) + s.Products*r.Multiply)
	expand := float64(s.Samples) * float64(s.Columns) * r.Expand * s.passes(memory)
	return 1e-9 * (evaluate + expand + float64(n)*s.sums()*r.Sum)
}

// MergeSeconds is the core-seconds to merge n shards: each sum is read, added and, by
// the last, written.
func (r Rates) MergeSeconds(s *Study, n int) float64 {
	return 1e-9 * float64(n) * s.SumBytes() * r.Read / 12
}

// DecryptSeconds is the core-seconds to decrypt and check the sums.
func (r Rates) DecryptSeconds(s *Study) float64 {
	return 1e-9 * s.sums() * float64(s.batches()) * r.Decrypt
}

// busy is the share of a task's processors that work: reading and writing wait.
const busy = 0.8

// Wall is how long a task with so many processors takes for core-seconds.
func Wall(coreSeconds float64, cpus int) time.Duration {
	return time.Duration(coreSeconds / float64(cpus) / busy * float64(time.Second))
}

// Shards is into how many tasks to cut a step so that each ends within a third of its
// time limit, which leaves room for slower machines: the fewest of at most `most` for
// which seconds(n)/n does.
func Shards(seconds func(n int) float64, cpus int, limit time.Duration, most int) int {
	for n := 1; n < most; n++ {
		if Wall(seconds(n)/float64(n), cpus) <= limit/3 {
			return n
		}
	}
	return max(1, most)
}

// TaskMemory is what a task of 'run' needs for a value of its --memory: prepared keys,
// keys as they are read, working memory of every thread, and the program.
func TaskMemory(memory float64, cpus int) float64 { return 1.25*memory + 150e6 + 12e6*float64(cpus) }
