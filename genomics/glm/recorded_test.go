package glm

import (
	"bufio"
	"compress/gzip"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// Every third variant is compared with what PLINK 2 made of altered genotypes
// (testdata/README.md).
const recordedEvery = 3

// knockOut sets 3 % of the calls missing.
func knockOut(variant int, row dosageRow) dosageRow {
	random := rand.NewPCG(uint64(variant), 1)
	out := append(dosageRow(nil), row...)
	for i := range out {
		if random.Uint64()%100 < 3 {
			out[i] = -1
		}
	}
	return out
}

// impute makes dosages in thousandths from calls: each strays from its call
// towards a neighbour, mostly a little, and less for some variants than others.
func impute(variant int, row dosageRow) dosageRow {
	random := rand.NewPCG(uint64(variant), 2)
	quality := 1 + variant%5
	out := append(dosageRow(nil), row...)
	for i, g := range row {
		stray := int32(random.Uint64()%1000*(random.Uint64()%1000)/1000) / int32(quality)
		if random.Uint64()%2 == 0 && g == 1 || g == 2 {
			stray = -stray
		}
		if g >= 0 {
			out[i] = 1000*g + stray
		}
	}
	return out
}

// recorded reads testdata/NAME.tsv.gz: columns ID, OBS_CT of Z, Z_STAT, OBS_CT
// of T, T_STAT.
func recorded(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open("testdata/" + name + ".tsv.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		rows = append(rows, strings.Split(lines.Text(), "\t"))
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestRecordedPLINK(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		alter func(int, dosageRow) dosageRow
		steps int
	}{
		{"missing", knockOut, 1},
		{"dosage", impute, 1000},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := openHapmap(t)
			want := recorded(t, c.name)
			if n := (len(h.rows) + recordedEvery - 1) / recordedEvery; n != len(want) {
				t.Fatalf("%d rows recorded of %d variants", len(want), n)
			}
			_, logistic := h.logistic(t)
			_, linear := h.linear(t)
			for k, m := range []*Model{logistic, linear} {
				var got, expected []float64
				for i := 0; i < len(h.rows); i += recordedEvery {
					w := want[i/recordedEvery]
					r := testRow(t, m, c.alter(i, h.rows[i]), c.steps)
					if w[0] != h.variants[i].ID || r.Error != "" || float64(r.Samples) != number(t, w[1+2*k]) {
						t.Fatalf("%s: %d samples, error %q; PLINK has %v", h.variants[i].ID, r.Samples, r.Error, w)
					}
					got, expected = append(got, r.Z), append(expected, number(t, w[2+2*k]))
				}
				rms, most := differences(got, expected)
				if r := correlation(got, expected); !(r > 0.9999) {
					t.Errorf("%s: r = 1 − %.2g, rms Δ %.3g, largest %.3g", m.Kind, 1-r, rms, most)
				} else {
					t.Logf("%s: r = 1 − %.2g, rms Δ %.3g, largest %.3g", m.Kind, 1-r, rms, most)
				}
			}
		})
	}
}
