package pipeline

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestWhenCheckpointsAreDue: an interval of 0 is never over, and what takes long to save is
// saved less often.
func TestWhenCheckpointsAreDue(t *testing.T) {
	for _, test := range []struct{ every, took, due time.Duration }{
		{0, 0, -1}, {0, time.Hour, -1},
		{5 * time.Minute, 0, 5 * time.Minute}, {5 * time.Minute, 15 * time.Second, 5 * time.Minute},
		{5 * time.Minute, time.Minute, 20 * time.Minute}, {time.Nanosecond, time.Second, 20 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) { // where time passes only in Sleep
			p := &pass{every: test.every, saveTook: test.took, lastSave: time.Now()}
			if test.due < 0 {
				time.Sleep(1000 * time.Hour)
				if p.isDue() {
					t.Errorf("every %v: due", test.every)
				}
				return
			}
			time.Sleep(test.due - 1)
			early := p.isDue()
			time.Sleep(1)
			if early || !p.isDue() {
				t.Errorf("every %v, after one that took %v: due before %v %v, then %v", test.every, test.took, test.due, early, p.isDue())
			}
		})
	}
}
