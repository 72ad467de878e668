package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
)

// A MergeJob adds the sums of shards into one .sums file. The shards must answer
// the same query on the same cohort and must not overlap.
type MergeJob struct {
	Paths    []string
	Path     string
	Complete bool // refuse unless every sample is there
	Threads  int
	Memory   int64    // bytes for sums
	Progress Progress // files, each as often as sums fill the memory
}

// A mergedFile is what is kept of a shard's header.
type mergedFile struct {
	path        string
	fingerprint chunkfile.Fingerprint
	parts       []Part
	shards      []Shard
}

// Run merges. Sums that fit Memory are added up over all files, one file open at a
// time, then the next sums; so 1000 shards take no more memory or open files than
// two, and each sum is read once.
func (m *MergeJob) Run(ctx context.Context) (*SumsMeta, error) {
	meta, files, err := m.headers(ctx)
	if err != nil {
		return nil, err
	}
	if missing := meta.missing(); m.Complete && missing != "" {
		return nil, fmt.Errorf("not merged: %s; run what is missing, or merge without --complete", missing)
	}
	lock, err := TakeLock(m.Path)
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
	size := min(max(1, m.Memory/int64(4*meta.Params.Chain().SumLen(meta.Components))), int64(max(1, len(entries))))
	slabs := slices.Collect(slices.Chunk(entries, int(size)))
	first := 0
	for i, slab := range slabs {
		totals := make([][]uint32, len(slab))
		for k, f := range files {
			if err := m.add(ctx, meta.Params.Chain(), f, totals, slab); err != nil {
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
	_, err = w.Commit()
	return meta, err
}

// headers reads and compares the headers of all files.
func (m *MergeJob) headers(ctx context.Context) (*SumsMeta, []mergedFile, error) {
	if len(m.Paths) == 0 {
		return nil, nil, errors.New("no sums to merge")
	}
	var first SumsMeta
	var files []mergedFile
	for i, path := range m.Paths {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		s, err := OpenSums(path)
		if err != nil {
			return nil, nil, err
		}
		s.Close()
		if i == 0 {
			first = s.SumsMeta
		}
		if err := fits(&s.SumsMeta, &first, path, m.Paths[0]); err != nil {
			return nil, nil, err
		}
		files = append(files, mergedFile{path, s.file.Fingerprint(), s.Parts, s.Shards})
	}
	meta, err := join(first, files)
	return meta, files, err
}

// fits checks that sums belong together.
func fits(s, first *SumsMeta, name, firstName string) error {
	switch {
	case s.Cohort != first.Cohort:
		return fmt.Errorf("%s: comes from a different cohort than %s", name, firstName)
	case s.Traits != first.Traits || s.QueryID != first.QueryID:
		return fmt.Errorf("%s: answers a different query than %s", name, firstName)
	case s.KeyID != first.KeyID || s.Components != first.Components || !s.Params.Equal(first.Params) || s.Samples != first.Samples ||
		!equalSections(s.Sections, first.Sections) || !equalBlocks(s.Blocks, first.Blocks):
		return fmt.Errorf("%s: does not have the shape of %s", name, firstName)
	}
	return nil
}

// join joins the parts of files, which must not overlap.
func join(meta SumsMeta, files []mergedFile) (*SumsMeta, error) {
	type owned struct {
		Part
		name string
	}
	var parts []owned
	for _, f := range files {
		for _, p := range f.parts {
			parts = append(parts, owned{p, f.path})
		}
	}
	slices.SortFunc(parts, func(a, b owned) int { return a.From - b.From })
	meta.Parts = nil
	for i, p := range parts {
		if i > 0 && p.From < parts[i-1].To {
			return nil, fmt.Errorf("%s and %s both contain sample %d; leave one out", parts[i-1].name, p.name, p.From+1)
		}
		if n := len(meta.Parts); n > 0 && meta.Parts[n-1].To == p.From {
			meta.Parts[n-1].To = p.To
		} else {
			meta.Parts = append(meta.Parts, p.Part)
		}
	}
	meta.Shards = joinShards(&meta, files)
	return &meta, nil
}

// joinShards lists the shards of all files, unless they are of different cuts, or
// cover all samples.
func joinShards(meta *SumsMeta, files []mergedFile) []Shard {
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
	if len(meta.absent()) == 0 {
		return nil
	}
	return slices.Compact(all)
}

// add adds what a file has of some sums to the totals; nil stands for zero.
func (m *MergeJob) add(ctx context.Context, chain he.Chain, f mergedFile, totals [][]uint32, slab []sumEntry) error {
	s, err := OpenSums(f.path)
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
		return chain.AddSum(totals[i], sum.Residues)
	})
}
