package bam

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	hts "github.com/biogo/hts/bam"
	"github.com/biogo/hts/sam"
	"github.com/google/go-cmp/cmp"

	"genoveil/genomics"
	"genoveil/genomics/bgzf"
	"genoveil/genomics/sites"
)

const (
	head    = "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:1000\n@SQ\tSN:chr2\tLN:500\n"
	group   = "@RG\tID:a\tSM:S1\n"
	reads   = "r1\t0\tchr1\t10\t60\t4M\t*\t0\t0\tACGT\tIIII\nr2\t0\tchr2\t10\t60\t4M\t*\t0\t0\tACGT\tIIII\n"
	vcfHead = "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
	site1   = "chr1\t11\t.\tC\tT\t.\t.\t.\n"
	site2   = "chr2\t11\t.\tC\tT\t.\t.\t.\n"
)

// writeSAM writes SAM text as a BAM file with one record in a block.
func writeSAM(t testing.TB, path, text string) string {
	t.Helper()
	r, err := sam.NewReader(strings.NewReader(text))
	check(t, err)
	var records []*sam.Record
	for strings.Contains(text, "\t*\t") {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		check(t, err)
		records = append(records, rec)
	}
	writeBlocks(t, path, r.Header(), records, 1)
	return path
}

// rawRecords replaces the records of a file, whose header is alone in its first
// block, by any bytes.
func rawRecords(t testing.TB, path, records string) {
	rewrite(t, path, func(b []byte) []byte {
		second := bytes.Index(b[1:], []byte("\x1f\x8b\x08\x04")) + 1
		return slices.Concat(b[:second], block([]byte(records)), []byte(bgzf.EndMarker))
	})
	check(t, os.Remove(path+".bai"))
}

// fixedPart is the beginning of a record of a size, with a read of so many bases.
func fixedPart(size, bases uint32) string {
	b := binary.LittleEndian.AppendUint32(nil, size)
	b = append(b, make([]byte, fixed-4)...)
	b[12] = 2 // the length of its name, with a zero
	binary.LittleEndian.PutUint32(b[20:], bases)
	return string(b)
}

