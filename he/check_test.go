package he_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"genoveil/he"
)

// TestCheck: honest sums pass, whatever the columns and planes; a change of any
// one sum by anything that is not a multiple of p is caught.
func TestCheck(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "samples")
		m := rapid.IntRange(1, 10).Draw(t, "positions")
		k := rapid.IntRange(1, 5).Draw(t, "columns")
		columns := make([][]int32, k)
		for c := range columns {
			columns[c] = rapid.SliceOfN(rapid.Int32Range(-4096, 4096), n, n).Draw(t, "column")
		}
		key, err := he.NewCheckKey(n)
		if err != nil {
			t.Fatal(err)
		}
		check, tau, err := he.NewCheckColumn(key, columns)
		if err != nil {
			t.Fatal(err)
		}
		expected := make([]uint16, m)
		sums := make([][]int64, k)
		for c := range sums {
			sums[c] = make([]int64, m)
		}
		checkSum := make([]int64, m)
		for j := range m {
			kappa := int64(0)
			for i := range n {
				v := rapid.Int64Range(-1000, 1000).Draw(t, "v")
				kappa += v * int64(key[i])
				checkSum[j] += v * int64(tau[i])
				for c := range columns {
					sums[c][j] += v * int64(columns[c][i])
				}
			}
			expected[j] = uint16((kappa%he.CheckPrime + he.CheckPrime) % he.CheckPrime)
		}
		if err := check.Verify(checkSum, expected, sums); err != nil {
			t.Fatalf("honest sums: %v", err)
		}
		c, j := rapid.IntRange(0, k-1).Draw(t, "c"), rapid.IntRange(0, m-1).Draw(t, "j")
		change := rapid.Int64Range(1, he.CheckPrime-1).Draw(t, "change")
		sums[c][j] += change
		if err := check.Verify(checkSum, expected, sums); !errors.Is(err, he.ErrDamaged) {
			t.Fatalf("a change by %d passed", change)
		}
		sums[c][j] -= change
		checkSum[j] += change
		if err := check.Verify(checkSum, expected, sums); !errors.Is(err, he.ErrDamaged) {
			t.Fatalf("a change of the check sum by %d passed", change)
		}
	})
}

// TestCheckKeyAndColumnsAreInRange: κ and the coefficients are never zero, and
// check columns fit the columns' bound.
func TestCheckKeyAndColumnsAreInRange(t *testing.T) {
	const n = 20000
	key, err := he.NewCheckKey(n)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(key, 0) || slices.Max(key) >= he.CheckPrime {
		t.Error("κ outside 1 … p−1")
	}
	r := rand.New(rand.NewPCG(1, 1))
	column := make([]int32, n)
	for i := range column {
		column[i] = int32(r.IntN(8193)) - 4096
	}
	check, tau, err := he.NewCheckColumn(key, [][]int32{column})
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(check.Coefficients, 0) {
		t.Error("a coefficient is zero")
	}
	if slices.Max(tau) > 4095 || slices.Min(tau) < -4095 {
		t.Errorf("check column in %d … %d", slices.Min(tau), slices.Max(tau))
	}
}
