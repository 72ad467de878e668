package sumstats

// A Row is the test of one variant. Numbers that the table does not have are NaN, counts
// that it does not have are 0, and texts are empty.
type Row struct {
	Chrom  string
	Pos    int // 1-based
	ID     string
	Effect string // allele, in capitals
	Other  string // allele, in capitals
	Beta   float64
	SE     float64 // above 0
	LogP   float64 // −log10 of the two-sided P, which may be below the smallest float64
	N      int     // samples, rounded where the table has an effective number
	Cases  int
	EAF    float64 // frequency of the effect allele
	Info   float64 // of imputation
}

// Reasons for which rows are left out, as Skipped counts them.
const (
	testFailed   = "test failed"           // TEST_FAIL of REGENIE, ERRCODE of PLINK 2
	otherTest    = "not the additive test" // rows of covariates, interactions, other models
	notAvailable = "NA"                    // no effect, or neither standard error nor P
	badSE        = "standard error not above 0"
	badRatio     = "odds ratio or its confidence limits not in order"
	badFrequency = "allele frequency outside 0 to 1"
	badAlleles   = "alleles other than A, C, G and T" // also two alleles that are the same
	badP         = "P outside 0 to 1"                 // and P of 0, which no Z has
	badPlace     = "no position"                      // where the table has positions
	badCount     = "number of samples not above 0"    // or more cases than samples
	noEffect     = "effect of 0, of which P gives no standard error"
)
