package sizing

import (
	"math"
	"time"

	"genoveil/he"
)

// A Study is what is to be computed.
type Study struct {
	Params    he.Params
	Samples   int
	Variants  int
	Planes    float64 // of a block, on average
	Columns   int     // encrypted columns of a query, the check's among them
	Evaluated float64 // planes of a block that columns are evaluated against
	Products  float64 // sums of a block: these planes, each times its columns
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

// sums is the number of encrypted sums of a range of samples.
func (s *Study) sums() float64 { return float64(s.Blocks()) * s.Products }

// batches is the number of ranges of samples whose sums are stored apart. Scores have no
// sums.
func (s *Study) batches() int {
	params, err := s.Params.Sums()
	if err != nil {
		return 0
	}
	return (s.Samples + params.Batch() - 1) / params.Batch()
}

// Sums is the number of encrypted sums that n shards write: a shard may touch two
// batches.
func (s *Study) Sums(n int) float64 { return s.sums() * float64(min(n, s.Chunks())+s.batches()-1) }

// CohortBytes is the size of the encrypted genotypes.
func (s *Study) CohortBytes() float64 {
	return s.genotypes() * s.Planes * s.planeBytes()
}

// planeBytes is the size of a genotype in a plane.
func (s *Study) planeBytes() float64 { return float64(4 * len(s.Params.Chain().Sums)) }

// QueryBytes is the size of an encrypted query.
func (s *Study) QueryBytes() float64 {
	return float64(s.Tiles()) * float64(s.Columns) * float64(4*s.Params.Chain().PackedLen())
}

// SumBytes is the size of the sums that n shards write.
func (s *Study) SumBytes(n int) float64 {
	return s.Sums(n) * float64(4*s.Params.Chain().SumLen(2))
}

// Expansions is the number of samples times columns that 'run' expands with so much
// memory: every column once for each group of running sums. It follows
// site.RunJob: half the memory is for the constants of some columns (a slab),
// three eighths for running sums.
func (s *Study) Expansions(memory float64) float64 {
	perLane := s.Products / s.Evaluated / s.slabs(memory)
	lanes := max(1, math.Floor(memory*3/8/float64(4*s.Params.Chain().SumLen(3))/perLane))
	groups := math.Ceil(float64(s.Blocks()) * s.Evaluated / lanes)
	return float64(s.Samples) * float64(s.Columns) * groups
}

// slabs is the number of parts that the columns are evaluated in. The chunks are read
// once for each.
func (s *Study) slabs(memory float64) float64 {
	return math.Ceil(float64(s.Columns) / max(1, math.Floor(memory/2/float64(s.constant()))))
}

// constant is the memory of a column while it is expanded and multiplied.
func (s *Study) constant() int {
	chain := s.Params.Chain()
	return 4 * (2*he.ChunkSamples*chain.SumLen(2) + 12*2*(len(chain.ColumnPrimes())+1)*chain.N())
}

// Reads is the number of genotypes times planes that 'run' reads with so much memory. It
// may be less where a plane has few columns: slabs without any need not read it.
func (s *Study) Reads(memory float64) float64 {
	return s.genotypes() * s.Evaluated * s.slabs(memory)
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
	seconds := 1e-9 * (s.Reads(memory)*(r.Read+r.Seed) + s.genotypes()*s.Products*r.Multiply +
		s.Expansions(memory)*r.Expand + s.Sums(n)*r.Sum)
	return Load{seconds, s.planeBytes()*s.Reads(memory) + s.SumBytes(n), n}
}

// Score is the evaluation of one score in n shards.
func (r Rates) Score(s *Study, n int) Load {
	return Load{1e-9 * (s.genotypes()*s.Planes*r.Weigh + float64(s.Samples)*r.Pack), s.CohortBytes(), n}
}

// Merge adds up the sums of n shards.
func (r Rates) Merge(s *Study, n int) Load {
	bytes := s.SumBytes(n) + s.SumBytes(1)
	return Load{1e-9 * bytes * r.Read / 12, bytes, 1}
}

// Decryption decrypts and checks the sums.
func (r Rates) Decryption(s *Study) Load {
	return Load{1e-9 * s.Sums(1) * r.Decrypt, s.SumBytes(1), 1}
}

// busy is the share of a task's processors that work.
const busy = 0.8

// longest is less than a Duration can be, and far more than a shard may take.
const longest = 1 << 62

// Wall is how long each shard takes on so many processors: what takes longer of
// computing and of storage.
func (r Rates) Wall(l Load, cpus int) time.Duration {
	compute := l.CoreSeconds / float64(cpus) / busy
	storage := 1e-9 * l.Bytes * r.Storage
	return time.Duration(min(max(compute, storage)/float64(l.Shards)*float64(time.Second), longest))
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
