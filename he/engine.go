package he

// An Engine computes on ciphertexts and holds no secret. All engines return the
// same residues, bit for bit. Methods may be called from several goroutines.
type Engine interface {
	// NewExpansion prepares to expand packed columns of the same N samples.
	NewExpansion(columns []SeededCiphertext) Expansion

	// NewAccumulator starts sums at zero for the given columns (indices into those
	// that are expanded).
	NewAccumulator(columns []int) Accumulator

	// Add multiplies chunks, of several blocks and planes but the same samples, by the
	// constants of these samples and adds the products to accumulators, all different.
	// The constants of a tile are read once for all chunks, so many at a time are
	// cheaper than one by one.
	Add(constants Constants, products []Product) error
}

// A Product is a chunk to multiply, and where the products are added.
type Product struct {
	Chunk
	Accumulator
}

// An Expansion expands packed columns. It is not safe for concurrent use, and it
// is quickest where calls ask for ranges in ascending order.
type Expansion interface {
	// Expand turns samples [from, to) into constant ciphertexts modulo the sum
	// primes. 0 ≤ from < to ≤ N; at most ChunkSamples samples.
	Expand(from, to int) (Constants, error)
}

// Constants are the expanded constants of some samples and columns, in a form
// of the engine's own.
type Constants interface {
	// Samples is the number of samples.
	Samples() int

	// Release lets the engine reuse the memory, 0.2 MB a sample and column of three
	// primes (0.3 MB of five). The constants must not be used afterwards.
	Release()
}

// An Accumulator holds the running sums of one block and plane, one a column.
type Accumulator interface {
	// Save copies the running sum of column k (of those that the accumulator is for,
	// in their order) to dst: SumLen(3) residues [component][prime][N], reduced.
	// Engines save the same, and restore what another has saved.
	Save(k int, dst []uint32) error

	// Restore continues the sum of column k from what Save returned. Residues that are
	// not reduced are an error.
	Restore(k int, src []uint32) error

	// Sums relinearises and returns the sums, in the order of the columns. The
	// accumulator must not be used afterwards.
	Sums() ([]Sum, error)
}
