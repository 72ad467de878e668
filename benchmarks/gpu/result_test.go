//go:build cuda

package main

import "testing"

func TestShort(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 1: "1", 999.4: "999", 999.6: "1 k", 4.3e12: "4.3 T", 1.23e-5: "12.3 µ", 0.5: "500 m"} {
		if got := short(x); got != want {
			t.Errorf("%g: %q, want %q", x, got, want)
		}
	}
}

func TestTargets(t *testing.T) {
	r := result{CopyBytes: 100, Multiplications: 1000}
	r.add(row{Count: 10, Bytes: 80, Multiplications: 400, Target: &target{Memory: 0.7}}, 1)
	r.add(row{Count: 10, Bytes: 80, Multiplications: 400, Target: &target{Integer: 0.5}}, 1)
	r.add(row{Count: 10, Target: &target{Rate: 5}}, 1)
	for i, want := range []bool{true, false, true} {
		if got := r.Rows[i].Met; got == nil || *got != want {
			t.Errorf("row %d: %+v", i, r.Rows[i])
		}
	}
	if r.Rows[0].MemoryFloor != 0.8 || r.Rows[0].IntegerFloor != 0.4 {
		t.Errorf("%+v", r.Rows[0])
	}
}
