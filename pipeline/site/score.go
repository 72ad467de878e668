package site

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"genoveil/he"
	"genoveil/pipeline/format"
	"genoveil/pipeline/progress"
)

// ScoreJob evaluates a model on an encrypted cohort. It holds no secret of the
// client's.
type ScoreJob struct {
	Cohort   *format.Cohort
	Model    ScoreModel
	Keys     *he.ScoreKeys
	Scorer   he.Scorer
	Shard    format.Shard // a range of tiles of N samples
	Path     string
	RunKey   string        // file with the key that shards share; empty for a run alone
	Ledger   *Ledger       // nil for none
	Progress progress.Func // chunks of a block and plane

	CheckpointEvery time.Duration // 0: only at an interrupt
	Log             *slog.Logger

	due func() bool // for tests: takes the place of CheckpointEvery
}

// A ScoreModel is what ScoreJob evaluates: a *PlainModel or an *EncryptedModel.
type ScoreModel interface {
	// Lanes lists the blocks and planes that have weights.
	Lanes() []format.BlockPlane

	// Prepare gives the scorer the weights of some lanes.
	Prepare(scorer he.Scorer, lanes []format.BlockPlane) (he.Weights, error)

	// Describe fills in what the header of the answers says of the model.
	Describe(m *format.ScoresMeta, runKey *[32]byte) error

	// Fingerprint identifies the model to its owner. It tells whether a guess at the
	// weights is right.
	Fingerprint() [32]byte

	// Finish turns the packed answers of a score of a tile into what the client gets.
	Finish(params he.ScoreParams, keys *he.ScoreKeys, sum he.Sum, samples, score int) error
}

// Run evaluates and writes the .scores file.
//
// It saves a checkpoint (FILE.checkpoint) now and then and when ctx ends; the error
// is ErrContinues then. The same job continues from it, with any Scorer.
func (s *ScoreJob) Run(ctx context.Context) (*format.ScoresMeta, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	e := &scoring{ScoreJob: s}
	err := (&pass{
		cohort: s.Cohort, work: e, path: s.Path, kind: ScoreCheckpointKind, whole: true, threads: scoreLanes,
		every: s.CheckpointEvery, due: s.due, log: s.Log, progress: s.Progress,
	}).run(ctx)
	if err != nil {
		return nil, err
	}
	return e.meta, nil
}

// Genotypes is the number of genotypes in the shard, with those that fill the last
// block.
func (s *ScoreJob) Genotypes() int64 {
	return s.Cohort.CountGenotypes(s.Shard.Samples(s.Cohort.Samples, s.Cohort.Params.N()))
}

// Check refuses keys that do not belong to the cohort.
func (s *ScoreJob) Check() error {
	switch c := s.Cohort; {
	case format.NewKeyID(s.Keys.KeyID) != c.KeyID:
		return fmt.Errorf("keys differ: cohort %s, evaluation keys %s", c.KeyID, format.NewKeyID(s.Keys.KeyID))
	case !s.Keys.Chain.Equal(c.Params.Chain()):
		return fmt.Errorf("the evaluation keys are for a different parameter set; this cohort has %s, which need %s", c.Genotypes, map[format.Encoding]string{
			format.HardCalls: "eval-score.key", format.Dosages: "eval-score-dosage.key ('genoveil keygen --score --dosage' makes it)"}[c.Genotypes])
	}
	return nil
}

// meta says what the file will hold.
func (s *ScoreJob) meta() (*format.ScoresMeta, error) {
	c := s.Cohort
	params, err := c.Params.Scores()
	if err != nil {
		return nil, err
	}
	m := &format.ScoresMeta{Cohort: c.Fingerprint, KeyID: c.KeyID, Params: params, Samples: c.Samples, Parts: s.Shard.Samples(c.Samples, c.Params.N())}
	key, err := sharedKey(s.RunKey)
	if err != nil {
		return nil, err
	}
	return m, s.Model.Describe(m, key)
}
