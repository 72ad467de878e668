package format

import (
	"fmt"
	"strconv"
	"strings"
)

// A Shard is part Index of Count, counted from 1: a range of samples in a run, every
// Count-th block in the encryption of genotypes.
type Shard struct{ Index, Count int }

// Whole is the only shard of one.
var Whole = Shard{1, 1}

// maxShards bounds what a header can claim.
const maxShards = 1_000_000

// ParseShard reads "i/n".
func ParseShard(text string) (Shard, error) {
	index, count, _ := strings.Cut(text, "/")
	i, errIndex := strconv.Atoi(index)
	n, errCount := strconv.Atoi(count)
	if errIndex != nil || errCount != nil || i < 1 || i > n || n > maxShards {
		return Shard{}, fmt.Errorf("shard %q is not i/n with 1 ≤ i ≤ n ≤ %d", text, maxShards)
	}
	return Shard{i, n}, nil
}

// String is "i/n".
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Count) }

// Owns says whether the shard has to encrypt a block.
func (s Shard) Owns(block int) bool { return block%s.Count == s.Index-1 }

// MarshalText writes "i/n".
func (s Shard) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads "i/n".
func (s *Shard) UnmarshalText(text []byte) (err error) {
	*s, err = ParseShard(string(text))
	return err
}

// Chunks is the shard's range of chunks out of n. Some shards are empty where
// there are more shards than chunks.
func (s Shard) Chunks(n int) (from, to int) {
	return n * (s.Index - 1) / s.Count, n * s.Index / s.Count
}

// Samples are the shard's of n samples, which are cut between units of so many.
func (s Shard) Samples(n, unit int) Ranges {
	from, to := s.Chunks((n + unit - 1) / unit)
	if from == to {
		return nil
	}
	return Ranges{{from * unit, min(to*unit, n)}}
}
