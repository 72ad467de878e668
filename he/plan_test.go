package he_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"genoveil/he"
)

// TestPrimesAreNamed: the primes of the GWAS set, by value, since helpers that
// take bit sizes return primes above 2^28.
func TestPrimesAreNamed(t *testing.T) {
	want := []uint32{268369921, 268271617, 268238849, 268189697, 268091393}
	got := he.PrimesBelow(1<<28, 13, 5)
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("prime %d is %d, want %d", i, got[i], want[i])
		}
	}
}

// TestGWASSet: hard calls and check columns take three primes plus one whatever
// the number of samples, so that keys can be made before the cohort is known.
func TestGWASSet(t *testing.T) {
	var first he.Chain
	for i, n := range []int{1, 957, 8192, 8193, 65536, 500000, 10000000} {
		p, err := he.Plan(n, 1, 4096)
		if err != nil {
			t.Fatal(err)
		}
		c := p.Chain()
		if i == 0 {
			first = c
		}
		if !c.Equal(first) || c.N() != 8192 || len(c.Sums) != 3 || len(c.Dropped) != 1 || len(c.Switches) != 1 {
			t.Errorf("n = %d: chain %+v", n, c)
		}
		if c.Security() != 192 {
			t.Errorf("security %d", c.Security())
		}
		if p.Batch()%c.N() != 0 || p.Batch() < min(n, 65536) {
			t.Errorf("n = %d: batch %d", n, p.Batch())
		}
	}
}

// TestPlanIsExact: whatever the planner allows satisfies the two conditions of
// exact decoding, in exact arithmetic and with margin to spare.
func TestPlanIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 3_000_000).Draw(t, "n")
		V := rapid.Int64Range(1, 1<<21).Draw(t, "V")
		B := rapid.Int64Range(1, 1<<21).Draw(t, "B")
		p, err := he.Plan(n, V, B)
		if err != nil {
			return
		}
		if p.MaxPlane() != V || p.MaxColumn() != B || p.Chain().Security() < 128 {
			t.Fatalf("%d, %d, security %d", p.MaxPlane(), p.MaxColumn(), p.Chain().Security())
		}
		if p.Margin() < he.MinMargin {
			t.Fatalf("margin %g", p.Margin())
		}
		span := new(big.Int).Mul(big.NewInt(int64(p.Batch())), new(big.Int).Mul(big.NewInt(V), big.NewInt(B)))
		span.Lsh(span, 1).Add(span, big.NewInt(1)).Mul(span, p.Scale())
		if span.Cmp(p.Modulus()) >= 0 {
			t.Fatal("sums do not fit the modulus")
		}
	})
}

// TestPlanWantsMorePrimes: sets grow with the values, as imputed dosages and
// their squares will ask for.
func TestPlanWantsMorePrimes(t *testing.T) {
	for _, c := range []struct {
		V, B   int64
		primes int
	}{{1, 1, 2}, {1, 4096, 3}, {1000, 4096, 4}, {1000000, 4096, 5}} {
		p, err := he.Plan(10000, c.V, c.B)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(p.Chain().Sums); got != c.primes {
			t.Errorf("V = %d, B = %d: %d primes, want %d", c.V, c.B, got, c.primes)
		}
	}
}

func TestPlanRefuses(t *testing.T) {
	for _, c := range []struct {
		n    int
		V, B int64
		want string
	}{
		{0, 1, 1, "must be at least 1"},
		{1, 0, 1, "must be at least 1"},
		{1, 1, -1, "must be at least 1"},
		{1, 1 << 41, 1, "too large to sum exactly"},
		{1, 1 << 30, 1 << 30, "too large to sum exactly"},
	} {
		_, err := he.Plan(c.n, c.V, c.B)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Plan(%d, %d, %d): %v, want %q", c.n, c.V, c.B, err, c.want)
		}
	}
}

// TestParamsFromFiles: a set survives JSON, and a set that could decode wrongly
// is refused.
func TestParamsFromFiles(t *testing.T) {
	p, err := he.Plan(100000, 1, 4096)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var q he.SumParams
	if err := json.Unmarshal(text, &q); err != nil || !q.Equal(p) || q.Margin() != p.Margin() {
		t.Fatalf("round trip: %v", err)
	}
	for _, c := range []struct{ field, value, want string }{
		{"batch", "8192000", "do not fit"},
		{"batch", "100", "not a whole number of packed columns"},
		{"plane_scale", "1000", "standard deviations"},
		{"max_column", "40960000", "do not fit"},
		{"max_plane", "0", "must be positive"},
		{"sum_primes", "[268369921,268271617,268238848]", "not an odd prime"},
		{"sum_primes", "[268369921,268271617,268271617]", "in the chain twice"},
		{"sum_primes", "[268369921,268271617,65537]", "do not fit"},
		{"dropped_primes", "[]", "at least one prime more"},
		{"switch_primes", "[]", "one prime for key-switching"},
		{"log_n", "40", "outside"},
		{"log_n", "15", "is not 1 modulo"},
		{"sum_primes", "[268369921" + strings.Repeat(",268369921", 40) + "]", "a chain has at most 32 primes, not 43"},
		{"sum_primes", "[268369921" + strings.Repeat(",268369921", 1000) + "]", "a parameter set has at most 4096 bytes"},
		{"plane_scale", "1" + strings.Repeat("0", 10_000), "a parameter set has at most 4096 bytes"},
	} {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(text, &fields); err != nil {
			t.Fatal(err)
		}
		if _, ok := fields[c.field]; !ok {
			t.Fatalf("no field %q in %s", c.field, text)
		}
		fields[c.field] = json.RawMessage(c.value)
		changed, _ := json.Marshal(fields)
		err := json.Unmarshal(changed, &q)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s = %s: %v, want %q", c.field, c.value, err, c.want)
		}
	}
}
