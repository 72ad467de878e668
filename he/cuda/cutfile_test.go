//go:build cuda

package cuda_test

import (
	"testing"

	"genoveil/he/hetest"
)

func TestCutFile(t *testing.T) { hetest.CutFile(t, fast, fastScorer) }
