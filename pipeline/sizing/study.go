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

// Tiles is the number of tiles of N samples: shards of scores are ranges of them.
func (s *Study) Tiles() int { return (s.Samples + s.Params.N() - 1) / s.Params.N() }

// sums is the number of encrypted sums of one shard.
func (s *Study) sums() float64 { return float64(s.Blocks()) * s.Products }

// CohortBytes is the size of the encrypted genotypes.
func (s *Study) CohortBytes() float64 {
	return s.genotypes() * s.Planes * 4 * float64(len(s.Params.Chain().Sums))
}

// QueryBytes is the size of an encrypted query.
func (s *Study) QueryBytes() float64 {
	return float64(s.Tiles()) * float64(s.Columns) * float64(4*s.Params.Chain().PackedLen())
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

// A Load is what a step takes in all its shards.
type Load struct {
	CoreSeconds float64
	Bytes       float64 // read and written
	Shards      int
}

// EncryptGenotypes is the encryption of the genotypes in n shards, of which each reads all of
// the input.
func (r Rates) EncryptGenotypes(s *Study, n int) Load {
	return Load{1e-9 * s.genotypes() * (float64(n)*r.Parse + s.Planes*(r.Encrypt+r.Write)), s.CohortBytes(), n}
}

// Run is the evaluation of a query in n shards, with so much memory for each.
func (r Rates) Run(s *Study, n int, memory float64) Load {
	evaluate := s.genotypes() * (s.Planes*(r.Read+r.Seed) + s.Products*r.Multiply)
	expand := float64(s.Samples) * float64(s.Columns) * r.Expand * s.passes(memory)
	written := float64(n) * s.SumBytes()
	return Load{1e-9 * (evaluate + expand + float64(n)*s.sums()*r.Sum), s.CohortBytes() + written, n}
}

// Score is the evaluation of one score in n shards.
func (r Rates) Score(s *Study, n int) Load {
	return Load{1e-9 * (s.genotypes()*s.Planes*r.Weigh + float64(s.Samples)*r.Pack), s.CohortBytes(), n}
}

// Merge adds up the sums of n shards.
func (r Rates) Merge(s *Study, n int) Load {
	bytes := float64(n+1) * s.SumBytes()
	return Load{1e-9 * bytes * r.Read / 12, bytes, 1}
}

// Decryption decrypts and checks the sums.
func (r Rates) Decryption(s *Study) Load {
	return Load{1e-9 * s.sums() * float64(s.batches()) * r.Decrypt, s.SumBytes(), 1}
}

// busy is the share of a task's processors that work.
const busy = 0.8

// Wall is how long each shard takes on so many processors: what takes longer of
// computing and of storage.
func (r Rates) Wall(l Load, cpus int) time.Duration {
	compute := l.CoreSeconds / float64(cpus) / busy
	storage := 1e-9 * l.Bytes * r.Storage
	return time.Duration(max(compute, storage) / float64(l.Shards) * float64(time.Second))
}

// Cut is the load of a step in as many shards as let each end within a third of its
// time limit, which leaves room for slower machines: the fewest of at most `most`.
func (r Rates) Cut(load func(n int) Load, cpus int, limit time.Duration, most int) Load {
	for n := 1; n < most; n++ {
		if l := load(n); r.Wall(l, cpus) <= limit/3 {
			return l
		}
	}
	return load(max(1, most))
}

// RunMemory is the value of --memory for 'run' in a task that has so much: the rest is
// for prepared keys, keys as they are read, and working memory of every thread.
func RunMemory(task float64, cpus int) float64 {
	return max(0.8*(task-150e6-12e6*float64(cpus)), 100e6)
}
