package site

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
)

const ScoreCheckpointKind = "checkpoint of scores"

// scoreState says what a checkpoint holds: packed tiles, and the nodes of the one
// under way.
type scoreState struct {
	Sums   int `json:"sums"`   // finished tiles times scores
	Chunks int `json:"chunks"` // of the tile under way
}

// A scoring is an evaluation of a model under way: work whose stretches are tiles.
type scoring struct {
	*ScoreJob
	meta   *format.ScoresMeta
	lanes  []format.BlockPlane
	groups []he.Weights // of scoreLanes lanes each

	sums     []he.Sum   // packed tiles, scores of a tile together, not finished
	tiles    []*he.Tile // of the tile under way, one a score
	chunks   int        // that are in tiles
	products int        // of the chunk under way
}

// scoreLanes is the number of lanes that are read and multiplied together. The
// answers in progress come from memory once for all of them; their chunks take 170 MB
// and those being read as much.
const scoreLanes = 16

// prepare transforms all weights, 20 bytes each (24 of dosages).
func (e *scoring) prepare(ctx context.Context) (any, error) {
	var err error
	if e.meta, err = e.ScoreJob.meta(); err != nil {
		return nil, err
	}
	if e.Ledger != nil && len(e.meta.Parts) > 0 {
		if err := e.Ledger.spend(ctx, e.answer()); err != nil {
			return nil, err
		}
	}
	if e.lanes = e.Model.Lanes(); len(e.lanes) == 0 {
		return nil, errors.New("all weights of the model are zero")
	}
	for lanes := range slices.Chunk(e.lanes, scoreLanes) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		weights, err := e.Model.Prepare(e.Scorer, lanes)
		if err != nil {
			return nil, err
		}
		e.groups = append(e.groups, weights)
	}
	return struct {
		Cohort, Model [32]byte
		Parts         format.Ranges
		Key           format.KeyID
	}{e.meta.Cohort, e.Model.Fingerprint(), e.meta.Parts, e.meta.KeyID}, nil
}

// answer is what the ledger counts.
func (e *scoring) answer() answer {
	return answer{Cohort: e.meta.Cohort, Model: e.Model.Fingerprint(), Parts: e.meta.Parts}
}

func (e *scoring) begin() error {
	e.sums, e.tiles, e.chunks = nil, nil, 0
	return nil
}

// chunkRange is the range of chunks of a tile.
func (e *scoring) chunkRange(tile int) (first, last int) {
	from, to := e.meta.TileRange(tile)
	return from / he.ChunkSamples, (to + he.ChunkSamples - 1) / he.ChunkSamples
}

func (e *scoring) progress() (done, total int) {
	done = e.chunks
	for i, tile := range e.meta.Tiles() {
		first, last := e.chunkRange(tile)
		if total += last - first; i < len(e.sums)/e.meta.Scores {
			done += last - first
		}
	}
	return done*len(e.lanes) + e.products, total * len(e.lanes)
}

func (e *scoring) next() *stretch {
	left := e.meta.Tiles()[len(e.sums)/e.meta.Scores:]
	if len(left) == 0 {
		return nil
	}
	if e.tiles == nil {
		for range e.meta.Scores {
			e.tiles = append(e.tiles, he.NewTile(e.Scorer, e.meta.Params.Chain()))
		}
	}
	first, last := e.chunkRange(left[0])
	return &stretch{
		first: first + e.chunks, last: last,
		lanes: len(e.lanes), lane: func(i int) (int, format.Plane) { return e.lanes[i].Block, e.lanes[i].Plane },
		atATime: scoreLanes,
	}
}

// A scoreStep is the scores of a chunk of samples.
type scoreStep struct {
	*scoring
	samples int
	scores  he.Scores // once there is a product: ahead of that they would take as much memory again
}

func (e *scoring) step(chunk int) (step, error) {
	from, to := e.Cohort.ChunkRange(chunk)
	return &scoreStep{scoring: e, samples: to - from}, nil
}

func (s *scoreStep) add(first int, chunks []he.Chunk) error {
	weights := s.groups[first/scoreLanes]
	if first == 0 {
		s.scores = s.Scorer.NewScores(s.samples, weights)
	}
	s.products = first + len(chunks)
	return s.Scorer.Add(s.scores, weights, chunks)
}

