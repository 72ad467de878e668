package level

import "testing"

func TestLevelsAreTriedInTurn(t *testing.T) {
	tried := 0
	Each(t, func(*testing.T) {
		if Best() != Level(tried) {
			t.Errorf("level %d in use, not %d", Best(), tried)
		}
		tried++
	})
	if tried != int(supported)+1 || best != supported {
		t.Errorf("%d levels tried; now at %s of %s", tried, best, supported)
	}
}
