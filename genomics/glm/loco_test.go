package glm

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"genoveil/genomics"
	"genoveil/genomics/text"
)

func TestLoco(t *testing.T) {
	samples := []string{"a", "b_c", "d", "e"}
	for name, text := range map[string]string{
		"family 0":        "FID_IID 0_a 0_b_c 0_d\n1 0.5 -1e-3 NA\n23 1 2 3\n",
		"doubled":         "FID_IID a_a b_c_b_c d_d \n1 0.5 -1e-3 NA \n23 1 2 3 \n",
		"plain":           "FID_IID a b_c d\n1 0.5 -1e-3 NA\n23 1 2 3\n",
		"families":        "FID_IID f_1_a f_b_c g_d\n1 0.5 -1e-3 NA\n23 1 2 3\n",
		"others, order":   "FID_IID 0_d x_y 0_b_c 0_z 0_a\n1 NA 7 -1e-3 8 0.5\n23 3 7 2 8 1\n",
		"tabs, CRLF":      "FID_IID\t0_a\t0_b_c\t0_d\r\n1\t0.5\t-1e-3\tNA\r\n23\t1\t2\t3\r\n",
		"no last newline": "FID_IID 0_a 0_b_c 0_d\n1 0.5 -1e-3 NA\n23 1 2 3",
	} {
		t.Run(name, func(t *testing.T) {
			l, err := readLoco(linesOf("y.loco", text), samples)
			if err != nil {
				t.Fatal(err)
			}
			for chromosome, want := range map[string][]float64{
				"1": {0.5, -1e-3, math.NaN(), math.NaN()}, "chr1": {0.5, -1e-3, math.NaN(), math.NaN()},
				"X": {1, 2, 3, math.NaN()}, "PAR1": {1, 2, 3, math.NaN()},
			} {
				got, err := l.Offset(chromosome)
				if err != nil || !slices.EqualFunc(got, want, func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }) {
					t.Errorf("chromosome %s: %v, error %v", chromosome, got, err)
				}
			}
			for _, chromosome := range []string{"2", "Y", "", "GL1"} {
				if _, err := l.Offset(chromosome); err == nil || !strings.HasPrefix(err.Error(), "y.loco has no prediction for chromosome "+chromosome+";") {
					t.Errorf("chromosome %s: error %v", chromosome, err)
				}
			}
		})
	}
}

func TestLocoErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "y.loco, line 1: no header"},
		{"blank", "\n1 2\n", "y.loco, line 1: no header"},
		{"other header", "#FID IID a\n", `y.loco, line 1: begins with "#FID"`},
		{"header only", "FID_IID 0_a 0_b\n", "y.loco: no chromosome follows the header"},
		{"nobody", "FID_IID 0_x 0_y\n1 2 3\n", "y.loco, line 1: none of the 3 samples of the cohort is among the 2 of the file"},
		{"twice", "FID_IID 0_a 1_a\n1 2 3\n", `y.loco, line 1: "0_a" and "1_a" are both sample "a"`},
		{"ambiguous", "FID_IID f_b_a\n1 2\n", `y.loco, line 1: "f_b_a" ends like several samples' names`},
		{"fields", "FID_IID 0_a\n1 2\n2 3 4\n", "y.loco, line 3: 3 fields where the header has 2"},
		{"chromosome", "FID_IID 0_a\nY 2\n", `y.loco, line 2: begins with "Y", which is not a chromosome number`},
		{"too large", "FID_IID 0_b_c 0_a\n1 1e100 -1e300\n", `y.loco, line 2: the prediction of "0_a" for chromosome 1 is "-1e300", which no trait has (more than 1e+100); run REGENIE's step 1 again`},
		{"chromosome twice", "FID_IID 0_a\n1 2\n1 3\n", "y.loco, line 3: chromosome 1 occurs twice"},
		{"text", "FID_IID 0_a 0_b\n1 2 x\n", `y.loco, line 2: "x" is not a number (chromosome 1, field 3)`},
		{"infinite", "FID_IID 0_a 0_b\n1 inf 2\n", `y.loco, line 2: "inf" is not a number (chromosome 1, field 2)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := readLoco(linesOf("y.loco", c.text), []string{"a", "b", "b_a"})
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestReadLocoFile(t *testing.T) {
	text := []byte("FID_IID 0_a\n1 2\n")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(text)
	z.Close()
	path := filepath.Join(t.TempDir(), "y.loco")
	for name, content := range map[string][]byte{"plain": text, "gzip": packed.Bytes()} {
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		l, err := ReadLoco(path, []string{"a"})
		if err != nil {
			t.Fatal(name, err)
		}
		if got, err := l.Offset("1"); err != nil || got[0] != 2 {
			t.Errorf("%s: %v, error %v", name, got, err)
		}
	}
	if err := os.WriteFile(path, packed.Bytes()[:packed.Len()-9], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadLoco(path, []string{"a"}); err == nil || !strings.HasPrefix(err.Error(), path) {
		t.Errorf("cut gzip: error %v", err)
	}
	if _, err := ReadLoco(path+"x", []string{"a"}); err == nil {
		t.Error("no error for a missing file")
	}
}

func FuzzLoco(f *testing.F) {
	for _, seed := range []string{
		"", "FID_IID 0_a 0_b\n1 0.5 NA\n", "FID_IID a_a b_b\r\nX 1 2\r\n", "FID_IID b_a\n1 1\n1 2\n", "FID_IID 0_a\n1 1e999\n", "FID_IID _a_\n\n",
	} {
		f.Add(seed)
	}
	samples := []string{"a", "b", "b_a"}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := readLoco(linesOf("y.loco", text), samples)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "y.loco") {
				t.Errorf("error %v does not name the file", err)
			}
			return
		}
		known := 0
		for _, row := range l.predictions {
			if len(row) != len(samples) {
				t.Fatalf("%d predictions", len(row))
			}
			for _, v := range row {
				if math.IsInf(v, 0) {
					t.Fatal("infinite")
				}
				if !math.IsNaN(v) {
					known++
				}
			}
		}
		if numbers := strings.Fields(text); known > len(numbers) {
			t.Errorf("%d predictions from %d fields", known, len(numbers))
		}
	})
}

func TestLocoChromosome(t *testing.T) {
	for name, want := range map[string]int{
		"1": 1, "chr22": 22, "X": 23, "chrX": 23, "23": 23, "PAR1": 23, "XY": 23, "25": 23,
		"Y": 0, "24": 0, "MT": 0, "26": 0, "0": 0, "27": 0, "GL000192.1": 0, "": 0,
	} {
		if got := locoChromosome(name); got != want {
			t.Errorf("%q: %d, want %d", name, got, want)
		}
	}
}

func linesOf(name, content string) *text.Lines {
	return text.NewLines(name, strings.NewReader(content), genomics.MaxLine, locoKind)
}