func (s *scoreStep) end() error {
	nodes, err := s.Scorer.Pack(s.scores)
	if err != nil {
		return err
	}
	for i, node := range nodes {
		if err := s.tiles[i].Add(node); err != nil {
			return err
		}
	}
	s.chunks, s.products = s.chunks+1, 0
	return nil
}

// finish packs a tile.
func (e *scoring) finish(context.Context) error {
	for _, t := range e.tiles {
		sum, err := t.Sum()
		if err != nil {
			return err
		}
		e.sums = append(e.sums, sum)
	}
	e.chunks, e.tiles = 0, nil
	return nil
}

// commit finishes the tiles and writes the file.
func (e *scoring) commit(ctx context.Context) error {
	w, _, err := e.meta.Create(e.Path)
	if err != nil {
		return err
	}
	defer w.Abort()
	for i, entry := range e.meta.Entries() {
		if err := ctx.Err(); err != nil {
			return err
		}
		from, to := e.meta.TileRange(entry.Batch)
		sum := e.sums[i]
		sum.Residues = slices.Clone(sum.Residues) // a checkpoint is of what is not finished
		if err := e.Model.Finish(e.meta.Params, e.Keys, sum, to-from, entry.Column); err != nil {
			return err
		}
		if err := w.WriteChunk(i, format.BytesOf(sum.Residues)); err != nil {
			return err
		}
	}
	if e.Ledger != nil && len(e.meta.Parts) > 0 {
		if err := e.Ledger.reply(ctx, e.answer()); err != nil {
			return err
		}
	}
	_, err = w.Commit()
	return err
}

func (e *scoring) leave(bool) error { return nil }

// snapshot is at most a dozen ciphertexts a score, and one for every finished tile.
func (e *scoring) snapshot() (*snapshot, error) {
	sums := slices.Clone(e.sums)
	for _, t := range e.tiles {
		_, nodes := t.State()
		sums = append(sums, nodes...)
	}
	s := &snapshot{state: scoreState{Sums: len(e.sums), Chunks: e.chunks}}
	for _, sum := range sums {
		s.sizes = append(s.sizes, int64(4*len(sum.Residues)))
	}
	s.write = func(w *chunkfile.Writer) error {
		for i, sum := range sums {
			if err := w.WriteChunk(i, format.BytesOf(sum.Residues)); err != nil {
				return err
			}
		}
		return nil
	}
	return s, nil
}

func (e *scoring) restore(saved *chunkfile.Reader, text json.RawMessage) ([]string, error) {
	var state scoreState
	if err := json.Unmarshal(text, &state); err != nil {
		return nil, err
	}
	chain, tiles := e.meta.Params.Chain(), e.meta.Tiles()
	nodes := (saved.Chunks() - state.Sums) / e.meta.Scores
	if state.Sums < 0 || state.Sums%e.meta.Scores != 0 || state.Sums > len(tiles)*e.meta.Scores || nodes < 0 || nodes > chain.LogN || saved.Chunks() != state.Sums+nodes*e.meta.Scores {
		return nil, errors.New("sizes in the header do not agree")
	}
	if left := tiles[state.Sums/e.meta.Scores:]; state.Chunks > 0 {
		if len(left) == 0 {
			return nil, errors.New("it has more than all samples")
		}
		if first, last := e.chunkRange(left[0]); state.Chunks > last-first {
			return nil, errors.New("it has more samples than the tile")
		}
	}
	file := format.SumFile{File: saved, Chain: chain}
	var all []he.Sum
	for i := range saved.Chunks() {
		sum, err := file.ReadChunk(i)
		if err != nil {
			return nil, err
		}
		all = append(all, sum)
	}
	e.sums, all = all[:state.Sums:state.Sums], all[state.Sums:]
	if e.chunks = state.Chunks; e.chunks == 0 {
		return nil, nil
	}
	for range e.meta.Scores {
		tile, err := he.ContinueTile(e.Scorer, chain, state.Chunks, all[:nodes])
		if err != nil {
			return nil, err
		}
		e.tiles, all = append(e.tiles, tile), all[nodes:]
	}
	return nil, nil
}
