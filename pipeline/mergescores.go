package pipeline

import (
	"bytes"
	"context"
	"fmt"
	"reflect"

	"genoveil/pipeline/chunkfile"
)

// RunAny merges .sums files, or .scores files, by the kind of the first. It returns the
// samples that are in the result, and the number of all.
func (m *MergeJob) RunAny(ctx context.Context) (parts []Part, samples int, err error) {
	kind, err := chunkfile.Kind(m.Paths[0])
	if err != nil {
		return nil, 0, err
	}
	if kind == scoresKind {
		merged, err := MergeScores(ctx, m.Paths, m.Path, m.Complete)
		if err != nil {
			return nil, 0, err
		}
		return merged.Parts, merged.Samples, nil
	}
	merged, err := m.Run(ctx)
	if err != nil {
		return nil, 0, err
	}
	return merged.Parts, merged.Samples, nil
}

// MergeScores joins the scores of shards into one .scores file. The shards must be of
// one evaluation of one model on one cohort and must not overlap; they need not be
// all unless complete is asked for.
func MergeScores(ctx context.Context, paths []string, out string, complete bool) (*ScoresMeta, error) {
	var shards []*Scores
	defer func() {
		for _, s := range shards {
			s.Close()
		}
	}()
	// Where each tile is: the number of the shard and of the tile in it.
	type place struct{ shard, tile int }
	places := map[int]place{}
	for i, path := range paths {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s, err := OpenScores(path)
		if err != nil {
			return nil, err
		}
		shards = append(shards, s)
		if err := s.mergesWith(shards[0]); err != nil {
			return nil, err
		}
		for t, tile := range s.tiles() {
			if other, ok := places[tile]; ok {
				from, _ := s.tileRange(tile)
				return nil, fmt.Errorf("%s and %s both contain sample %d; leave one out", shards[other.shard].file.Name(), path, from+1)
			}
			places[tile] = place{i, t}
		}
	}
	meta := shards[0].ScoresMeta
	meta.Parts = nil
	for _, s := range shards {
		meta.Parts = append(meta.Parts, s.Parts...)
	}
	meta.Parts = joinParts(meta.Parts)
	if missing := absentSamples(meta.Parts, meta.Samples); complete && missing != nil {
		return nil, fmt.Errorf("not merged: samples %s of %d are missing; run them, or merge without --complete", describeParts(missing), meta.Samples)
	}
	w, err := meta.create(out)
	if err != nil {
		return nil, err
	}
	defer w.Abort()
	for i, tile := range meta.tiles() {
		at := places[tile]
		for score := range meta.Scores {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			sum, err := shards[at.shard].read(at.tile, score)
			if err != nil {
				return nil, err
			}
			if err := w.WriteChunk(i*meta.Scores+score, bytesOf(sum.Residues)); err != nil {
				return nil, err
			}
		}
	}
	_, err = w.Commit()
	return &meta, err
}

// mergesWith refuses a shard that does not belong to the first.
func (s *Scores) mergesWith(first *Scores) error {
	name := s.file.Name()
	switch {
	case s.Cohort != first.Cohort:
		return fmt.Errorf("%s: comes from a different cohort than %s", name, first.file.Name())
	case s.RunID != first.RunID:
		return fmt.Errorf("%s: answers a different model than %s, or was made without its --run-key", name, first.file.Name())
	case s.KeyID != first.KeyID || !s.Params.Equal(first.Params) || s.Samples != first.Samples || s.Scores != first.Scores ||
		!reflect.DeepEqual(s.Description, first.Description) || !bytes.Equal(s.Sealed, first.Sealed):
		return fmt.Errorf("%s: does not have the shape of %s", name, first.file.Name())
	}
	return nil
}
