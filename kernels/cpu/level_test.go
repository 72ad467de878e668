package cpu

import "testing"

// eachLevel runs a test or benchmark at every level of this processor, the
// portable one first.
func eachLevel[T interface{ Run(string, func(T)) bool }](t T, run func(T)) {
	defer func() { best = supported }()
	for best = portable; best <= supported; best++ {
		t.Run(best.String(), run)
	}
}

func TestLevelsAreTriedInTurn(t *testing.T) {
	tried := 0
	eachLevel(t, func(*testing.T) { tried++ })
	if tried != int(supported)+1 || best != supported {
		t.Errorf("%d levels tried; now at %s of %s", tried, best, supported)
	}
}
