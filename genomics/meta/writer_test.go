package meta

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"genoveil/genomics/pvalue"
)

// tableOf writes the totals of a list's variants to which the same two sites contribute.
func tableOf(t *testing.T, s *Study, newWriter func(io.Writer) (*Writer, error)) (table string, omitted int) {
	t.Helper()
	variants := []Variant{
		{"rs1", "1", 100, 200, "A", "G", 0.25},
		{"1:300:AT:A", "X", 0, 300, "AT", "A", math.NaN()},
		{"rs3", "GL000001", 5, 400, "C", "T", 0.5},
	}
	var b bytes.Buffer
	w, err := newWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range variants {
		sum := make([]uint64, len(s.Words()))
		for site := range 2 {
			words := make([]uint64, len(sum))
			e := Estimate{Beta: 0.25 * float64(i+1+site), SE: 0.125, AF: 0.25, N: 600, Cases: int32(200 * site), Info: float32(1 - 0.5*float64(site)), Present: true}
			if i == 1 {
				e.Info = float32(math.NaN())
				e.Beta *= 20
			}
			e.LogP = pvalue.Normal(e.Beta / e.SE)
			if err := s.Encode(words, &e, v.AF, 1); err != nil {
				t.Fatal(err)
			}
			for k := range sum {
				sum[k] += words[k]
			}
		}
		total, err := s.Decode(sum, v.AF)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(&Row{v, total, s.Result(&total)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.Omitted()
}

// TestWriters has P, also of z = √20000, as R has them: pnorm with log.p = TRUE, and pchisq.
func TestWriters(t *testing.T) {
	whole := &Study{Contributors: 2, N: 1200, Heterogeneity: true, FrequencySE: true, Tau: true}
	bySize := &Study{Scheme: SampleSize, Contributors: 2, N: 1200}
	core := &Study{Contributors: 2, N: 1200, Core: true}
	for _, test := range []struct {
		name    string
		study   *Study
		writer  func(w io.Writer, s *Study) (*Writer, error)
		want    []string
		omitted int
	}{
		{"METAL", whole, NewMETALWriter, []string{
			"MarkerName Allele1 Allele2 Freq1 FreqSE Effect StdErr P-value HetISq HetChiSq HetDf HetPVal Tau2 N Cases Sites",
			"rs1 g a 0.2500 0.0000 0.3750 0.0884 2.209e-05 50.0 2.000 1 0.1573 0.015625 1200 200 2",
			"1:300:AT:A a at 0.2500 0.0000 12.5000 0.0884 6.406e-4346 99.9 800.000 1 5.396e-176 12.4844 1200 200 2",
			"rs3 t c 0.2500 0.0000 0.8750 0.0884 4.184e-23 50.0 2.000 1 0.1573 0.015625 1200 200 2",
		}, 0},
		{"METAL, by sample size", bySize, NewMETALWriter, []string{
			"MarkerName Allele1 Allele2 Freq1 Weight Zscore P-value N Cases Sites",
			"rs1 g a 0.2500 1200.00 4.243 2.209e-05 1200 200 2",
			"1:300:AT:A a at 0.2500 1200.00 141.421 6.406e-4346 1200 200 2",
			"rs3 t c 0.2500 1200.00 9.899 4.184e-23 1200 200 2",
		}, 0},
		{"METAL, core", core, NewMETALWriter, []string{
			"MarkerName Allele1 Allele2 Effect StdErr P-value N",
			"rs1 g a 0.3750 0.0884 2.209e-05 1200",
			"1:300:AT:A a at 12.5000 0.0884 6.406e-4346 1200",
			"rs3 t c 0.8750 0.0884 4.184e-23 1200",
		}, 0},
		{"LDSC", whole, NewLDSCWriter, []string{
			"RSID A1 A2 BETA SE P N NEFF FRQ INFO NSTUDY",
			"rs1 G A 0.375 0.0883883 2.20905e-05 1200 1133 0.25 0.75 2",
			"1:300:AT:A A AT 12.5 0.0883883 6.40596e-4346 1200 1133 0.25 NA 2",
			"rs3 T C 0.875 0.0883883 4.18383e-23 1200 1133 0.25 0.75 2",
		}, 0},
		{"LDSC, by sample size", bySize, NewLDSCWriter, []string{
			"RSID A1 A2 Z P N NEFF FRQ INFO NSTUDY",
			"rs1 G A 4.24264 2.20905e-05 1200 1133 0.25 0.75 2",
			"1:300:AT:A A AT 141.421 6.40596e-4346 1200 1133 0.25 NA 2",
			"rs3 T C 9.89949 4.18383e-23 1200 1133 0.25 0.75 2",
		}, 0},
		{"GWAS-SSF", whole, func(w io.Writer, s *Study) (*Writer, error) { return NewSSFWriter(w, s, GRCh38) }, []string{
			"chromosome base_pair_location effect_allele other_allele beta standard_error effect_allele_frequency p_value variant_id rsid ref_allele n info n_studies",
			"1 200 G A 0.375 0.0883883 0.25 2.20905e-05 1_200_A_G rs1 OA 1200 0.75 2",
			"23 300 A AT 12.5 0.0883883 0.25 6.40596e-4346 23_300_AT_A #NA OA 1200 #NA 2",
		}, 1},
		{"GWAS-SSF on GRCh37", whole, func(w io.Writer, s *Study) (*Writer, error) { return NewSSFWriter(w, s, GRCh37) }, []string{
			"chromosome base_pair_location effect_allele other_allele beta standard_error effect_allele_frequency p_value variant_id rsid ref_allele n info n_studies",
			"1 100 G A 0.375 0.0883883 0.25 2.20905e-05 1_100_A_G rs1 OA 1200 0.75 2",
		}, 2},
	} {
		got, omitted := tableOf(t, test.study, func(w io.Writer) (*Writer, error) { return test.writer(w, test.study) })
		want := strings.ReplaceAll(strings.Join(test.want, "\n")+"\n", " ", "\t")
		if diff := cmp.Diff(want, got); diff != "" || omitted != test.omitted {
			t.Errorf("%s, %d omitted: %s", test.name, omitted, diff)
		}
	}
	for _, s := range []*Study{bySize, core} {
		if _, err := NewSSFWriter(io.Discard, s, GRCh38); err == nil {
			t.Error("GWAS-SSF without effects and frequencies")
		}
	}
}

// A full disk is an error.
func TestWriterFails(t *testing.T) {
	w, err := NewMETALWriter(full{}, &Study{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err == nil {
		t.Error("no error")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }
