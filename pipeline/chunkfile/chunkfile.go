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

	// smallHeader bounds the header of a file that lists nothing in it: keys, blocks of
	// genotypes and checkpoints. They have less than 2 KB.
	smallHeader = 1 << 16

	// MaxHeader bounds the header of a file that lists blocks, columns or scores. A query of
	// 1000 traits with 23 sections each has 5 MB. Reading takes up to some thirty times
	// that of memory.
	MaxHeader = 1 << 24

	// maxKind bounds the name of a kind.
	maxKind = 64

	// maxEmpty bounds the chunks without a byte. No file of genoveil has one; a table of zeros
	// would cost nothing to send.
	maxEmpty = 16

	// tablePiece is how much of the table is read at a time.
	tablePiece = 4096 * entrySize
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
