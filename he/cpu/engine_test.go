package cpu_test

import (
	"testing"

	"genoveil/he"
	"genoveil/he/cpu"
	"genoveil/he/hetest"
	"genoveil/he/reference"
)

func slow(keys *he.EvaluationKeys) (he.Engine, error) { return reference.New(keys) }
func fast(keys *he.EvaluationKeys) (he.Engine, error) { return cpu.New(keys, 2) }

func TestEnginesAgree(t *testing.T) {
	hetest.EnginesAgree(t, []hetest.EngineShape{
		{LogN: 6, Sums: 2, Dropped: 1},
		{LogN: 7, Sums: 3, Dropped: 1},
		{LogN: 8, Sums: 1, Dropped: 1},
		{LogN: 9, Sums: 4, Dropped: 2},
		{LogN: 10, Sums: 2, Dropped: 1},
		{LogN: 13, Sums: 3, Dropped: 1},
	}, slow, fast)
}

func TestEnginesContinueEachOther(t *testing.T) { hetest.EnginesContinueEachOther(t, 8, slow, fast) }
