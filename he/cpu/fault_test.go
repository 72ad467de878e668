//go:build unix

package cpu_test

import (
	"testing"

	"genoveil/he/hetest"
)

func TestCutFile(t *testing.T) {
	t.Run("cpu", func(t *testing.T) { hetest.CutFile(t, fast, fastScorer) })
	t.Run("reference", func(t *testing.T) { hetest.CutFile(t, slow, slowScorer) })
}
