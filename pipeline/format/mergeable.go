package format

import (
	"genoveil/pipeline/chunkfile"
)

// A Mergeable is the header of a file that can be merged: *SumsMeta or *ScoresMeta.
type Mergeable interface {
	// Fits refuses what does not belong to the first file.
	Fits(first Mergeable, name, firstName string) error

	// Content is what of the cohort the file holds.
	Content() (parts Ranges, shards []Shard, samples int)

	// With is the same header with other content.
	With(parts Ranges, shards []Shard) Mergeable

	// Missing says in words what is not in it, or nothing if all is.
	Missing() string

	// Entries lists the chunks in the order of the file.
	Entries() []SumEntry

	// Create starts a file; index finds an entry's chunk.
	Create(path string) (w *chunkfile.Writer, index map[SumEntry]int, err error)
}
