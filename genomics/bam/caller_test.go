package bam

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"genoveil/genomics"
	"genoveil/genomics/chrom"
	"genoveil/genomics/sites"
	"genoveil/genomics/vcf"
)

// TestEqualPositions calls sites that stand at the last base of a read, one a window:
// the read must reach all of them.
func TestEqualPositions(t *testing.T) {
	path := writeSAM(t, filepath.Join(t.TempDir(), "a.bam"), head+group+reads)
	text := vcfHead + strings.Repeat("chr1\t13\t.\tA\tT\t.\t.\t.\n", 4)
	o := Options{Threads: 1, window: 1}
	got, _ := callAll(t, text, []string{path}, o)
	compare(t, twinCalls(t, text, []string{path}, o), got)
	for _, s := range got {
		if s.Calls[0].Depth != 1 {
			t.Errorf("%+v", s)
		}
	}
}

// TestSource compares the three ways to have the calls: as they are, as the rows of
// a genomics.Source, and as a VCF.
func TestSource(t *testing.T) {
	paths := []string{"testdata/far.bam", writeSAM(t, filepath.Join(t.TempDir(), "b.bam"),
		"@HD\tVN:1.6\n@SQ\tSN:1\tLN:80000000\n@RG\tID:1\tSM:S2\n"+strings.Repeat("r\t0\t1\t4998\t60\t6M\t*\t0\t0\tACGTAC\tIIIIII\n", 5))}
	text := vcfHead + "1\t5000\trs1\tG\tC\t.\t.\tAF=0.5\n1\t5001\t.\tT\tC\t.\t.\t.\n2\t1048580\trs2\tA\tC\t.\t.\t.\n"
	want, _ := callAll(t, text, paths, usual)
	open := func() *Caller {
		sites, err := sites.NewReader(strings.NewReader(text), "panel.vcf")
		check(t, err)
		c, err := Open(t.Context(), sites, paths, usual)
		check(t, err)
		t.Cleanup(func() { check(t, c.Close()) })
		return c
	}
	var written bytes.Buffer
	check(t, WriteVCF(&written, open(), "##source=test"))
	r, err := vcf.NewReader(&written, "written")
	check(t, err)
	for _, source := range []genomics.Source{open(), r} {
		var v genomics.Variant
		row := genomics.Row{0xff}
		for i, s := range want {
			check(t, source.Next(&v, row))
			if v != s.Variant || row.At(0) != s.Calls[0].Genotype || row.At(1) != s.Calls[1].Genotype || row[0]>>4 != 0 {
				t.Errorf("site %d: %v %x, want %v", i, v, row, s)
			}
		}
		if err := source.Next(&v, row); err != io.EOF {
			t.Error(err)
		}
	}
}

// TestNothingToCall demands an error where no site is left, in place of no calls.
func TestNothingToCall(t *testing.T) {
	path := writeSAM(t, filepath.Join(t.TempDir(), "a.bam"), head+group+strings.Repeat("r1\t0\tchr1\t10\t60\t4M\t*\t0\t0\tACGT\tIIII\n", fewest))
	for _, test := range []struct {
		sites  string
		chroms []string
		want   string
	}{
		{site1 + site2, []string{"99", "chrX"}, "p.vcf: no site to call on chromosome 99, chrX (--chr); it has records on chr1, chr2; sites are biallelic SNVs, others are left out"},
		{site1, []string{"2"}, "p.vcf: no site to call on chromosome 2 (--chr); it has records on chr1; sites are biallelic SNVs, others are left out"},
		{"chr1\t11\t.\tC\tCT\t.\t.\t.\n", nil, "p.vcf: no site to call; sites are biallelic SNVs, others are left out"},
		{"", nil, "p.vcf: no site to call; sites are biallelic SNVs, others are left out"},
		{"chr1\t11\t.\tA\tT\t.\t.\t.\nchr3\t11\t.\tA\tT\t.\t.\t.\n", nil,
			"p.vcf: at 1 of 1 sites most reads show neither REF nor ALT; is the panel of the genome build that the reads are aligned to?"},
		{site1, []string{"1", "99"}, "EOF"},
	} {
		sites, err := sites.NewReader(strings.NewReader(vcfHead+test.sites), "p.vcf")
		check(t, err)
		if test.chroms != nil {
			only, err := chrom.Select(test.chroms)
			check(t, err)
			sites.Only(only)
		}
		c, err := Open(t.Context(), sites, []string{path}, usual)
		if err == nil {
			var v genomics.Variant
			for err == nil {
				err = c.Next(&v, make(genomics.Row, 1))
			}
			check(t, c.Close())
		}
		if err.Error() != test.want {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}

// TestQuietSites closes a caller, or ends its context, while the sites' pipe is quiet:
// both return, and the goroutine that reads ends with the pipe. One that waits is a
// deadlock, or lives on, which synctest reports.
func TestQuietSites(t *testing.T) {
	for _, interrupted := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			out, in := io.Pipe()
			go io.WriteString(in, vcfHead+"1\t5000\trs1\tG\tC\t.\t.\tAF=0.5\n")
			sites, err := sites.NewReader(out, "panel.vcf")
			check(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			c, err := Open(ctx, sites, []string{"testdata/far.bam"}, usual)
			check(t, err)
			synctest.Wait() // for a second site
			var v genomics.Variant
			row := make(genomics.Row, 1)
			if interrupted {
				cancel()
				if err := c.Next(&v, row); err != errStopped {
					t.Error(err)
				}
			}
			check(t, c.Close())
			if err := c.Next(&v, row); err != errClosed {
				t.Error(err)
			}
			cancel()
			in.Close()
		})
	}
}

// TestStop closes a caller before its end, and ends its context.
func TestStop(t *testing.T) {
	text := vcfHead + strings.Repeat("1\t5000\trs1\tG\tC\t.\t.\tAF=0.5\n", 50_000)
	open := func(ctx context.Context) *Caller {
		sites, err := sites.NewReader(strings.NewReader(text), "panel.vcf")
		check(t, err)
		c, err := Open(ctx, sites, []string{"testdata/far.bam"}, usual)
		check(t, err)
		return c
	}
	var v genomics.Variant
	row := make(genomics.Row, 1)
	c := open(t.Context())
	check(t, c.Next(&v, row))
	check(t, c.Close())
	check(t, c.Close())

	ctx, cancel := context.WithCancel(t.Context())
	c = open(ctx)
	check(t, c.Next(&v, row))
	cancel()
	var err error
	for err == nil {
		err = c.Next(&v, row)
	}
	if !errors.Is(err, errStopped) {
		t.Error(err)
	}
	check(t, c.Close())
}
