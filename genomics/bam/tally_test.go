package bam

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// sitesFrom are sites one every 10 bases of chr1.
func sitesFrom(from, n int) string {
	var text strings.Builder
	text.WriteString(vcfHead)
	for i := range n {
		fmt.Fprintf(&text, "chr1\t%d\t.\tC\tT\t.\t.\t.\n", from+10*i)
	}
	return text.String()
}

// TestNothingUsable refuses samples none of whose reads counts at any of many sites, and
// warns where the sites are few. It says what the reads were.
func TestNothingUsable(t *testing.T) {
	t.Chdir(t.TempDir())
	const long = "@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:10000\n@SQ\tSN:chr2\tLN:500\n" + group
	good := manyReads(10, 40)
	each := func(change ...string) string { return strings.NewReplacer(change...).Replace(good) }
	for _, test := range []struct{ name, reads, want string }{
		{"mapping quality", each("\t60\t4M", "\t19\t4M"), "reads read: 40; usable: 0; mapping quality below --min-mq: 40"},
		{"duplicates", each("\t0\tchr1", "\t1024\tchr1"), "reads read: 40; usable: 0; secondary, supplementary, duplicate or failing: 40"},
		{"unmapped with a place", each("\t0\tchr1", "\t4\tchr1", "4M", "*"), "reads read: 40; usable: 0; unmapped: 40"},
		{"no qualities", each("IIII", "*"), "reads read: 40; usable: 0; without base qualities: 40"},
		{"no bases", each("ACGT\tIIII", "*\t*"), "reads read: 40; usable: 0; without bases or CIGAR: 40"},
		{"poor bases", each("IIII", "++++"), "reads read: 40; usable: 40"},
		{"on another contig", each("chr1", "chr2"), "reads read: 40; usable: 0; behind the sites or on contigs without any: 40"},
		{"between the sites", each("4M", "1M3I"), "reads read: 40; usable: 40"},
		{"all of it", "a\t0\tchr1\t5\t9\t4M\t*\t0\t0\tACGT\tIIII\n" + each("\t0\tchr1", "\t256\tchr1") + strings.Repeat(unplaced, 3),
			"reads read: 44; usable: 0; unmapped: 3; secondary, supplementary, duplicate or failing: 40; mapping quality below --min-mq: 1"},
	} {
		writeSAM(t, "a.bam", long+test.reads)
		check(t, os.Remove("a.bam.bai"))
		_, _, err := tryCallAll(t, sitesFrom(11, enoughSites), []string{"a.bam"}, usual)
		want := "a.bam: no read counts at any of 100 sites (" + test.want + "); leave the file out, or lower the bounds if they are why"
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v", test.name, err)
		}
		_, c := callAll(t, sitesFrom(11, enoughSites-1), []string{"a.bam"}, usual)
		if notes := scarcity(c); len(notes) != 1 || notes[0] != "1 of 1 samples have genotypes at less than a tenth of the sites: S1 (a.bam), for example, at 0 of 99. Of this file: "+test.want {
			t.Errorf("%s: %v", test.name, notes)
		}
	}
}

// TestNothingUsableAtFirst refuses a sample none of whose first reads counts, before it is
// read to its end.
func TestNothingUsableAtFirst(t *testing.T) {
	t.Chdir(t.TempDir())
	const long = "@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:100000\n" + group
	poor := strings.ReplaceAll(manyReads(10, 400), "\t60\t4M", "\t19\t4M")
	writeSAM(t, "a.bam", long+poor)
	check(t, os.Remove("a.bam.bai"))
	o := usual
	o.window, o.reads = enoughSites/2, 150
	_, _, err := tryCallAll(t, sitesFrom(11, 400), []string{"a.bam"}, o)
	var read int
	if err == nil || !strings.HasPrefix(err.Error(), "a.bam: none of its first reads counts (reads read: ") || !strings.HasSuffix(err.Error(), "; leave the file out, or lower the bounds if they are why") {
		t.Fatal(err)
	}
	if _, scanned := fmt.Sscanf(err.Error(), "a.bam: none of its first reads counts (reads read: %d;", &read); scanned != nil || read < 150 || read > 250 {
		t.Errorf("%d reads: %v", read, err)
	}

	// One that counts is enough.
	writeSAM(t, "a.bam", long+strings.Replace(poor, "\t19\t4M", "\t60\t4M", 1))
	if _, _, err := tryCallAll(t, sitesFrom(11, 400), []string{"a.bam"}, o); err != nil {
		t.Error(err)
	}
}

// TestScarce warns of samples with genotypes at less than a tenth of the sites.
func TestScarce(t *testing.T) {
	t.Chdir(t.TempDir())
	deep := func(n int) (text string) {
		for line := range strings.Lines(manyReads(10, n)) {
			text += strings.Repeat(line, 10)
		}
		return text
	}
	long := "@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:10000\n@RG\tID:a\tSM:"
	writeSAM(t, "a.bam", long+"A\n"+deep(10))
	writeSAM(t, "b.bam", long+"B\n"+deep(9))
	writeSAM(t, "c.bam", long+"C\n"+manyReads(10, 100)) // one read is not enough
	paths := []string{"a.bam", "b.bam", "c.bam"}
	_, c := callAll(t, sitesFrom(11, 100), paths, usual)
	want := "2 of 3 samples have genotypes at less than a tenth of the sites: B (b.bam), for example, at 9 of 100. Of this file: reads read: 90; usable: 90"
	if notes := scarcity(c); len(notes) != 1 || notes[0] != want {
		t.Error(notes)
	}
	_, c = callAll(t, sitesFrom(11, 90), paths[:2], usual)
	if notes := scarcity(c); len(notes) > 0 {
		t.Error(notes)
	}
}

// scarcity are the warnings of samples with few genotypes.
func scarcity(c *Caller) (texts []string) {
	for _, note := range c.Notes() {
		if note.Warning && strings.Contains(note.Text, "less than a tenth of the sites") {
			texts = append(texts, note.Text)
		}
	}
	return texts
}
