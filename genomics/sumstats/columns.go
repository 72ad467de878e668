package sumstats

import (
	"slices"
	"strings"
)

// Columns are the names of a table's columns. An empty name stands for a column that the
// table does not have. Effect, and Beta or OddsRatio, must be there, and a way to a
// standard error or to P.
type Columns struct {
	Chrom, Pos, ID string

	Effect, Other string // alleles

	Beta      string
	OddsRatio string // or a hazard ratio: Beta is its logarithm
	SE        string // of Beta, also where the table has OddsRatio
	Stat      string // Beta ÷ SE, where there is no SE
	Lower     string // limits of the 95 % confidence interval, where there is neither
	Upper     string

	P     string
	LogP  string // −log10 P
	LogP0 string // log10 P, as METAL writes it with LOGPVALUE ON

	N, Cases, Controls string
	EAF                string
	EAFCases           string // frequencies where there is none of all samples
	EAFControls        string
	Info               string
}

// A layout is the form in which a program writes its tables.
type layout struct {
	program string
	columns Columns
	needs   []string // names that tell it from others
	test    string   // a column that names the test, of which ADD is read
	fail    string   // a column that says that a test failed
	ref     string   // columns of REF and ALT where the effect allele is either
	alt     string
	special func(r *Reader, row *Row) string // reads what has no column; it returns a reason
}

// layouts are those of the programs, each before those whose names it contains.
var layouts = []layout{
	{
		program: "REGENIE --htp",
		needs:   []string{"Name", "Chr", "Pos", "Ref", "Alt", "Model", "Effect", "LCI_Effect", "UCI_Effect", "Pval", "AAF", "Num_Cases", "Num_Controls", "Info"},
		columns: Columns{
			Chrom: "Chr", Pos: "Pos", ID: "Name", Effect: "Alt", Other: "Ref",
			Beta: "Effect", Lower: "LCI_Effect", Upper: "UCI_Effect", P: "Pval",
			Cases: "Num_Cases", Controls: "Num_Controls", EAF: "AAF",
		},
		test: "Model", special: (*Reader).htp,
	},
	{
		program: "REGENIE",
		needs:   []string{"CHROM", "GENPOS", "ID", "ALLELE0", "ALLELE1", "A1FREQ", "BETA", "SE", "LOG10P"},
		columns: Columns{
			Chrom: "CHROM", Pos: "GENPOS", ID: "ID", Effect: "ALLELE1", Other: "ALLELE0",
			Beta: "BETA", SE: "SE", LogP: "LOG10P",
			N: "N", Cases: "N_CASES", Controls: "N_CONTROLS", EAF: "A1FREQ", Info: "INFO",
		},
		test: "TEST", fail: "EXTRA",
	},
	{
		program: "SAIGE",
		needs:   []string{"CHR", "POS", "Allele1", "Allele2", "AF_Allele2", "BETA", "SE", "p.value"},
		columns: Columns{
			Chrom: "CHR", Pos: "POS", ID: "MarkerID", Effect: "Allele2", Other: "Allele1",
			Beta: "BETA", SE: "SE", P: "p.value",
			N: "N", Cases: "N_case", Controls: "N_ctrl", EAF: "AF_Allele2", Info: "imputationInfo",
		},
	},
	{
		program: "PLINK 2",
		needs:   []string{"#CHROM", "POS", "ID", "REF", "ALT", "A1", "OBS_CT"},
		columns: Columns{
			Chrom: "#CHROM", Pos: "POS", ID: "ID", Effect: "A1", Other: "OMITTED",
			Beta: "BETA", OddsRatio: "OR", SE: "SE|LOG(OR)_SE", Stat: "T_STAT|Z_STAT", Lower: "L95", Upper: "U95",
			P: "P", LogP: "NEG_LOG10_P|LOG10_P", N: "OBS_CT", EAF: "A1_FREQ", Info: "MACH_R2",
		},
		test: "TEST", fail: "ERRCODE", ref: "REF", alt: "ALT",
	},
	{
		program: "PLINK 1.9 --linear or --logistic",
		needs:   []string{"CHR", "SNP", "BP", "A1", "TEST", "NMISS", "STAT", "P"},
		columns: Columns{
			Chrom: "CHR", Pos: "BP", ID: "SNP", Effect: "A1",
			Beta: "BETA", OddsRatio: "OR", SE: "SE", Stat: "STAT", P: "P", N: "NMISS",
		},
		test: "TEST",
	},
	{
		program: "PLINK 1.9 --assoc",
		needs:   []string{"CHR", "SNP", "BP", "A1", "F_A", "F_U", "A2", "CHISQ", "P", "OR"},
		columns: Columns{
			Chrom: "CHR", Pos: "BP", ID: "SNP", Effect: "A1", Other: "A2",
			OddsRatio: "OR", SE: "SE", Lower: "L95", Upper: "U95", P: "P",
			EAFCases: "F_A", EAFControls: "F_U",
		},
	},
	{
		program: "GWAS-SSF",
		needs:   []string{"chromosome", "base_pair_location", "effect_allele", "other_allele"},
		columns: Columns{
			Chrom: "chromosome", Pos: "base_pair_location", ID: "rsid|rs_id|variant_id", Effect: "effect_allele", Other: "other_allele",
			Beta: "beta", OddsRatio: "odds_ratio|hazard_ratio", SE: "standard_error", Lower: "ci_lower", Upper: "ci_upper",
			P: "p_value", LogP: "neg_log_10_p_value", N: "n", EAF: "effect_allele_frequency", Info: "info",
		},
	},
	{
		program: "METAL",
		needs:   []string{"MarkerName", "Allele1", "Allele2"},
		columns: Columns{
			Chrom: "Chromosome", Pos: "Position", ID: "MarkerName", Effect: "Allele1", Other: "Allele2",
			Beta: "Effect|Zscore", SE: "StdErr", P: "P-value", LogP0: "log(P)", N: "Weight", EAF: "Freq1",
		},
	},
}

// recognise finds the program that writes tables with these columns.
func recognise(header []string) (layout, bool) {
	for _, l := range layouts {
		if !slices.ContainsFunc(l.needs, func(name string) bool { return !slices.Contains(header, name) }) {
			return l, true
		}
	}
	return layout{}, false
}

// programs lists what is recognised, for errors.
func programs() string {
	var names []string
	for _, l := range layouts {
		names = append(names, l.program)
	}
	return strings.Join(names, ", ")
}

// find returns the place of a column in the header, −1 where it is not there. A name may
// be several with | between them, of which the first counts that is there.
func find(header []string, name string) int {
	for option := range strings.SplitSeq(name, "|") {
		if i := slices.Index(header, option); i >= 0 {
			return i
		}
	}
	return -1
}
