package report

import (
	"io"
	"testing"
)

// BenchmarkTenMillion makes the page of an imputed study.
func BenchmarkTenMillion(b *testing.B) {
	for b.Loop() {
		s := simulated(10_000_000)
		if err := s.WritePage(io.Discard, Page{}); err != nil {
			b.Fatal(err)
		}
	}
}
