package he_test

import (
	"encoding/json"
	"testing"

	"genoveil/he"
)

// TestSetsInFiles: the text of planned sets, byte for byte, by themselves and where a
// set of either kind may stand. Files are compared by their fingerprints.
func TestSetsInFiles(t *testing.T) {
	narrow, err := he.Plan(10_000, 1, 4096)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := he.Plan(500_000, 1_000_000, 4096)
	if err != nil {
		t.Fatal(err)
	}
	score, err := he.PlanScore(1)
	if err != nil {
		t.Fatal(err)
	}
	private, err := he.PlanPrivateModel(1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []struct {
		alone, either json.Marshaler
		want          string
	}{
		{narrow, narrow.Params(), `{"log_n":13,"sum_primes":[268369921,268271617,268238849],"dropped_primes":[268189697],"switch_primes":[268091393],"plane_scale":517378680,"column_scale":278106938,"max_plane":1,"max_column":4096,"batch":16384}`},
		{wide, wide.Params(), `{"log_n":13,"sum_primes":[268369921,268271617,268238849,268189697,268091393],"dropped_primes":[268042241],"switch_primes":[267943937],"plane_scale":24916679284,"column_scale":13393480944271640,"max_plane":1000000,"max_column":4096,"batch":507904}`},
		{score, score.Params(), `{"log_n":13,"sum_primes":[268369921,268271617,268238849,268189697,268091393],"dropped_primes":[],"switch_primes":[268042241],"plane_scale":9903520314292049398447734784,"max_plane":1,"max_norm":8500000000,"flood_bits":91}`},
		{private, private.Params(), `{"log_n":13,"sum_primes":[268369921,268271617,268238849,268189697,268091393,268042241],"dropped_primes":[],"switch_primes":[267943937],"plane_scale":51155090577021953,"max_plane":1000,"max_norm":8500000000,"model_scale":49301470824347,"max_positions":67108864}`},
	} {
		for _, p := range []json.Marshaler{set.alone, set.either} {
			if text, err := json.Marshal(p); err != nil || string(text) != set.want {
				t.Errorf("%T stands as %s, want %s; %v", p, text, set.want, err)
			}
		}
	}
}
