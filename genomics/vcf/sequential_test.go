package vcf

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	biogo "github.com/biogo/hts/bgzf"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"genoveil/genomics"
	"genoveil/genomics/bgzf"
)

// readSequentially is the twin of a stream: it has all of the text before it
// reads the first line, and reads one line after the other. It is given the row
// reader of the samples and a row's width and spelling.
func readSequentially[T byte | uint16](r io.Reader, rows func(samples []string) rowReader[T], width func(samples int) int, spell func(row []T, samples int) string) (content, error) {
	const name = "x.vcf"
	in, err := newInput(r)
	if err != nil {
		return content{}, readError(name, 0, err)
	}
	var text []byte
	var c chunk
	for c.err == nil {
		in.next(&c, 1<<16)
		text = append(text, new(inflater).inflate(&c)...)
	}
	header := &headerLines{in: textInput{io.MultiReader(bytes.NewReader(text), iotest.ErrReader(c.err)), new(bufio.Reader)}, size: 100, longest: genomics.MaxLine}
	samples, _, err := readHeader(name, header)
	if err != nil {
		return content{}, err
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	if last := len(lines) - 1; len(lines[last]) == 0 || c.err != io.EOF {
		lines = lines[:last] // it is empty or cut
	}
	got := content{Samples: samples, Skipped: map[string]int{}, Noted: map[string]int{}}
	w := &worker[T]{parser: parser[T]{scope: scope{name: name, samples: samples, longest: genomics.MaxLine}, width: width(len(samples)), read: rows(samples)}}
	for i, whole := range lines[min(header.number, len(lines)):] {
		var p piece[T]
		line := bytes.TrimSuffix(whole, []byte("\n"))
		if err := w.parseLine(&p, line, header.number+i+1); err != nil {
			return got, err
		}
		for _, r := range p.remarks {
			if !r.passed {
				got.Noted[r.reason] += r.calls
				continue
			}
			if len(line) == len(whole) && r.reason == oddCall {
				return got, w.lineError(r.line, fmt.Errorf("the file ends within this line; copy it again (%s)", r.detail))
			}
			got.Skipped[r.reason]++
		}
		if len(line) == len(whole) {
			got.Noted[noLineEnd]++
		}
		for _, v := range p.records {
			got.Variants = append(got.Variants, variantRow{v, spell(p.rows, len(samples))})
		}
	}
	if c.err != io.EOF {
		return got, readError(name, len(lines), c.err)
	}
	return got, nil
}

// compareSequential compares a stream of pieces of a size with its twin, which
// have to yield the same up to the same error.
func compareSequential(t rapid.TB, data []byte, size int) {
	t.Helper()
	same := func(want content, wantErr error, got content, gotErr error) {
		t.Helper()
		if fmt.Sprint(wantErr) != fmt.Sprint(gotErr) {
			t.Fatalf("size %d: error\n%v, want\n%v", size, gotErr, wantErr)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("size %d: %s", size, diff)
		}
	}
	source := func() (*source, error) { return newSource(bytes.NewReader(data), "x.vcf", size) }

	want, wantErr := readSequentially(bytes.NewReader(data), func(samples []string) rowReader[byte] { return genotypes(samples, HalfError) },
		genomics.RowLen, spellGenotypes)
	s, gotErr := source()
	var got content
	if gotErr == nil {
		got, gotErr = read(newReader(s), nil)
	}
	same(want, wantErr, got, gotErr)

	for _, field := range []string{"DS", "GP"} {
		want, wantErr := readSequentially(bytes.NewReader(data), func(samples []string) rowReader[uint16] { return dosages(samples, field, HalfError) },
			func(samples int) int { return samples }, spellDosages)
		s, gotErr := source()
		var got content
		if gotErr == nil {
			r := newDosageReader(s, field)
			r.judge = nil // TestDosageTwins has it
			got, gotErr = readDosages(r, nil)
		}
		same(want, wantErr, got, gotErr)
	}
}

// randomFile returns a VCF of records of all kinds; some of them are bad.
func randomFile(r *rand.Rand) string {
	samples := 1 + r.IntN(20)
	var b strings.Builder
	for range r.IntN(4) {
		b.WriteString("##" + strings.Repeat("x", r.IntN(200)) + "\n")
	}
	b.WriteString("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT")
	for i := range samples {
		fmt.Fprintf(&b, "\ts%d", i)
	}
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	end := pick("\n", "\r\n")
	for range r.IntN(60) {
		format := pick("GT", "GT", "GT:DS", "DS", "GP", "GT:GP", "DP")
		fmt.Fprintf(&b, "%s%s\t%d\trs%d\t%s\t%s\t.\t.\t%s\t%s", end, pick("1", "chr2", "X"), r.IntN(1000), r.IntN(1000),
			pick("A", "AC"), pick("C", "G", "T", "T", "A,C", "<DEL>", "*", "."), strings.Repeat("i", r.IntN(100)*r.IntN(2)), format)
		for range samples {
			b.WriteByte('\t')
			for i, key := range strings.Split(format, ":") {
				if i > 0 {
					b.WriteByte(':')
				}
				switch key {
				case "GT":
					b.WriteString(pick("0/0", "0/0", "0/1", "0|1", "1/1", "1|0", "./.", ".", "1"))
				case "DS":
					b.WriteString(pick("0", "0.5", "1", "."))
				case "GP":
					b.WriteString(pick("0,1,0", "1,0,0", "."))
				default:
					b.WriteString("7")
				}
			}
		}
		if r.IntN(100) == 0 {
			b.WriteString(pick("/2", "x", "\t0/0", "\n"))
		}
	}
	b.WriteString(pick("", end, end))
	return b.String()
}

// pack compresses a text as one of the forms that are read, BGZF in blocks of
// random sizes.
func pack(t rapid.TB, r *rand.Rand, text string, form string) []byte {
	switch form {
	case "plain":
		return []byte(text)
	case "gzip":
		cut := r.IntN(len(text) + 1)
		return append(toGzip(t, text[:cut]), toGzip(t, text[cut:])...)
	}
	var buf bytes.Buffer
	z := biogo.NewWriter(&buf, 1)
	for most := 1 + r.IntN(2000); text != ""; {
		n := min(1+r.IntN(most), len(text))
		if _, err := io.WriteString(z, text[:n]); err != nil {
			t.Fatal(err)
		}
		if err := z.Flush(); err != nil {
			t.Fatal(err)
		}
		text = text[n:]
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// TestStreams compares streams of pieces of all sizes with their twin, of whole
// and of damaged files.
func TestStreams(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"plain", "gzip", "bgzf"} {
		t.Run(form, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
				data := pack(t, r, randomFile(r), form)
				// A hundred pieces at most, each of which is a goroutine.
				size := max(rapid.SampledFrom([]int{1, 30, 1000, 5000, pieceSize}).Draw(t, "size"), len(data)/100)
				compareSequential(t, data, size)
				compareSequential(t, data[:r.IntN(len(data))], size)
				data[r.IntN(len(data))] ^= 1 << r.IntN(8)
				compareSequential(t, data, size)
			})
		})
	}
}

