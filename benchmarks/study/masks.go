package main

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"runtime"
	"syscall"
	"time"

	"genoveil/benchmarks/internal/process"
	"genoveil/secagg"
)

const (
	maskedWords = 1_000_000
	maskSites   = 64
)

// masks masks words of one site on one core, and makes as many bytes of AES-256-CTR, in turn.
func (b *bench) masks() error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	words := make([]uint64, maskedWords)
	m := &secagg.Masks{T: secagg.Transcript{1}, Part: "benchmark", Width: secagg.Words64}
	for i := range maskSites { // one is the site's own
		if k := secagg.NewKey(); i%2 == 0 {
			m.Add = append(m.Add, k)
		} else {
			m.Subtract = append(m.Subtract, k)
		}
	}
	key := secagg.NewKey()
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return err
	}
	stream, buffer := cipher.NewCTR(block, make([]byte, aes.BlockSize)), make([]byte, 1<<14)
	const bytes = 8 * maskedWords * maskSites
	ways := []struct {
		name string
		run  func()
	}{
		{"64-bit words", func() { m.Width = secagg.Words64; m.Vector(words) }},
		{"128-bit words", func() { m.Width = secagg.Words128; m.Vector(words) }},
		{"AES-256-CTR alone", func() {
			for left := bytes; left > 0; left -= len(buffer) {
				part := buffer[:min(left, len(buffer))]
				stream.XORKeyStream(part, part)
			}
		}},
	}
	cpu, wall := make([][]float64, len(ways)), make([][]float64, len(ways))
	for range b.repeat {
		for i, way := range ways {
			if err := b.ctx.Err(); err != nil {
				return err
			}
			used, start := ownCPU(), time.Now()
			way.run()
			cpu[i], wall[i] = append(cpu[i], (ownCPU()-used).Seconds()), append(wall[i], time.Since(start).Seconds())
		}
	}
	fmt.Fprintf(b.out, "\nmasks: %d elements of 64 bits, one of %d sites, one core; medians of %d\n\n", maskedWords, maskSites, b.repeat)
	fmt.Fprintf(b.out, "| | core-s | wall-s | core-ns an element and stream | GB/s of streams | of AES-256-CTR alone |\n|---|---|---|---|---|---|\n")
	for i, way := range ways {
		t := process.Median(cpu[i])
		fmt.Fprintf(b.out, "| %s | %.3f | %.3f | %.2f | %.2f | %.2f |\n", way.name, t, process.Median(wall[i]), 1e9*t/maskedWords/maskSites, bytes/t/1e9,
			process.Median(process.Quotients(cpu[i], cpu[len(ways)-1])))
	}
	return nil
}

// ownCPU is the processor time of this process, user and system.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // only for another argument
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
