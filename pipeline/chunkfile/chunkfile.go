// Package chunkfile is the container of genoveil's binary files: a
// self-describing header, a table of checksums, and chunks of bytes that can be
// written in any order and read at random. docs/format.md specifies it.
//
//	0    8   "GENOVEIL"
//	8    4   version, 4
//	12   4   length H of the header
//	16   H   header: JSON object with "kind", "chunks" (their number) and "meta"
//	     24  for each chunk: its size (8 bytes) and its sum (16): XXH3-128 of the XXH3-128s
//	         of its pieces of 16 KiB, the last one shorter
//	     32  BLAKE3-256 of everything above: the fingerprint of the file
//	         zeros up to a multiple of 4096, then the chunks, each padded likewise: pages of the
//	         file, which are mapped into memory and written around the page cache
//
// Integers are little-endian. The fingerprint covers every byte of content
// through the table, so that damage and mix-ups are found piece by piece. XXH3 is
// no defence against somebody who changes a file on purpose; that is what the check
// on decrypted sums is for (docs/security.md). BLAKE3 of the chunks would cost
// as much as a third of the whole evaluation (4 GB/s against 60).
package chunkfile

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/zeebo/blake3"
)

const (
	magic     = "GENOVEIL"
	version   = 4
	align     = 4096
	entrySize = 8 + 16

	// ioSize is how much is read and summed at a time: it stays in the
	// second-level cache.
	ioSize = 1 << 18

	// maxHeader bounds what a damaged length makes a reader allocate.
	maxHeader = 1 << 28
)

// A Fingerprint identifies a file by content.
type Fingerprint [32]byte

// String is the fingerprint in hexadecimal.
func (f Fingerprint) String() string { return hex.EncodeToString(f[:]) }

// MarshalText writes hexadecimal.
func (f Fingerprint) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads hexadecimal.
func (f *Fingerprint) UnmarshalText(b []byte) error {
	if len(b) != 64 {
		return fmt.Errorf("a fingerprint has 64 hexadecimal digits, not %d", len(b))
	}
	_, err := hex.Decode(f[:], b)
	return err
}

type header struct {
	Kind   string          `json:"kind"`
	Chunks int             `json:"chunks"`
	Meta   json.RawMessage `json:"meta"`
}

type entry struct {
	size   int64
	sum    [16]byte // see summer; XXH3-128 is big-endian, as its authors write it
	offset int64
}

func padded(n int64) int64 { return (n + align - 1) / align * align }

// encodeHead returns the head of a file: all before the padding.
func encodeHead(headerJSON []byte, entries []entry) []byte {
	head := append([]byte(magic), 0, 0, 0, 0, 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(head[8:], version)
	binary.LittleEndian.PutUint32(head[12:], uint32(len(headerJSON)))
	head = append(head, headerJSON...)
	for _, e := range entries {
		head = binary.LittleEndian.AppendUint64(head, uint64(e.size))
		head = append(head, e.sum[:]...)
	}
	sum := blake3.Sum256(head)
	return append(head, sum[:]...)
}

func headSize(headerLen, chunks int) int64 {
	return 16 + int64(headerLen) + int64(chunks)*entrySize + 32
}
