package he_test

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"

	"genoveil/he"
	"genoveil/he/hetest"
)

// TestScoreSets: the planned sets, by value.
func TestScoreSets(t *testing.T) {
	for _, c := range []struct {
		name       string
		plan       func(int64) (he.ScoreParams, error)
		V          int64
		primes     int
		logQP      float64
		flood      int
		answerBits float64
		margin     float64 // noise below the largest that decodes, in bits
	}{
		{"hard calls", he.PlanScore, 1, 5, 168, 91, 46, 0},
		{"dosages", he.PlanScore, 1000, 6, 196, 91, 62, 0},
		{"hard calls, private model", he.PlanPrivateModel, 1, 5, 168, 0, 62, 7},
		{"dosages, private model", he.PlanPrivateModel, 1000, 6, 196, 0, 62, 16},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := c.plan(c.V)
			if err != nil {
				t.Fatal(err)
			}
			chain := p.Chain()
			if chain.N() != 8192 || len(chain.Sums) != c.primes || len(chain.Dropped) != 0 || len(chain.Switches) != 1 {
				t.Errorf("chain %+v", chain)
			}
			if math.Abs(chain.LogQP()-c.logQP) > 0.02 || chain.Security() != 128 {
				t.Errorf("log QP %.2f, security %d", chain.LogQP(), chain.Security())
			}
			if p.MaxPlane() != c.V || p.MaxNorm() < 8_000_000_000 || p.FloodBits() != c.flood {
				t.Errorf("V %d, L %d, f %d", p.MaxPlane(), p.MaxNorm(), p.FloodBits())
			}
			if bits := math.Log2(float64(p.MaxAnswer())); math.Abs(bits-c.answerBits) > 0.1 {
				t.Errorf("answers of %.2f bits", bits)
			}
			// (2A+1)·Δ ≤ Q in exact arithmetic.
			span := new(big.Int).Lsh(big.NewInt(p.MaxAnswer()), 1)
			span.Add(span, big.NewInt(1)).Mul(span, p.Scale())
			if span.Cmp(p.Modulus()) > 0 {
				t.Error("answers do not fit the modulus")
			}
			scale, _ := new(big.Float).SetInt(p.Scale()).Float64()
			noise := he.RejectMargin * p.ScoreNoise()
			if p.PrivateModel() {
				if got := math.Log2(scale / 2 / noise); math.Abs(got-c.margin) > 1 {
					t.Errorf("a margin of %.1f bits", got)
				}
				return
			}
			flood := math.Ldexp(1, p.FloodBits())
			if flood/noise < 0x1p53 || flood/noise > 0x1.1p53 {
				t.Errorf("flooding is 2^%.3f times the noise", math.Log2(flood/noise))
			}
			if scale < 2*(flood+noise) {
				t.Error("flooded answers do not decode")
			}
			// The leading term is the multiplication's.
			if p.PackNoise() > p.ScoreNoise()/1000 {
				t.Errorf("packing has 2^%.1f of the noise, 2^%.1f", math.Log2(p.PackNoise()), math.Log2(p.ScoreNoise()))
			}
		})
	}
	a, _ := he.PlanScore(1)
	b, _ := he.PlanPrivateModel(1)
	if !a.Chain().Equal(b.Chain()) {
		t.Error("the two sets for hard calls take different keys")
	}
	for _, V := range []int64{0, -1, 1001} {
		if _, err := he.PlanScore(V); err == nil {
			t.Errorf("V = %d was planned", V)
		}
	}
}

// TestScoreParamsFromFiles: sets for scores survive JSON; one that could decode
// wrongly, or flood too little, is refused.
func TestScoreParamsFromFiles(t *testing.T) {
	score, err := he.PlanScore(1)
	if err != nil {
		t.Fatal(err)
	}
	private, err := he.PlanPrivateModel(1)
	if err != nil {
		t.Fatal(err)
	}
	sums, err := he.Plan(1000, 1, 4096)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []he.ScoreParams{score, private} {
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var q he.ScoreParams
		if err := json.Unmarshal(text, &q); err != nil || !q.Equal(p) || q.MaxAnswer() != p.MaxAnswer() || q.Params().Equal(sums.Params()) {
			t.Fatalf("round trip of %s: %v", text, err)
		}
	}
	if score.Equal(private) || private.Equal(score) {
		t.Error("different sets are equal")
	}
	if text, _ := json.Marshal(sums); strings.Contains(string(text), "norm") || strings.Contains(string(text), "flood") {
		t.Errorf("a set for sums stands as %s", text)
	}
	for _, c := range []struct {
		params      json.Marshaler
		field, text string
		want        string
	}{
		{score, "flood_bits", "90", "does not drown"},
		{score, "flood_bits", "0", "floods by 1 to 126"},
		{score, "flood_bits", "-5", "floods by 1 to 126"},
		{score, "flood_bits", "92", "too fine"},
		{score, "flood_bits", "127", "floods by 1 to 126"},
		{score, "max_norm", "8600000000", "does not drown"},
		{score, "max_norm", "-1", "outside"},
		{score, "max_norm", "2199023255552", "outside"},
		{score, "max_norm", "0", "belong to sets for scores"},
		{score, "plane_scale", "4951760157141521099596496896", "too fine"}, // 2^92
		{score, "plane_scale", "1393796574908163946345982392040522594123776", "below the modulus"},
		{score, "plane_scale", "696898287454081973172991196020261297061888", "no room for answers"}, // 2^139
		{score, "plane_scale", "0", "must be positive"},
		{score, "plane_scale", "-7", "must be positive"},
		{score, "plane_scale", "null", "must be positive"},
		{score, "plane_scale", "1e30", "1e30"},
		{score, "max_plane", "0", "outside"},
		{score, "max_plane", "2147483648", "outside"},
		{score, "batch", "8192", "belong to sets for sums"},
		{score, "column_scale", "7", "belong to sets for sums"},
		{score, "dropped_primes", "[147457]", "belong to sets for sums"},
		{score, "max_positions", "7", "has no number of positions"},
		{score, "model_scale", "7", "no flooding"},
		{private, "model_scale", "7", "standard deviations"},
		{private, "model_scale", "-7", "has a scale of the model"},
		{private, "flood_bits", "91", "no flooding"},
		{private, "max_positions", "0", "a number of positions"},
		{private, "max_positions", "2000000000000", "a number of positions"},
		{private, "max_plane", "2000000", "standard deviations"},
		{sums, "flood_bits", "91", "belong to sets for scores"},
		{sums, "model_scale", "7", "belong to sets for scores"},
		{sums, "max_norm", "7", "belong to sets for sums"},
	} {
		fields := map[string]json.RawMessage{}
		text, _ := json.Marshal(c.params)
		if err := json.Unmarshal(text, &fields); err != nil {
			t.Fatal(err)
		}
		fields[c.field] = json.RawMessage(c.text)
		changed, _ := json.Marshal(fields)
		var q he.Params
		if err := json.Unmarshal(changed, &q); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s = %s: %v, want %q", c.field, c.text, err, c.want)
		}
	}
}

