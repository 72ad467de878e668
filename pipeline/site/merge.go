package site

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"genoveil/he"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/parallel"
	"genoveil/pipeline/progress"
)

// A MergeJob makes one .sums file of those of shards, or one .scores file. The shards
// must be of one query, or of one evaluation of one model, on the same cohort and must not
// overlap.
type MergeJob struct {
	Paths    []string
	Path     string
	Complete bool // refuse unless every sample is there
	Threads  int
	Memory   int64         // bytes for sums
	Progress progress.Func // files, each as often as sums fill the memory
}

// A Merged says what a merged file holds.
type Merged struct {
	Parts   format.Ranges
	Samples int // of the cohort
}

// openShard opens a file of sums or scores.
func openShard(path, kind string) (format.Mergeable, *format.SumFile, error) {
	if kind == format.ScoresKind {
		s, err := format.OpenScores(path)
		if err != nil {
			return nil, nil, err
		}
		return &s.ScoresMeta, &s.SumFile, nil
	}
	s, err := format.OpenSums(path)
	if err != nil {
		return nil, nil, err
	}
	return &s.SumsMeta, &s.SumFile, nil
}

// A mergedFile is what is kept of a shard's header.
type mergedFile struct {
	path        string
	fingerprint chunkfile.Fingerprint
	parts       format.Ranges
	shards      []format.Shard
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
	if missing := meta.Missing(); m.Complete && missing != "" {
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
	w, _, err := meta.Create(m.Path)
	if err != nil {
		return nil, err
	}
	defer w.Abort()
	entries := meta.Entries()
	size := min(max(1, m.Memory/int64(4*chain.SumLen(format.SumComponents))), int64(max(1, len(entries))))
	slabs := slices.Collect(slices.Chunk(entries, int(size)))
	first := 0
	for i, slab := range slabs {
		totals := make([][]uint32, len(slab))
		for k, f := range files {
			if err := m.add(ctx, kind, f, totals, slab); err != nil {
				return nil, err
			}
			m.Progress.Report(i*len(files)+k+1, len(slabs)*len(files))
		}
		err := parallel.Each(ctx, m.Threads, len(slab), func(k int) error { return w.WriteChunk(first+k, format.BytesOf(totals[k])) })
		if err != nil {
			return nil, err
		}
		first += len(slab)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	_, err = w.Commit()
	parts, _, samples := meta.Content()
	return &Merged{parts, samples}, err
}

// headers reads and compares the headers of all files.
func (m *MergeJob) headers(ctx context.Context, kind string) (meta format.Mergeable, chain he.Chain, files []mergedFile, err error) {
	var parts []format.Ranges
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
			meta, chain = header, s.Chain
		}
		if err := header.Fits(meta, path, m.Paths[0]); err != nil {
			return nil, chain, nil, err
		}
		f := mergedFile{path: path, fingerprint: s.File.Fingerprint()}
		f.parts, f.shards, _ = header.Content()
		files, parts = append(files, f), append(parts, f.parts)
	}
	if a, b, sample, found := format.Overlap(parts); found {
		return nil, chain, nil, fmt.Errorf("%s and %s both contain sample %d; leave one out", files[a].path, files[b].path, sample+1)
	}
	_, _, samples := meta.Content()
	joined := format.JoinParts(parts...)
	return meta.With(joined, joinShards(files, joined.Missing(samples))), chain, files, nil
}

// joinShards lists the shards of all files, unless they are of different cuts, or no
// sample is missing.
func joinShards(files []mergedFile, missing format.Ranges) []format.Shard {
	var all []format.Shard
	for _, f := range files {
		if len(f.shards) == 0 {
			return nil
		}
		all = append(all, f.shards...)
	}
	slices.SortFunc(all, func(a, b format.Shard) int { return a.Index - b.Index })
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
func (m *MergeJob) add(ctx context.Context, kind string, f mergedFile, totals [][]uint32, slab []format.SumEntry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	_, s, err := openShard(f.path, kind)
	if err != nil {
		return err
	}
	defer s.Close()
	if s.File.Fingerprint() != f.fingerprint {
		return fmt.Errorf("%s: changed while it was merged", f.path)
	}
	return parallel.Each(ctx, m.Threads, len(slab), func(i int) error {
		if _, ok := s.Index[slab[i]]; !ok {
			return nil
		}
		sum, err := s.Read(slab[i])
		if err != nil {
			return err
		}
		if totals[i] == nil {
			totals[i] = sum.Residues
			return nil
		}
		return s.Chain.AddSum(totals[i], sum.Residues)
	})
}
