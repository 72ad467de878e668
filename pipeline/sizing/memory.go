package sizing

// RunMemory is the value of --memory for 'run' in a task that has so much: the rest is
// for prepared keys, keys as they are read, and working memory of every thread.
func RunMemory(task float64, cpus int) float64 {
	return max((task-fixedMemory(cpus))/1.25, 100e6)
}

// TaskMemory is what a task of 'run' takes at most with so much --memory.
func TaskMemory(memory float64, cpus int) float64 { return 1.25*memory + fixedMemory(cpus) }

// fixedMemory does not depend on --memory. Both factors cover what was measured
// (docs/cluster.md).
func fixedMemory(cpus int) float64 { return 150e6 + 12e6*float64(cpus) }

// OnePass is the memory of a task of 'run' that expands every column once.
func OnePass(s *Study, cpus int) float64 {
	sums := s.sums() * float64(4*s.Params.Chain().SumLen(3)) / 3 * 8
	columns := float64(s.Columns*s.constant()) * 2
	return TaskMemory(max(sums, columns), cpus)
}

// EncryptMemory is what a task of 'encrypt genotypes' takes: three blocks of genotypes,
// and every thread's chunks.
func EncryptMemory(s *Study, cpus int) float64 {
	code := 0.25 // bytes a genotype
	if s.Params.MaxPlane() > 1 {
		code = 2
	}
	return 100e6 + 30e6*float64(cpus) + 3*code*float64(s.Params.N()*s.Samples)
}

// ScoreMemory is what a task of 'score' takes with one score: its weights, and lanes
// that are multiplied and read.
func ScoreMemory(s *Study) float64 { return 600e6 + s.Planes*s.planeBytes()*float64(s.Variants) }

// MergeMemory is what 'merge' takes: the sums, or its --memory.
func MergeMemory(s *Study) float64 { return 150e6 + 1.25*min(s.SumBytes(1), 2e9) }

// DecryptMemory is what 'decrypt' takes: two blocks' sums for every thread.
func DecryptMemory(s *Study, cpus int) float64 {
	return 30e6 + 2*float64(cpus)*s.Products*float64(4*s.Params.Chain().SumLen(2))
}

// ScoreBytes is the size of the answers of one score.
func (s *Study) ScoreBytes() float64 {
	return float64(s.Tiles()) * float64(4*s.Params.Chain().SumLen(2))
}
