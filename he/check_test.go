package he_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"genoveil/he"
)

// TestCheckModulus: P exceeds the difference of any two values that a sum can
// take, so that no alteration vanishes modulo P.
func TestCheckModulus(t *testing.T) {
	for _, c := range []struct {
		n      int
		V      int64
		digits int
	}{{1, 1, 2}, {957, 1, 2}, {8189, 1, 2}, {8192, 1, 3}, {1_000_000, 1, 3}, {60_000_000, 1, 3}, {957, 1_000_000, 4}, {500_000, 1_000_000, 4}} {
		p, err := he.Plan(c.n, c.V, 4096)
		if err != nil {
			t.Fatal(err)
		}
		m, err := p.NewCheckModulus(c.n)
		if err != nil {
			t.Fatal(err)
		}
		if m.Digits != c.digits || m.P <= uint64(2*int64(c.n)*c.V*4096) {
			t.Errorf("n = %d, V = %d: %+v", c.n, c.V, m)
		}
	}
	p, err := he.Plan(1000, 1_000_000, 4096)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.NewCheckModulus(10_000_000); err == nil {
		t.Error("a modulus below the range of sums was chosen")
	}
}

// TestCheck: honest sums pass, whatever the columns and planes; a change of any
// one sum within its range is caught, multiples of the digits' base included.
func TestCheck(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		V := rapid.SampledFrom([]int64{1, 1000, 1_000_000}).Draw(t, "V")
		n := rapid.IntRange(1, 40).Draw(t, "samples")
		size := rapid.IntRange(1, 10).Draw(t, "positions")
		k := rapid.IntRange(1, 5).Draw(t, "columns")
		params, err := he.Plan(n, V, 4096)
		if err != nil {
			t.Fatal(err)
		}
		m, err := params.NewCheckModulus(n)
		if err != nil {
			t.Fatal(err)
		}
		columns := make([][]int32, k)
		for c := range columns {
			columns[c] = rapid.SliceOfN(rapid.Int32Range(-4096, 4096), n, n).Draw(t, "column")
		}
		key, err := m.NewKey(n)
		if err != nil {
			t.Fatal(err)
		}
		used := rapid.SliceOfN(rapid.Uint64Range(0, m.P-1), 0, 3).Draw(t, "used")
		check, err := m.NewCheck(k, used)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(used, check.Point) || check.Point >= m.P || check.Scale < 1 || check.Scale >= m.P || slices.Min(check.Coefficients) < 1 || slices.Max(check.Coefficients) >= m.P {
			t.Fatalf("%+v", check)
		}
		tau := m.Columns(check, key, columns)
		for _, x := range slices.Concat(tau...) {
			if x > 4095 || x < -4095 {
				t.Fatalf("digit %d", x)
			}
		}
		expected := make([][he.Masks]uint64, size)
		sums, digits := make([][]int64, k), make([][]int64, m.Digits)
		for c := range sums {
			sums[c] = make([]int64, size)
		}
		for l := range digits {
			digits[l] = make([]int64, size)
		}
		for j := range size {
			for i := range n {
				v := rapid.Int64Range(-V, V).Draw(t, "v")
				for r, k := range key[i] {
					expected[j][r] = m.Add(expected[j][r], m.Mul(k, v))
				}
				for l := range digits {
					digits[l][j] += v * int64(tau[l][i])
				}
				for c := range columns {
					sums[c][j] += v * int64(columns[c][i])
				}
			}
		}
		verify := func() error { return m.Verify(size, check, digits, expected, sums) }
		if err := verify(); err != nil {
			t.Fatalf("honest sums: %v", err)
		}
		c, j := rapid.IntRange(0, k-1).Draw(t, "c"), rapid.IntRange(0, size-1).Draw(t, "j")
		limit := 2 * int64(n) * V * 4096
		change := rapid.OneOf(
			rapid.Int64Range(1, limit),
			rapid.Map(rapid.Int64Range(1, max(1, limit/8191)), func(x int64) int64 { return x * 8191 }),
		).Draw(t, "change")
		sums[c][j] += change
		if err := verify(); !errors.Is(err, he.ErrDamaged) {
			t.Fatalf("a change by %d passed modulo %d", change, m.P)
		}
		sums[c][j] -= change
		digits[0][j]++
		if err := verify(); !errors.Is(err, he.ErrDamaged) {
			t.Fatal("a change of a check column passed")
		}
		digits[0][j]--
		short := sums[c]
		sums[c] = nil
		if err := verify(); !errors.Is(err, he.ErrDamaged) {
			t.Fatal("an absent column passed")
		}
		sums[c] = short
	})
}

// TestMaskKeyIsInRange: κ is below P, spread over all of it, and may be zero.
func TestMaskKeyIsInRange(t *testing.T) {
	p, err := he.Plan(20000, 1, 4096)
	if err != nil {
		t.Fatal(err)
	}
	m, err := p.NewCheckModulus(20000)
	if err != nil {
		t.Fatal(err)
	}
	key, err := m.NewKey(20000)
	if err != nil {
		t.Fatal(err)
	}
	for r := range he.Masks {
		most := uint64(0)
		for i := range key {
			most = max(most, key[i][r])
		}
		if most >= m.P || most < m.P/2 {
			t.Error("κ outside 0 … P−1, or not spread over it")
		}
	}
	small := he.CheckModulus{P: 3, Digits: 1}
	if key, err = small.NewKey(100); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(key, func(k [he.Masks]uint64) bool { return slices.Contains(k[:], 0) }) {
		t.Error("κ is never zero")
	}
}

// TestMasksOfAnyChecksAreIndependent: the factors of any Masks checks have an inverse.
func TestMasksOfAnyChecksAreIndependent(t *testing.T) {
	m := he.CheckModulus{P: 11, Digits: 1} // so small that dependent factors would be common
	for range 200 {
		var used []uint64
		var rows [][he.Masks]uint64
		for range he.Masks {
			c, err := m.NewCheck(0, used)
			if err != nil {
				t.Fatal(err)
			}
			used = append(used, c.Point)
			var row [he.Masks]uint64
			factor := c.Scale
			for r := range row {
				row[r] = factor
				factor = m.Mul(factor, int64(c.Point))
			}
			rows = append(rows, row)
		}
		if !invertible(m, rows) {
			t.Fatalf("factors %v", rows)
		}
	}
}

// invertible is Gauss's elimination modulo P.
func invertible(m he.CheckModulus, rows [][he.Masks]uint64) bool {
	for c := range rows {
		p := slices.IndexFunc(rows[c:], func(row [he.Masks]uint64) bool { return row[c] != 0 })
		if p < 0 {
			return false
		}
		rows[c], rows[c+p] = rows[c+p], rows[c]
		inverse := uint64(1)
		for m.Mul(inverse, int64(rows[c][c])) != 1 {
			inverse++
		}
		for i := c + 1; i < len(rows); i++ {
			factor := m.Mul(rows[i][c], int64(inverse))
			for k := range rows[i] {
				rows[i][k] = m.Add(rows[i][k], m.P-m.Mul(factor, int64(rows[c][k])))
				rows[i][k] %= m.P
			}
		}
	}
	return true
}
