package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"genoveil/he"
)

// ScoreJob evaluates a model on an encrypted cohort. It holds no secret of the
// client's.
type ScoreJob struct {
	Cohort   *Cohort
	Model    ScoreModel
	Keys     *he.ScoreKeys
	Scorer   he.Scorer
	Shard    Shard // a range of tiles of N samples
	Path     string
	RunKey   string        // file with the key that shards share; empty for a run alone
	Ledger   *Ledger       // nil for none
	Every    time.Duration // between checkpoints
	Warn     func(error)   // told of checkpoints that cannot be read or written; may be nil
	Continue Progress      // told how far a checkpoint is that is continued; may be nil
	Progress Progress      // chunks of a block and plane
}

// A ScoreModel is what ScoreJob evaluates: a *PlainModel or an *EncryptedModel.
type ScoreModel interface {
	// lanes lists the blocks and planes that have weights.
	lanes() []scoreLane

	// prepare gives the scorer the weights of some lanes.
	prepare(scorer he.Scorer, lanes []scoreLane) (he.Weights, error)

	// describe fills in what the header of the answers says of the model.
	describe(m *ScoresMeta, runKey *[32]byte) error

	// fingerprint identifies the model to its owner. It tells whether a guess at the
	// weights is right.
	fingerprint() [32]byte

	// finish turns the packed answers of a score of a tile into what the client gets.
	finish(job *ScoreJob, sum he.Sum, samples, score int) error
}

// A scoreLane is a block and plane.
type scoreLane struct {
	block int
	plane Plane
}

// scoreLanes is the number of lanes that are read and multiplied together. The
// answers in progress come from memory once for all of them; their chunks take 170 MB
// and those being read as much.
const scoreLanes = 16

// Run evaluates and writes the .scores file.
//
// Loop order: tiles of N samples, chunks of 64 samples, groups of lanes. While a
// group is multiplied, the next is read. What is packed is saved now and then; an
// interrupted run returns ErrContinues, and the same call later goes on from there.
func (s *ScoreJob) Run(ctx context.Context) (*ScoresMeta, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	lock, err := TakeLock(s.Path)
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	if err := errors.Join(lock.Clean(s.Path), lock.Clean(s.Path+".checkpoint")); err != nil {
		return nil, err
	}
	meta, err := s.meta()
	if err != nil {
		return nil, err
	}
	e := &scoring{ScoreJob: s, meta: meta}
	if s.Ledger != nil && len(meta.Parts) > 0 {
		if err := s.Ledger.spend(ctx, e.answer()); err != nil {
			return nil, err
		}
	}
	if err := e.prepare(ctx); err != nil {
		return nil, err
	}
	defer e.memory.close()
	if err := e.restore(); err != nil {
		return nil, err
	}
	tiles := meta.tiles()
	for len(e.sums) < len(tiles)*meta.Scores {
		if err := e.tile(ctx, tiles[len(e.sums)/meta.Scores]); err != nil {
			return nil, e.interrupted(ctx, err)
		}
	}
	if err := e.write(ctx); err != nil {
		return nil, e.interrupted(ctx, err)
	}
	return meta, e.checkpoint.Remove()
}

// answer is what the ledger counts.
func (e *scoring) answer() answer {
	return answer{Cohort: e.meta.Cohort, Model: e.Model.fingerprint(), Parts: e.meta.Parts}
}

// write finishes the tiles and writes the file.
func (e *scoring) write(ctx context.Context) error {
	w, err := e.meta.create(e.Path)
	if err != nil {
		return err
	}
	defer w.Abort()
	for i, tile := range e.meta.tiles() {
		from, to := e.meta.tileRange(tile)
		for score := range e.meta.Scores {
			if err := ctx.Err(); err != nil {
				return err
			}
			at := i*e.meta.Scores + score
			sum := e.sums[at]
			sum.Residues = slices.Clone(sum.Residues) // a checkpoint is of what is not finished
			if err := e.Model.finish(e.ScoreJob, sum, to-from, score); err != nil {
				return err
			}
			if err := w.WriteChunk(at, bytesOf(sum.Residues)); err != nil {
				return err
			}
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

// Genotypes is the number of genotypes in the shard, with those that fill the last
// block.
func (s *ScoreJob) Genotypes() int64 {
	c, n := s.Cohort, s.Cohort.Params.N()
	first, last := s.Shard.chunks((c.Samples + n - 1) / n)
	return int64(max(min(last*n, c.Samples)-first*n, 0)) * int64(len(c.Blocks)) * int64(n)
}

// Check refuses keys that do not belong to the cohort.
func (s *ScoreJob) Check() error {
	switch c := s.Cohort; {
	case keyID(s.Keys.KeyID) != c.KeyID:
		return fmt.Errorf("keys differ: cohort %s, evaluation keys %s", c.KeyID, keyID(s.Keys.KeyID))
	case !s.Keys.Chain.Equal(c.Params.Chain()):
		return fmt.Errorf("the evaluation keys are for a different parameter set; this cohort has %s, which need %s", c.Genotypes, map[Encoding]string{
			HardCalls: "eval-score.key", Dosages: "eval-score-dosage.key ('genoveil keygen --score --dosage' makes it)"}[c.Genotypes])
	}
	return nil
}

// meta says what the file will hold.
func (s *ScoreJob) meta() (*ScoresMeta, error) {
	c := s.Cohort
	m := &ScoresMeta{Cohort: c.Fingerprint, KeyID: c.KeyID, Params: c.Params, Samples: c.Samples}
	first, last := s.Shard.chunks((c.Samples + c.Params.N() - 1) / c.Params.N())
	m.Parts = m.tilesOf(first, last)
	key, err := sharedKey(s.RunKey)
	if err != nil {
		return nil, err
	}
	return m, s.Model.describe(m, key)
}

// A scoring is an evaluation under way.
type scoring struct {
	*ScoreJob
	meta        *ScoresMeta
	checkpoint  *Checkpoint
	saved       time.Time  // when the work was saved last
	sums        []he.Sum   // packed tiles, scores of a tile together, not finished
	tiles       []*he.Tile // of the tile under way, one a score
	chunks      int        // that are in tiles
	groups      []scoreGroup
	memory      *mappings // for chunks
	done, total int
}

// A scoreGroup is lanes that are read and multiplied together.
type scoreGroup struct {
	lanes   []scoreLane
	weights he.Weights
}

// prepare transforms all weights, 20 bytes each (24 of dosages).
func (e *scoring) prepare(ctx context.Context) error {
	lanes := e.Model.lanes()
	if len(lanes) == 0 {
		return errors.New("all weights of the model are zero")
	}
	for len(lanes) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		g := scoreGroup{lanes: lanes[:min(scoreLanes, len(lanes))]}
		lanes = lanes[len(g.lanes):]
		var err error
		if g.weights, err = e.Model.prepare(e.Scorer, g.lanes); err != nil {
			return err
		}
		e.groups = append(e.groups, g)
		e.total += len(g.lanes)
	}
	chunks := 0
	for _, p := range e.meta.Parts {
		chunks += (p.To - p.From + he.ChunkSamples - 1) / he.ChunkSamples
	}
	e.total *= chunks
	e.memory = newMappings(2 * scoreLanes)
	return nil
}
