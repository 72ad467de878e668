package bam

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A contig is a sequence of the reference that the reads are aligned to.
type contig struct {
	name   string
	length int
}

// A header has what of a BAM header matters here. (biogo's parser takes all of it,
// and refuses headers that samtools takes: with a date of another form, or one
// program twice.)
type header struct {
	order   string   // SO
	samples []string // SM of the read groups, each once
	contigs []contig
}

var errHeader = errors.New("it does not follow the SAM specification")

// readHeader reads the header (SAM specification, section 4.2).
func readHeader(b *blocks) (*header, error) {
	var spill []byte
	number := func() (int, error) {
		word, err := b.take(4, &spill)
		if err != nil {
			return 0, err
		}
		n := binary.LittleEndian.Uint32(word)
		if n > math.MaxInt32 {
			return 0, errHeader
		}
		return int(n), nil
	}
	text := func() (string, error) {
		n, err := number()
		if err != nil {
			return "", err
		}
		data, err := b.take(n, &spill)
		return string(data), err
	}
	magic, err := b.take(4, &spill)
	if err != nil {
		return nil, err
	}
	if string(magic) != "BAM\x01" {
		return nil, errHeader
	}
	lines, err := text()
	if err != nil {
		return nil, err
	}
	h := &header{}
	h.readText(lines)
	refs, err := number()
	for range refs {
		name, err := text()
		if err != nil {
			return nil, err
		}
		length, err := number()
		if err != nil {
			return nil, err
		}
		h.contigs = append(h.contigs, contig{strings.TrimSuffix(name, "\x00"), length})
	}
	return h, err
}

// readText reads the header's lines.
func (h *header) readText(text string) {
	for line := range strings.Lines(text) {
		kind, tags, _ := strings.Cut(strings.TrimRight(line, "\r\n"), "\t")
		for tag := range strings.SplitSeq(tags, "\t") {
			value, isOrder := strings.CutPrefix(tag, "SO:")
			if isOrder && kind == "@HD" {
				h.order = value
			}
			name, isSample := strings.CutPrefix(tag, "SM:")
			if isSample && kind == "@RG" && name != "" && !slices.Contains(h.samples, name) {
				h.samples = append(h.samples, name)
			}
		}
	}
}

// sample returns the one sample of a file.
func (h *header) sample() (string, error) {
	switch len(h.samples) {
	case 0:
		return "", errors.New("no read group names the sample (@RG with SM); add one with samtools addreplacerg -r ID:1 -r SM:NAME")
	case 1:
		return h.samples[0], nil
	}
	return "", fmt.Errorf("its read groups name several samples (%s); split it with samtools split", strings.Join(h.samples, ", "))
}