// TestScalesBeyondFloats: scales whose squares are not finite are refused, not taken
// for exact.
func TestScalesBeyondFloats(t *testing.T) {
	primes := he.PrimesBelow(1<<28, 6, 42)
	huge := new(big.Int).Lsh(big.NewInt(1), 1040)
	for _, p := range []he.Params{hetest.SumParams(t, 6, 64).Params(), hetest.ScoreParams(t, 6, 1).Params(), hetest.PrivateModelParams(t, 6, 1).Params()} {
		text, _ := json.Marshal(p)
		fields := map[string]json.RawMessage{}
		if err := json.Unmarshal(text, &fields); err != nil {
			t.Fatal(err)
		}
		fields["sum_primes"], _ = json.Marshal(primes[:40])
		fields["switch_primes"], _ = json.Marshal(primes[40:41])
		if _, err := p.Sums(); err == nil {
			fields["dropped_primes"], _ = json.Marshal(primes[41:])
		}
		fields["plane_scale"], _ = json.Marshal(huge)
		changed, _ := json.Marshal(fields)
		var q he.Params
		if json.Unmarshal(changed, &q) != nil {
			continue
		}
		if scores, err := q.Scores(); err != nil || scores.PrivateModel() {
			t.Errorf("%s was accepted", changed)
		}
	}
}

// TestSetsAreOfOneKind: a set for sums is not read where one for scores belongs, nor
// the other way round, and nothing is read as both.
func TestSetsAreOfOneKind(t *testing.T) {
	for kind, p := range map[string]he.Params{
		"sums":          hetest.SumParams(t, 6, 64).Params(),
		"scores":        hetest.ScoreParams(t, 6, 1).Params(),
		"private model": hetest.PrivateModelParams(t, 6, 1).Params(),
		"nothing":       {},
	} {
		var sums he.SumParams
		var scores he.ScoreParams
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		forSums, forScores := json.Unmarshal(text, &sums), json.Unmarshal(text, &scores)
		_, notSums := p.Sums()
		_, notScores := p.Scores()
		for _, err := range []error{forSums, notSums} {
			if (err == nil) != (kind == "sums") {
				t.Errorf("%s as sums: %v", kind, err)
			}
		}
		for _, err := range []error{forScores, notScores} {
			if (err == nil) != (kind == "scores" || kind == "private model") {
				t.Errorf("%s as scores: %v", kind, err)
			}
		}
		if sums.Valid() != (forSums == nil) || scores.Valid() != (forScores == nil) {
			t.Errorf("%s: a set that was refused was kept", kind)
		}
		switch {
		case forSums == nil && !sums.Params().Equal(p), forScores == nil && !scores.Params().Equal(p):
			t.Errorf("%s is another set when it was read", kind)
		}
	}
}

// FuzzParams: whatever a file says, a set that is accepted is safe to decode with,
// and survives another round.
func FuzzParams(f *testing.F) {
	for _, p := range []he.Params{hetest.SumParams(f, 7, 256).Params(), hetest.ScoreParams(f, 7, 1).Params(), hetest.PrivateModelParams(f, 7, 1000).Params()} {
		text, err := json.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var p, q he.Params
		if json.Unmarshal(text, &p) != nil {
			return
		}
		again, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(again, &q); err != nil || !q.Equal(p) {
			t.Fatalf("%s does not survive: %v", again, err)
		}
		var scale *big.Int
		var noise float64
		sums, notSums := p.Sums()
		scores, notScores := p.Scores()
		switch {
		case (notSums == nil) == (notScores == nil):
			t.Fatalf("%s: %v, %v", again, notSums, notScores)
		case notSums == nil:
			scale, noise = sums.Scale(), he.MinMargin*sums.ErrorBound(sums.Batch())
		default:
			scale, noise = scores.Scale(), he.RejectMargin*scores.ScoreNoise()+math.Ldexp(1, scores.FloodBits())
			if !scores.PrivateModel() && math.Ldexp(1, scores.FloodBits()-53) < he.RejectMargin*scores.ScoreNoise() {
				t.Fatalf("%s floods too little", again)
			}
		}
		if spacing, _ := new(big.Float).SetInt(scale).Float64(); !(2*noise <= spacing*(1+1e-9)) {
			t.Fatalf("%s decodes wrongly", again)
		}
	})
}