// TestLinesLongerThanPieces reads lines that many pieces have a part of.
func TestLinesLongerThanPieces(t *testing.T) {
	t.Parallel()
	text := synthetic(20000, 12, "GT", "0/0", "0|1", "1/1", "./.", ".", "1")
	for _, size := range []int{1000, 50_000, 100_000, pieceSize} {
		compareSequential(t, []byte(text), size)
		compareSequential(t, toBGZF(t, text), size)
	}
}

// FuzzStream compares streams with their twin on any data.
func FuzzStream(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, form := range []string{"plain", "gzip", "bgzf"} {
		for range 4 {
			f.Add(pack(f, r, randomFile(r), form), 1+r.IntN(1000))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		compareSequential(t, data, min(max(size, 1+len(data)/100), pieceSize))
	})
}

// TestInputs reads a text from inputs that return few bytes, then an error. What
// is before the error is read.
func TestInputs(t *testing.T) {
	text := file("1 7 . A C . . . GT 0/0 0/1 1/1\n", "1 8 . A C . . . GT 0/0 0/1 1/1\n")
	want, err := readText(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"all": func(r io.Reader) io.Reader { return r }, "one byte": iotest.OneByteReader, "half": iotest.HalfReader, "error with data": iotest.DataErrReader,
	} {
		for _, size := range []int{1, 20, pieceSize} {
			broken := io.MultiReader(strings.NewReader(text+"1\t9\t."), iotest.ErrReader(iotest.ErrTimeout))
			s, err := newSource(wrap(broken), "x.vcf", size)
			if err != nil {
				t.Fatal(name, err)
			}
			got, err := read(newReader(s), nil)
			if err == nil || err.Error() != "x.vcf, after line 4: cannot read on: timeout" {
				t.Errorf("%s: %v", name, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(name, diff)
			}
		}
	}
}

// TestTooLong refuses lines that are longer than the bound, whether or not they end,
// and reads those of just that length, however the text is cut into pieces.
func TestTooLong(t *testing.T) {
	const longest = 500
	header := file()
	record := func(n int, end string) string {
		line := "1\t7\t.\tA\tC\t.\t.\tX=*\tGT\t0/0\t0/1\t1/1" + end
		return strings.Replace(line, "*", strings.Repeat("y", n-len(line)+1), 1)
	}
	const want = "x.vcf, line %d: longer than 268435456 bytes; is it a VCF file?"
	for _, size := range []int{1, 20, 499, 500, 501, pieceSize} {
		for _, end := range []string{"\n", "\r\n"} {
			for text, bad := range map[string]int{
				record(longest, end):                                    0,
				record(longest+1, end):                                  3,
				record(70, end) + record(longest+1, end):                4,
				record(70, end) + record(longest+1, end) + "no VCF":     4,
				record(longest, end) + strings.Repeat("y", longest-1):   -1,
				record(longest, end) + strings.Repeat("y", longest):     4,
				record(longest, end) + strings.Repeat("y", 100*longest): 4,
			} {
				for form, data := range map[string][]byte{"plain": []byte(header + text), "bgzf": toBGZF(t, header+text)} {
					s, err := newSource(bytes.NewReader(data), "x.vcf", size)
					if err != nil {
						t.Fatal(err)
					}
					s.longest = longest
					_, err = read(newReader(s), nil)
					switch {
					case bad == 0 && err != nil, bad < 0 && !strings.Contains(fmt.Sprint(err), "1 columns instead of"), bad > 0 && fmt.Sprint(err) != fmt.Sprintf(want, bad):
						t.Errorf("%s, size %d, %d bytes, line %d: %v", form, size, len(text), bad, err)
					}
				}
			}
		}
		for more := range 2 {
			line := "##" + strings.Repeat("x", longest-3+more) + "\n"
			lines := &headerLines{in: textInput{strings.NewReader(line + header), new(bufio.Reader)}, size: size, longest: longest}
			if _, _, err := readHeader("x.vcf", lines); more == 0 && err != nil || more == 1 && fmt.Sprint(err) != fmt.Sprintf(want, 1) {
				t.Errorf("header, size %d: %v", size, err)
			}
		}
	}
}

// TestPipe reads from a pipe what has been written, although more may come. A
// reader that waits for it is a deadlock that synctest reports.
func TestPipe(t *testing.T) {
	header := file()
	parts := [][]string{
		{"1 1 . A C . . . GT 0/0 0/1 1/1\n"},
		{"1 2 . A C . . . GT 0/0 0/1 1/1\n", "1 3 . A C . . . GT 0/0 0/1 1/1\n", "1 4 . A <X> . . . GT 0/0 0/1 1/1\n"},
		{"1 5 . A C . . . GT 0/0 0/1 1/1\n"},
	}
	for form, pack := range map[string]func(text string) []byte{
		"plain": func(text string) []byte { return []byte(text) },
		"bgzf": func(text string) []byte {
			data := toBGZF(t, text)
			return data[:len(data)-len(bgzf.EndMarker)]
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			out, in := io.Pipe()
			write := func(data []byte) {
				if _, err := in.Write(data); err != nil {
					t.Error(err)
				}
			}
			go write(pack(header))
			r, err := NewReader(out, "x.vcf")
			if err != nil {
				t.Fatal(err)
			}
			pos := 0
			for i, part := range parts {
				go write(pack(strings.TrimPrefix(file(part...), header)))
				for range []int{1, 2, 1}[i] {
					var v genomics.Variant
					if err := r.Next(&v, make(genomics.Row, 1)); err != nil {
						t.Fatal(form, err)
					}
					if v.Pos <= pos {
						t.Errorf("%s: position %d after %d", form, v.Pos, pos)
					}
					pos = v.Pos
				}
			}
			go func() {
				if form == "bgzf" {
					write([]byte(bgzf.EndMarker))
				}
				in.Close()
			}()
			if err := r.Next(new(genomics.Variant), make(genomics.Row, 1)); err != io.EOF || pos != 5 || r.Skipped()[genomics.SymbolicAlt] != 1 {
				t.Error(form, pos, err, r.Skipped())
			}
		})
	}
}

