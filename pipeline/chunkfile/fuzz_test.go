package chunkfile_test

import (
	"bytes"
	"runtime/metrics"
	"strings"
	"testing"

	"genoveil/pipeline/chunkfile"
)

// FuzzReader reads arbitrary bytes, and FuzzSealed arbitrary headers and tables
// under a fingerprint that is right, as a malicious sender would make them.
func FuzzReader(f *testing.F) {
	good, _ := exampleFile(f).bytes()
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add([]byte("GENOVEIL\x04\x00\x00\x00\xff\xff\xff\x0f{}"))
	f.Fuzz(readModestly)
}

func FuzzSealed(f *testing.F) {
	good := exampleFile(f)
	file, _ := good.bytes()
	if _, _, err := read(file, "example"); err != nil {
		f.Fatal(err)
	}
	f.Add(good.header, good.table, file[len(seal(good.header, good.table)):])
	f.Add([]byte(`{"kind":"example","chunks":0,"meta":null}`), []byte{}, []byte{})
	f.Add([]byte(`{"kind":"example","chunks":1}`), bytes.Repeat([]byte{0xff}, 40), make([]byte, 64))
	f.Add([]byte(`{"kind":"example","chunks":1}`), append([]byte{64, 0, 0, 0, 0, 0, 0, 0}, make([]byte, 32)...), make([]byte, 100))
	f.Add([]byte(`{"kind":"example","chunks":1000}`), make([]byte, 24_000), make([]byte, 4096))
	f.Add([]byte(`{"kind":"example","chunks":0,"meta":[`+strings.Repeat("{},", 20_000)+`{}]}`), []byte{}, []byte{})
	f.Add([]byte(`{"kind":"\u001b[2J","chunks":0}`), []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, header, table, rest []byte) {
		readModestly(t, append(seal(header, table), rest...))
	})
}

// seal is a head with a fingerprint that is right, and its padding.
func seal(header, table []byte) []byte {
	head := (&plainFile{version: 4, header: header, table: table}).head()
	return append(head, make([]byte, -len(head)&4095)...)
}

// readModestly reads a file and demands that what it yields stands in it, and
// that memory stays in proportion to its size.
func readModestly(t *testing.T, file []byte) {
	before := allocated()
	r, err := chunkfile.NewReader(bytes.NewReader(file), int64(len(file)), "some.file", "example")
	// The slack covers JSON decoding and what the test itself allocates beside.
	if used := allocated() - before; used > 1<<20+32*uint64(len(file)) {
		t.Errorf("opening %d bytes allocated %d", len(file), used)
	}
	if err != nil {
		return
	}
	total := int64(0)
	for i := range r.Chunks() {
		if r.Size(i) < 0 {
			t.Fatalf("chunk %d has %d bytes", i, r.Size(i))
		}
		total += r.Size(i)
	}
	if total > int64(len(file)) {
		t.Fatalf("chunks of %d bytes in a file of %d", total, len(file))
	}
	for i := range r.Chunks() {
		chunk := make([]byte, r.Size(i))
		if err := r.Chunk(i, chunk); err == nil && !bytes.Contains(file, chunk) {
			t.Errorf("chunk %d is not in the file", i)
		}
	}
}

// allocated is the number of bytes that the process has ever allocated.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
