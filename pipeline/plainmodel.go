package pipeline

import (
	"encoding/binary"
	"encoding/json"
	"slices"

	"github.com/zeebo/blake3"

	"genoveil/he"
)

// A PlainModel is the integer weights of scores on the planes of a cohort, known to
// whoever evaluates them.
type PlainModel struct {
	Description ScoreDescription
	Weights     map[Plane][][][]int64 // [block][score][position]; a plane that a block lacks is nil
	Constants   []int64               // one a score
	Blocks      int
}

// weights are a lane's, [score][position], or nil where all are zero.
func (m *PlainModel) weights(l scoreLane) [][]int64 {
	if l.block >= len(m.Weights[l.plane]) {
		return nil
	}
	weights := m.Weights[l.plane][l.block]
	for _, w := range weights {
		if slices.ContainsFunc(w, func(x int64) bool { return x != 0 }) {
			return weights
		}
	}
	return nil
}

func (m *PlainModel) lanes() []scoreLane {
	var lanes []scoreLane
	for b := range m.Blocks {
		for _, plane := range Score.Planes(HardCalls) {
			if l := (scoreLane{b, plane}); m.weights(l) != nil {
				lanes = append(lanes, l)
			}
		}
	}
	return lanes
}

func (m *PlainModel) prepare(scorer he.Scorer, lanes []scoreLane) (he.Weights, error) {
	weights := make([][][]int64, len(lanes))
	for i, l := range lanes {
		weights[i] = m.weights(l)
	}
	return scorer.Prepare(weights)
}

func (m *PlainModel) describe(meta *ScoresMeta, runKey *[32]byte) (err error) {
	digest := m.fingerprint()
	meta.Scores, meta.Description = len(m.Constants), &m.Description
	meta.RunID, err = runID(runKey, append(digest[:], meta.Cohort[:]...))
	return err
}

func (m *PlainModel) fingerprint() (f [32]byte) {
	h := blake3.New()
	if err := json.NewEncoder(h).Encode(m.Description); err != nil {
		panic(err) // of strings, numbers and truth values
	}
	write := func(x int) { binary.Write(h, binary.LittleEndian, int64(x)) }
	for _, l := range m.lanes() {
		write(l.block)
		h.WriteString(string(l.plane))
		for _, w := range m.weights(l) {
			write(len(w))
			binary.Write(h, binary.LittleEndian, w)
		}
	}
	binary.Write(h, binary.LittleEndian, m.Constants)
	h.Sum(f[:0])
	return f
}

// finish adds the constant and drowns the noise, which the client could otherwise
// solve for the weights.
func (m *PlainModel) finish(params he.ScoreParams, keys *he.ScoreKeys, sum he.Sum, samples, score int) error {
	return params.Flood(sum, samples, m.Constants[score], keys.Public)
}