// TestGoroutinesEnd leaves readers at every record, at an error and at the end.
// Goroutines that do not end by themselves then are a panic of synctest.
func TestGoroutinesEnd(t *testing.T) {
	text := synthetic(100, 60, "GT", "0/0", "0|1", "1/1")
	for n := range 62 {
		for _, data := range [][]byte{[]byte(text), []byte(text[:len(text)-3]), toBGZF(t, text)} {
			synctest.Test(t, func(t *testing.T) {
				s, err := newSource(bytes.NewReader(data), "x.vcf", 1000)
				if err != nil {
					t.Fatal(err)
				}
				r := newReader(s)
				row := make(genomics.Row, genomics.RowLen(100))
				for range n {
					r.Next(new(genomics.Variant), row)
				}
				if n == 61 {
					return // after an error or the end no Close is needed
				}
				if err := r.Close(); err != nil {
					t.Error(err)
				}
				if err := r.Next(new(genomics.Variant), row); err == nil || err == io.EOF {
					t.Errorf("read after Close: %v", err)
				}
			})
		}
	}
}

// TestCloseWhileReading closes a reader whose input waits: the goroutine that
// reads it ends with the wait.
func TestCloseWhileReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, in := io.Pipe()
		go io.WriteString(in, file("1 7 . A C . . . GT 0/0 0/1 1/1\n"))
		s, err := newSource(out, "x.vcf", 20)
		if err != nil {
			t.Fatal(err)
		}
		r := newReader(s)
		if err := r.startStream(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		in.Close()
	})
}