func rewrite(t testing.TB, path string, change func([]byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(path)
	check(t, err)
	check(t, os.WriteFile(path, change(data), 0o666))
}

// TestRefusals demands a clear error for files that cannot be right.
func TestRefusals(t *testing.T) {
	shorten := func(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:len(b)-n] } }
	for _, test := range []struct {
		name   string
		sam    string // of a.bam; b.bam is a good one of another sample
		sites  string
		change func(t *testing.T, a string)
		want   string
	}{
		{"no read group", head + reads, site1, nil,
			"a.bam: no read group names the sample (@RG with SM); add one with samtools addreplacerg -r ID:1 -r SM:NAME"},
		{"two samples", head + group + "@RG\tID:b\tSM:S3\n@RG\tID:c\tSM:S1\n" + reads, site1, nil,
			"a.bam: its read groups name several samples (S1, S3); split it with samtools split"},
		{"one sample twice", head + "@RG\tID:a\tSM:S2\n" + reads, site1, nil,
			"a.bam and b.bam both have reads of sample S2; join them with samtools merge, or give each its own SM with samtools addreplacerg"},
		{"order in the header", strings.Replace(head, "coordinate", "queryname", 1) + group + reads, site1, nil,
			"a.bam is not sorted by position (its header says SO:queryname); sort it with samtools sort"},
		{"order of positions", head + group + "r1\t0\tchr1\t10\t60\t4M\t*\t0\t0\tACGT\tIIII\nr2\t0\tchr1\t9\t60\t4M\t*\t0\t0\tACGT\tIIII\n", site1, nil,
			"a.bam is not sorted by position: a read at chr1:9 comes after one at chr1:10; sort it with samtools sort"},
		{"order of contigs", head + group + "r1\t0\tchr2\t10\t60\t4M\t*\t0\t0\tACGT\tIIII\nr2\t0\tchr1\t9\t60\t4M\t*\t0\t0\tACGT\tIIII\n", site1,
			func(t *testing.T, a string) { check(t, os.Remove(a+".bai")) },
			"a.bam is not sorted by position: a read at chr1:9 comes after one at chr2:10; sort it with samtools sort"},
		{"CIGAR", head + group + reads, site1,
			func(t *testing.T, a string) {
				file, err := os.Open("b.bam")
				check(t, err)
				defer file.Close()
				r, err := hts.NewReader(file, 1)
				check(t, err)
				rec, err := r.Read()
				check(t, err)
				rec.Cigar[0]++ // to an insertion
				rec.Cigar = append(rec.Cigar, rec.Cigar[0])
				h, err := sam.NewHeader([]byte(head+group), nil)
				check(t, err)
				rec.Ref = h.Refs()[0]
				writeBlocks(t, a, h, []*sam.Record{rec}, 1)
			},
			"a.bam: near byte 197, a CIGAR does not fit its read; copy the file again, and check it with samtools view -c"},
		{"end", head + group + reads, site1,
			func(t *testing.T, a string) { rewrite(t, a, shorten(29)) },
			"a.bam: the file ends early (no BGZF end marker); copy it again, and check it with samtools quickcheck"},
		{"flipped bit", head + group + reads, site1,
			func(t *testing.T, a string) { rewrite(t, a, func(b []byte) []byte { b[220] ^= 1; return b }) },
			"a.bam: the BGZF block at byte 196 is damaged (wrong checksum); copy the file again, and check it with bgzip -t"},
		{"record", head + group + reads, site1,
			func(t *testing.T, a string) { rawRecords(t, a, fixedPart(35, 2)+"n\x00abc") },
			"a.bam: near byte 127, a record contradicts itself; copy the file again, and check it with samtools view -c"},
		// Where the file ends long before, only the fixed part was looked at.
		{"record that is small for its read", head + group + reads, site1,
			func(t *testing.T, a string) { rawRecords(t, a, fixedPart(1<<26, 1<<26)+"n\x00abc") },
			"a.bam: near byte 127, a record contradicts itself; copy the file again, and check it with samtools view -c"},
		{"record of 2 GB", head + group + reads, site1,
			func(t *testing.T, a string) { rawRecords(t, a, fixedPart(math.MaxInt32, 2)+"n\x00abc") },
			"a.bam: near byte 127, a record is larger than 64 MB; copy the file again, and check it with samtools view -c"},
		{"record of 4 GB", head + group + reads, site1,
			func(t *testing.T, a string) { rawRecords(t, a, fixedPart(math.MaxUint32, 2)+"n\x00abc") },
			"a.bam: near byte 127, a record contradicts itself; copy the file again, and check it with samtools view -c"},
		{"end of a record", head + group + reads, site1,
			func(t *testing.T, a string) { rawRecords(t, a, fixedPart(37, 2)+"n\x00ab") },
			"a.bam: near byte 226, the file ends within a record; copy the file again, and check it with samtools view -c"},
		{"CRAM", head + group + reads, site1,
			func(t *testing.T, a string) { check(t, os.WriteFile(a, []byte("CRAM\x03\x01"), 0o666)) },
			"a.bam is a CRAM file; send it through samtools view -u -T REFERENCE.fa a.bam, and give - or <(…) in its place"},
		{"SAM", head + group + reads, site1,
			func(t *testing.T, a string) { check(t, os.WriteFile(a, []byte(head), 0o666)) },
			"a.bam is a SAM file; convert it with samtools sort -o FILE.bam a.bam"},
		{"text", head + group + reads, site1,
			func(t *testing.T, a string) { check(t, os.WriteFile(a, []byte("hello"), 0o666)) },
			"a.bam is not a BAM file"},
		{"folder", head + group + reads, site1,
			func(t *testing.T, a string) { check(t, os.Remove(a)); check(t, os.Mkdir(a, 0o777)) },
			"a.bam is not a file"},
		{"no file", head + group + reads, site1,
			func(t *testing.T, a string) { check(t, os.Remove(a)) },
			"open a.bam: no such file or directory"},
		{"damaged index", head + group + reads, site1,
			func(t *testing.T, a string) { rewrite(t, a+".bai", shorten(110)) },
			"a.bam.bai: the index is damaged or belongs to a different file (unexpected EOF); make it again with samtools index"},
		{"no index inside", head + group + reads, site1,
			func(t *testing.T, a string) { check(t, os.WriteFile(a+".bai", []byte("BAM\x01 and so on"), 0o666)) },
			"a.bam.bai: the index is damaged or belongs to a different file (it does not begin as an index); make it again with samtools index"},
		{"index of fewer contigs", "@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:1000\n" + group + "r1\t0\tchr1\t10\t60\t4M\t*\t0\t0\tACGT\tIIII\n", site1,
			func(t *testing.T, a string) {
				data, err := os.ReadFile("b.bam.bai")
				check(t, err)
				check(t, os.WriteFile(a+".bai", data, 0o666))
			},
			"a.bam.bai: the index is damaged or belongs to a different file (it has 2 contigs, the BAM file 1); make it again with samtools index"},
		{"no way back", head + group + reads, site2 + site1,
			func(t *testing.T, a string) { check(t, os.Remove(a+".bai")) },
			"a.bam: the panel has chr1 after chr2, the file before it, and there is no index to go back; make one with samtools index a.bam"},
		{"another build", strings.Replace(head, "LN:500", "LN:501", 1) + group + reads, site1, nil,
			"contig chr2 has 501 bases in a.bam, but 500 in b.bam: they are of different builds of the genome"},
		{"another build than the panel's", head + group + reads, "contig" + site1, nil,
			"contig chr1 has 1001 bases in p.vcf, but 1000 in a.bam: they are of different builds of the genome"},
		{"beyond the end", head + group + reads, "chr1\t1001\t.\tC\tT\t.\t.\t.\n", nil,
			"p.vcf, line 3: position chr1:1001 is beyond the end of the contig, which has 1000 bases in the BAM files"},
		{"strange contigs", head + group + reads, "I\t11\t.\tC\tT\t.\t.\t.\nII\t11\t.\tC\tT\t.\t.\t.\n", nil,
			"p.vcf: no site is on a contig of the BAM files; the last is on II, and a.bam has for example chr1, chr2"},
		{"one contig twice", head + group + reads, site1 + "1\t11\t.\tC\tT\t.\t.\t.\n", nil,
			"p.vcf has the contigs chr1 and 1, and both are chr1 in a.bam; rename one with bcftools annotate --rename-chrs"},
		{"bad panel", head + group + reads, site1 + "chr1\t10\t.\tC\tT\t.\t.\t.\n", nil,
			"p.vcf, line 4: position chr1:10 after 11; sort the panel with bcftools sort"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			writeSAM(t, "b.bam", head+strings.Replace(group, "S1", "S2", 1)+reads)
			writeSAM(t, "a.bam", test.sam)
			if test.change != nil {
				test.change(t, "a.bam")
			}
			text := vcfHead + test.sites
			if strings.HasPrefix(test.sites, "contig") {
				text = strings.Replace(vcfHead, "\n", "\n##contig=<ID=chr1,length=1001>\n", 1) + site1
			}
			if test.name == "another build" {
				text += site2
			}
			sites, err := sites.NewReader(strings.NewReader(text), "p.vcf")
			check(t, err)
			c, err := Open(t.Context(), sites, []string{"a.bam", "b.bam"}, usual)
			if err == nil {
				defer c.Close()
				var v genomics.Variant
				row := make(genomics.Row, 1)
				for err == nil {
					err = c.Next(&v, row)
				}
				if again := c.Next(&v, row); again != err {
					t.Errorf("then %v", again)
				}
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestNotes demands that what is odd is said, and does not stop the calling.
func TestNotes(t *testing.T) {
	t.Chdir(t.TempDir())
	deep := strings.Repeat("d\t0\t1\t10\t60\t4M\t*\t0\t0\tACGT\tIIII\n", maxDepth+3)
	writeSAM(t, "a.bam", "@HD\tVN:1.6\n@SQ\tSN:1\tLN:1000\n@SQ\tSN:3\tLN:50\n"+group+deep+
		"q\t0\t1\t10\t60\t4M\t*\t0\t0\tACGT\t*\nc\t0\t1\t10\t60\t4S1000N\t*\t0\t0\tACGT\tIIII\n")
	writeSAM(t, "b.bam", "@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:1000\n@RG\tID:a\tSM:S2\n"+strings.ReplaceAll(reads[:strings.Index(reads, "r2")], "chr2", "chr1"))
	check(t, os.Remove("b.bam.bai"))
	past := time.Now().Add(-time.Hour)
	check(t, os.Chtimes("a.bam.bai", past, past))
	got, c := callAll(t, vcfHead+site1+"chr3\t11\t.\tC\tT\t.\t.\t.\nchrX\t11\t.\tC\tT\t.\t.\t.\n", []string{"a.bam", "b.bam"}, usual)
	if len(got) != 2 || got[0].Calls[0].Depth != maxDepth || got[0].Calls[1].Depth != 1 || got[1].Calls[1] != (Call{Genotype: genomics.Missing, GQ: got[1].Calls[1].GQ}) {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff(map[string]int{noContig: 1}, c.Skipped()); diff != "" {
		t.Error(diff)
	}
	want := []genomics.Note{
		{Text: "contigs with different names in the BAM files and the panel, which were matched: 2 (chr1 is 1, for example)", Warning: false},
		{Text: "contig chr3 is not in 1 of 2 BAM files (b.bam, for example): their calls are missing there", Warning: true},
		{Text: "1 of 2 indexes are older than their BAM files (a.bam.bai, for example): if they belong to different files, calls can be missing; make them again with samtools index", Warning: true},
		{Text: "1 of 2 samples have genotypes at less than a tenth of the sites: S2 (b.bam), for example, at 0 of 2. Of this file: reads read: 1; usable: 1", Warning: true},
		{Text: "reads without base qualities were left out: 1", Warning: true},
		{Text: "reads with more than 65,535 CIGAR operations were left out: 1", Warning: true},
		{Text: "sites are deeper than 8000 reads; bases or whole reads beyond that were left out: 3", Warning: true},
		{Text: "1 of 2 BAM files have no index (b.bam, for example) and were read from beginning to end", Warning: false},
	}
	notes := c.Notes()
	if diff := cmp.Diff(want, notes[:len(notes)-1]); diff != "" {
		t.Error(diff)
	}
	if last := notes[len(notes)-1].Text; !strings.HasPrefix(last, "read ") || !strings.HasSuffix(last, " % of the BAM files (in one pass, as the sites are too dense for jumps to gain anything)") {
		t.Error(last)
	}
}

// TestOddAlleles leaves out sites whose alleles the reads do not show, and refuses
// a file of sites that has many of them.
func TestOddAlleles(t *testing.T) {
	const n = 250
	var text, good, swapped strings.Builder
	text.WriteString("@HD\tVN:1.6\n@SQ\tSN:1\tLN:100000\n" + group)
	for i := range n {
		for range 6 {
			pos := 100 + 10*i
			text.WriteString(strings.Join([]string{"r\t0\t1", itoa(pos), "60\t4M\t*\t0\t0\tACGT\tIIII\n"}, "\t"))
		}
		good.WriteString("1\t" + itoa(101+10*i) + "\t.\tC\tT\t.\t.\t.\n")
		alleles := "C\tA"
		if i%9 == 0 {
			alleles = "A\tG"
		}
		swapped.WriteString("1\t" + itoa(101+10*i) + "\t.\t" + alleles + "\t.\t.\t.\n")
	}
	path := writeSAM(t, filepath.Join(t.TempDir(), "a.bam"), text.String())
	lines := strings.SplitAfter(good.String(), "\n")
	lines[7] = strings.Replace(lines[7], "C\tT", "A\tG", 1)
	got, c := callAll(t, vcfHead+strings.Join(lines, ""), []string{path}, usual)
	if len(got) != n-1 || c.Skipped()[oddAlleles] != 1 {
		t.Errorf("%d sites, skipped %v", len(got), c.Skipped())
	}
	_, _, err := tryCallAll(t, vcfHead+swapped.String(), []string{path}, usual)
	const want = "panel.vcf: at 28 of 250 sites most reads show neither REF nor ALT; is the panel of the genome build that the reads are aligned to?"
	if err == nil || err.Error() != want {
		t.Error(err)
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
