package chunkfile_test

import (
	"encoding/binary"
	"encoding/json"
	"slices"

	"github.com/zeebo/blake3"
	"github.com/zeebo/xxh3"
)

// A sealed file under construction: what the format's description says, step by
// step, with sizes and sums that can be made wrong.
type plainFile struct {
	version uint32
	header  []byte
	table   []byte
	chunks  [][]byte
}

// A failer is a testing.TB or a rapid.T.
type failer interface {
	Helper()
	Fatal(args ...any)
}

// describe is the slow twin of Encode.
func describe(t failer, kind string, meta any, chunks ...[]byte) *plainFile {
	t.Helper()
	header, err := json.Marshal(struct {
		Kind   string `json:"kind"`
		Chunks int    `json:"chunks"`
		Meta   any    `json:"meta"`
	}{kind, len(chunks), meta})
	if err != nil {
		t.Fatal(err)
	}
	f := &plainFile{version: 4, header: header, chunks: chunks}
	for _, chunk := range chunks {
		var sums []byte
		for piece := range slices.Chunk(chunk, 16384) {
			sum := xxh3.Hash128(piece).Bytes()
			sums = append(sums, sum[:]...)
		}
		f.addEntry(uint64(len(chunk)), xxh3.Hash128(sums).Bytes())
	}
	return f
}

func (f *plainFile) addEntry(size uint64, sum [16]byte) {
	f.table = binary.LittleEndian.AppendUint64(f.table, size)
	f.table = append(f.table, sum[:]...)
}

// head is everything before the padding, with a fingerprint that is right.
func (f *plainFile) head() []byte {
	head := []byte("GENOVEIL")
	head = binary.LittleEndian.AppendUint32(head, f.version)
	head = binary.LittleEndian.AppendUint32(head, uint32(len(f.header)))
	head = append(head, f.header...)
	head = append(head, f.table...)
	sum := blake3.Sum256(head)
	return append(head, sum[:]...)
}

// bytes is the whole file. content marks what is not padding.
func (f *plainFile) bytes() (file []byte, content []bool) {
	add := func(part []byte) {
		file = append(file, part...)
		for range part {
			content = append(content, true)
		}
		for len(file)%4096 != 0 {
			file, content = append(file, 0), append(content, false)
		}
	}
	add(f.head())
	for _, chunk := range f.chunks {
		add(chunk)
	}
	return file, content
}
