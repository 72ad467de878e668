package bam

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestQualityScale refuses files all of whose qualities are implausibly high, and takes
// those whose qualities are only good.
func TestQualityScale(t *testing.T) {
	t.Chdir(t.TempDir())
	const long = "@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:100000\n" + group
	// withQualities are reads whose qualities are taken from a list in turn.
	withQualities := func(n int, qualities ...byte) string {
		var text strings.Builder
		for i := range n {
			letters := make([]byte, 4)
			for k := range letters {
				letters[k] = 33 + qualities[(4*i+k)%len(qualities)]
			}
			fmt.Fprintf(&text, "r%d\t0\tchr1\t%d\t60\t4M\t*\t0\t0\tACGT\t%s\n", i, 10+10*i, letters)
		}
		return text.String()
	}
	shifted := func(qualities ...byte) []byte {
		for i := range qualities {
			qualities[i] += 31
		}
		return qualities
	}
	for _, test := range []struct {
		name      string
		reads     int
		qualities []byte
		old       bool
	}{
		{"Illumina 1.3", 120, shifted(40, 38, 30, 20, 12, 5, 0), true},
		{"Illumina 1.5", 120, shifted(40, 40, 39, 33, 2, 2), true},
		{"Solexa", 120, shifted(40, 35, 10, 251 /* -5 */), true},
		{"good reads of Illumina 1.3", 120, shifted(40, 38, 36, 29), true},
		{"enough reads", scaleReads, shifted(40, 20), true},
		{"Sanger", 120, []byte{40, 38, 30, 20, 12, 5, 2}, false},
		{"NovaSeq", 120, []byte{37, 37, 23, 12, 2}, false},
		{"good reads", 120, []byte{41, 40, 38, 36, 33}, false},
		{"one quality", 120, []byte{40}, false},
		{"consensus", 120, []byte{90, 85, 70, 2}, false},
		{"PacBio HiFi", 120, []byte{93, 93, 80, 50, 17}, false},
		{"PacBio HiFi without errors", 120, []byte{93}, false},
	} {
		writeSAM(t, "a.bam", long+withQualities(test.reads, test.qualities...))
		for _, indexed := range []bool{true, false} {
			if !indexed {
				check(t, os.Remove("a.bam.bai"))
			}
			_, c, err := tryCallAll(t, sitesFrom(11, 150), []string{"a.bam"}, usual)
			want := ""
			if test.old {
				want = fmt.Sprintf("a.bam: the base qualities of 100 reads are all from %d to %d; they seem to be on the scale of Solexa and Illumina before 1.8 (Phred+64); put them right with gatk FixMisencodedBaseQualityReads -I a.bam -O NEW.bam",
					slices.Min(test.qualities), slices.Max(test.qualities))
			}
			if err == nil && want != "" || err != nil && err.Error() != want {
				t.Errorf("%s: %v", test.name, err)
			}
			if err == nil && scaleWarnings(c) > 0 {
				t.Errorf("%s: %v", test.name, c.Notes())
			}
		}
	}
	// Too few reads to be sure.
	for n, want := range map[int]int{1: 1, scaleReads - 1: 1} {
		writeSAM(t, "a.bam", long+withQualities(n, shifted(40, 20)...))
		_, c := callAll(t, sitesFrom(11, 150), []string{"a.bam"}, usual)
		if got := scaleWarnings(c); got != want {
			t.Errorf("%d reads: %v", n, c.Notes())
		}
	}
	// One low quality among very many reads, and then only high ones.
	writeSAM(t, "a.bam", long+withQualities(1, 2)+strings.ReplaceAll(withQualities(300, shifted(40, 20)...), "r0", "s0"))
	_, c := callAll(t, sitesFrom(11, 150), []string{"a.bam"}, usual)
	if scaleWarnings(c) > 0 {
		t.Error(c.Notes())
	}
}

func scaleWarnings(c *Caller) (n int) {
	for _, note := range c.Notes() {
		if note.Warning && strings.Contains(note.Text, "too high by 31") {
			n++
		}
	}
	return n
}
