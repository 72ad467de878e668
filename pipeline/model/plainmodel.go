package model

import (
	"encoding/binary"
	"encoding/json"
	"slices"

	"github.com/zeebo/blake3"

	"genoveil/he"
	"genoveil/pipeline/format"
)

// A PlainModel is the integer weights of scores on the planes of a cohort, known to
// whoever evaluates them.
type PlainModel struct {
	Description format.ScoreDescription
	Weights     map[format.Plane][][][]int64 // [block][score][position]; a plane that a block lacks is nil
	Constants   []int64                      // one a score
	Blocks      int
	Vanished    []int // weights of each score that rounding made zero; this is for their owner
}

// weights are a lane's, [score][position], or nil where all are zero.
func (m *PlainModel) weights(l format.BlockPlane) [][]int64 {
	if l.Block >= len(m.Weights[l.Plane]) {
		return nil
	}
	weights := m.Weights[l.Plane][l.Block]
	for _, w := range weights {
		if slices.ContainsFunc(w, func(x int64) bool { return x != 0 }) {
			return weights
		}
	}
	return nil
}

func (m *PlainModel) Lanes() []format.BlockPlane {
	var lanes []format.BlockPlane
	for b := range m.Blocks {
		for _, plane := range format.Score.Planes(format.HardCalls) {
			if l := (format.BlockPlane{Block: b, Plane: plane}); m.weights(l) != nil {
				lanes = append(lanes, l)
			}
		}
	}
	return lanes
}

func (m *PlainModel) Prepare(scorer he.Scorer, lanes []format.BlockPlane) (he.Weights, error) {
	weights := make([][][]int64, len(lanes))
	for i, l := range lanes {
		weights[i] = m.weights(l)
	}
	return scorer.Prepare(weights)
}

func (m *PlainModel) Describe(meta *format.ScoresMeta, runKey *[32]byte) (err error) {
	digest := m.Fingerprint()
	meta.Scores, meta.Description = len(m.Constants), &m.Description
	meta.RunID, err = runID(runKey, append(digest[:], meta.Cohort[:]...))
	return err
}

func (m *PlainModel) Fingerprint() (f [32]byte) {
	h := blake3.New()
	if err := json.NewEncoder(h).Encode(m.Description); err != nil {
		panic(err) // of strings, numbers and truth values
	}
	write := func(x int) { binary.Write(h, binary.LittleEndian, int64(x)) }
	for _, l := range m.Lanes() {
		write(l.Block)
		h.WriteString(string(l.Plane))
		for _, w := range m.weights(l) {
			write(len(w))
			binary.Write(h, binary.LittleEndian, w)
		}
	}
	binary.Write(h, binary.LittleEndian, m.Constants)
	h.Sum(f[:0])
	return f
}

// Finish adds the constant and drowns the noise, which the client could otherwise
// solve for the weights.
func (m *PlainModel) Finish(params he.ScoreParams, keys *he.ScoreKeys, sum he.Sum, samples, score int) error {
	return params.Flood(sum, samples, m.Constants[score], keys.Public)
}
