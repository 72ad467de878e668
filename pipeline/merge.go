package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"genoveil/he"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/chunkfile"
)

// A MergeJob makes one .sums file of those of shards, or one .scores file. The shards
// must be of one query, or of one evaluation of one model, on the same cohort and must not
// overlap.
type MergeJob struct {
	Paths    []string
	Path     string
	Complete bool // refuse unless every sample is there
	Threads  int
	Memory   int64    // bytes for sums
	Progress Progress // files, each as often as sums fill the memory
}

// A Merged says what a merged file holds.
type Merged struct {
	Parts   Ranges
	Samples int // of the cohort
}

// A mergeable is the header of a file that can be merged: *SumsMeta or *ScoresMeta.
type mergeable interface {
	// fits refuses what does not belong to the first file.
	fits(first mergeable, name, firstName string) error

	// content is what of the cohort the file holds.
	content() (parts Ranges, shards []Shard, samples int)

	// with is the same header with other content.
	with(parts Ranges, shards []Shard) mergeable

	// missing says in words what is not in it, or nothing if all is.
	missing() string

	// entries lists the chunks in the order of the file.
	entries() []sumEntry

	// create starts a file; index finds an entry's chunk.
	create(path string) (w *chunkfile.Writer, index map[sumEntry]int, err error)
}

// openShard opens a file of sums or scores.
func openShard(path, kind string) (mergeable, *sumFile, error) {
	if kind == scoresKind {
		s, err := OpenScores(path)
		if err != nil {
			return nil, nil, err
		}
		return &s.ScoresMeta, &s.sumFile, nil
	}
	s, err := OpenSums(path)
	if err != nil {
		return nil, nil, err
	}
	return &s.SumsMeta, &s.sumFile, nil
}

// A mergedFile is what is kept of a shard's header.
type mergedFile struct {
	path        string
	fingerprint chunkfile.Fingerprint
	parts       Ranges
	shards      []Shard
}

// Run merges, by the kind of the first file. Sums that fit Memory are added up over all
// files, one file open at a time, then the next sums; so 1000 shards take no more memory
// or open files than two, and each sum is read once.
func (m *MergeJob) Run(ctx context.Context) (*Merged, error) {
	if len(m.Paths) == 0 {
		return nil, errors.New("no sums to merge")
	}
	kind, err := chunkfile.Kind(m.Paths[0])
	if err != nil {
		return nil, err
	}
	meta, chain, files, err := m.headers(ctx, kind)
	if err != nil {
		return nil, err
	}
	if missing := meta.missing(); m.Complete && missing != "" {
		return nil, fmt.Errorf("not merged: %s; run what is missing, or merge without --complete", missing)
	}
	lock, err := atomicfile.TakeLock(m.Path)
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	if err := lock.Clean(m.Path); err != nil {
		return nil, err
	}
	w, _, err := meta.create(m.Path)
	if err != nil {
		return nil, err
	}
	defer w.Abort()
	entries := meta.entries()
	size := min(max(1, m.Memory/int64(4*chain.SumLen(sumComponents))), int64(max(1, len(entries))))
	slabs := slices.Collect(slices.Chunk(entries, int(size)))
	first := 0
	for i, slab := range slabs {
		totals := make([][]uint32, len(slab))
		for k, f := range files {
			if err := m.add(ctx, kind, f, totals, slab); err != nil {
				return nil, err
			}
			m.Progress.report(i*len(files)+k+1, len(slabs)*len(files))
		}
		err := parallel(ctx, m.Threads, len(slab), func(k int) error { return w.WriteChunk(first+k, bytesOf(totals[k])) })
		if err != nil {
			return nil, err
		}
		first += len(slab)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	_, err = w.Commit()
	parts, _, samples := meta.content()
	return &Merged{parts, samples}, err
}

// headers reads and compares the headers of all files.
func (m *MergeJob) headers(ctx context.Context, kind string) (meta mergeable, chain he.Chain, files []mergedFile, err error) {
	var parts []Ranges
	for i, path := range m.Paths {
		if err := ctx.Err(); err != nil {
			return nil, chain, nil, err
		}
		header, s, err := openShard(path, kind)
		if err != nil {
			return nil, chain, nil, err
		}
		s.Close()
		if i == 0 {
			meta, chain = header, s.chain
		}
		if err := header.fits(meta, path, m.Paths[0]); err != nil {
			return nil, chain, nil, err
		}
		f := mergedFile{path: path, fingerprint: s.file.Fingerprint()}
		f.parts, f.shards, _ = header.content()
		files, parts = append(files, f), append(parts, f.parts)
	}
	if a, b, sample, found := overlap(parts); found {
		return nil, chain, nil, fmt.Errorf("%s and %s both contain sample %d; leave one out", files[a].path, files[b].path, sample+1)
	}
	_, _, samples := meta.content()
	joined := joinParts(parts...)
	return meta.with(joined, joinShards(files, joined.missing(samples))), chain, files, nil
}

// joinShards lists the shards of all files, unless they are of different cuts, or no
// sample is missing.
func joinShards(files []mergedFile, missing Ranges) []Shard {
	var all []Shard
	for _, f := range files {
		if len(f.shards) == 0 {
			return nil
		}
		all = append(all, f.shards...)
	}
	slices.SortFunc(all, func(a, b Shard) int { return a.Index - b.Index })
	for _, s := range all {
		if s.Count != all[0].Count {
			return nil
		}
	}
	if missing == nil {
		return nil
	}
	return slices.Compact(all)
}

// add adds what a file has of some sums to the totals; nil stands for zero.
func (m *MergeJob) add(ctx context.Context, kind string, f mergedFile, totals [][]uint32, slab []sumEntry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	_, s, err := openShard(f.path, kind)
	if err != nil {
		return err
	}
	defer s.Close()
	if s.file.Fingerprint() != f.fingerprint {
		return fmt.Errorf("%s: changed while it was merged", f.path)
	}
	return parallel(ctx, m.Threads, len(slab), func(i int) error {
		if _, ok := s.index[slab[i]]; !ok {
			return nil
		}
		sum, err := s.read(slab[i])
		if err != nil {
			return err
		}
		if totals[i] == nil {
			totals[i] = sum.Residues
			return nil
		}
		return s.chain.AddSum(totals[i], sum.Residues)
	})
}
