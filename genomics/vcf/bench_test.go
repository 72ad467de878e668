package vcf

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	biogo "github.com/biogo/hts/bgzf"

	"genoveil/genomics"
	"genoveil/genomics/shareddata"
)

// BenchmarkHapMap reads real genotypes, 54 MB of text, on one core and on two,
// and for comparison only inflates them.
func BenchmarkHapMap(b *testing.B) {
	blocks, err := os.ReadFile(filepath.Join(shareddata.Dir(b, "hapmap3"), "hapmap3.vcf.gz"))
	if err != nil {
		b.Fatal(err)
	}
	inflate := func(w io.Writer, cores int) {
		r, err := biogo.NewReader(bytes.NewReader(blocks), cores)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(w, r); err != nil {
			b.Fatal(err)
		}
		r.Close()
	}
	var text bytes.Buffer
	inflate(&text, 2)
	forms := []struct {
		name string
		data []byte
	}{{"plain", text.Bytes()}, {"gzip", toGzip(b, text.String())}, {"bgzf", blocks}, {"bgzf inflated by biogo", nil}}
	// The flag -cpu does not reach a b.Loop of its first number.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, form := range forms {
		for cores := 1; cores <= 2; cores++ {
			b.Run(fmt.Sprintf("%s/cores=%d", form.name, cores), func(b *testing.B) {
				runtime.GOMAXPROCS(cores)
				b.SetBytes(int64(text.Len()))
				for b.Loop() {
					if form.data == nil {
						inflate(io.Discard, cores)
					} else {
						readGenotypes(b, form.data)
					}
				}
			})
		}
	}
}

// readGenotypes reads all rows of a file.
func readGenotypes(b *testing.B, data []byte) {
	r, err := NewReader(bytes.NewReader(data), "x.vcf")
	if err != nil {
		b.Fatal(err)
	}
	row := make(genomics.Row, genomics.RowLen(len(r.Samples())))
	var v genomics.Variant
	for err == nil {
		err = r.Next(&v, row)
	}
	if err != io.EOF {
		b.Fatal(err)
	}
}