// TestSkippedSoFar counts skipped records with those that are returned, although
// more are read.
func TestSkippedSoFar(t *testing.T) {
	var records []string
	for range 10 {
		records = append(records, "1 7 . A C . . . GT 0/0 0/1 1/1\n", "1 7 . A <X> . . . GT 0/0 0/1 1/1\n", "1 7 . A <Y> . . . GT 0/0 0/1 1/1\n")
	}
	r, err := NewReader(strings.NewReader(file(records...)), "x.vcf")
	if err != nil {
		t.Fatal(err)
	}
	row := make(genomics.Row, 1)
	for i := range 11 {
		if err := r.Next(new(genomics.Variant), row); (err == io.EOF) != (i == 10) {
			t.Fatal(err)
		}
		if n := r.Skipped()[genomics.SymbolicAlt]; n != 2*i {
			t.Errorf("%d skipped before record %d", n, i)
		}
	}
}

// checkAllocations reads n records, for which a reader may allocate one string
// each, the ID. The rest is memory of the pieces in flight.
func checkAllocations(t *testing.T, n int, next func() error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range n {
		if err := next(); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if got := int(after.Mallocs - before.Mallocs); got > n+n/2 {
		t.Errorf("%d allocations for %d records", got, n)
	}
}

// TestCutCallIsNotLeftOut: a file that ends within a call is an error, and not also a record
// that is counted as left out.
func TestCutCallIsNotLeftOut(t *testing.T) {
	text := strings.TrimSuffix(file("1 7 . A C . . . GT 0/0 0/1 1/1\n", "1 8 . A C . . . GT 0/0 0/1 1/\n"), "\n")
	s, err := newSource(strings.NewReader(text), "x.vcf", pieceSize)
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(newReader(s), nil)
	if err == nil || !strings.Contains(err.Error(), "the file ends within this line") {
		t.Error(err)
	}
	if len(got.Skipped) != 0 || len(got.Variants) != 1 {
		t.Errorf("%v, %d variants", got.Skipped, len(got.Variants))
	}
}
