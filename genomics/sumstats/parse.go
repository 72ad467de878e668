package sumstats

import (
	"math"
	"strconv"
	"strings"

	"genoveil/genomics/pvalue"
	"genoveil/genomics/text"
)

// maxLogP bounds −log10 P: a Z of a million.
const maxLogP = 2.2e11

// z95 is the normal quantile of a 95 % confidence interval.
const z95 = 1.959963984540054

// parse makes a row of the fields. It returns a reason to leave the row out; it is an
// error where a field is neither a number nor a word for a missing one.
func (r *Reader) parse(row *Row) (reason string, err error) {
	if r.failed() {
		return testFailed, nil
	}
	if r.at.test >= 0 && !additive(r.get(r.at.test)) {
		return otherTest, nil
	}
	*row = Row{Chrom: r.get(r.at.chrom), ID: r.get(r.at.id)}
	if text.Missing(row.ID) {
		row.ID = ""
	}
	if reason := r.alleles(row); reason != "" {
		return reason, nil
	}
	if r.Positions() {
		field := r.get(r.at.pos)
		pos, err := strconv.Atoi(field)
		if err != nil && !text.Missing(field) {
			return "", r.lines.Errorf("the position %.40q is not a whole number", field)
		}
		if pos < 1 || pos > math.MaxInt32 || text.Missing(row.Chrom) {
			return badPlace, nil
		}
		row.Pos = pos
	} else {
		row.Chrom = ""
		if row.ID == "" {
			return badPlace, nil
		}
	}
	for _, step := range []func(*Row) (string, error){r.counts, r.frequencies, r.effect, r.pvalue, r.standardError} {
		if reason, err := step(row); reason != "" || err != nil {
			return reason, err
		}
	}
	if r.layout.special != nil {
		if reason := r.layout.special(r, row); reason != "" {
			return reason, nil
		}
	}
	if r.options.SEFromP {
		if reason := seFromP(row); reason != "" {
			return reason, nil
		}
	}
	switch {
	case row.SE <= 0 || math.IsInf(row.SE, 0):
		return badSE, nil
	case math.IsNaN(row.SE) && math.IsNaN(row.LogP):
		return notAvailable, nil
	case math.IsNaN(row.LogP):
		row.LogP = pvalue.Normal(row.Beta / row.SE)
	}
	if row.LogP > maxLogP {
		return badP, nil
	}
	return "", nil
}

// failed says whether the program noted that a test failed.
func (r *Reader) failed() bool {
	note := r.get(r.at.fail)
	if r.at.fail >= 0 && r.layout.program == "PLINK 2" {
		return note != "." && note != ""
	}
	return strings.Contains(note, "TEST_FAIL") || strings.Contains(r.get(r.at.htpInfo), "TEST_FAIL")
}

// additive says whether a test is that of the allele's dosage: ADD, or one of REGENIE's
// --htp such as ADD-WGR-FIRTH, but no interaction.
func additive(test string) bool {
	return test == "ADD" || strings.HasPrefix(test, "ADD-WGR-") && !strings.Contains(test, "INT")
}

// alleles reads the two alleles.
func (r *Reader) alleles(row *Row) string {
	row.Effect, row.Other = strings.ToUpper(r.get(r.at.effect)), strings.ToUpper(r.get(r.at.other))
	hasOther := r.at.other >= 0
	if !hasOther && r.at.ref >= 0 {
		ref, alt := strings.ToUpper(r.get(r.at.ref)), strings.ToUpper(r.get(r.at.alt))
		hasOther = true
		switch row.Effect {
		case alt:
			row.Other = ref
		case ref:
			row.Other = alt
		}
	}
	if !bases(row.Effect) || hasOther && !bases(row.Other) || row.Effect == row.Other {
		return badAlleles
	}
	return ""
}

func bases(allele string) bool { return allele != "" && strings.Trim(allele, "ACGT") == "" }

// counts reads the numbers of samples and cases.
func (r *Reader) counts(row *Row) (string, error) {
	n, err := r.number(r.at.n)
	if err != nil {
		return "", err
	}
	cases, err := r.number(r.at.cases)
	if err != nil {
		return "", err
	}
	controls, err := r.number(r.at.controls)
	if err != nil {
		return "", err
	}
	switch {
	case !math.IsNaN(n):
	case math.IsNaN(cases):
	case math.IsNaN(controls): // REGENIE's --htp has a number of controls for binary traits alone
		n, cases = cases, math.NaN()
	default:
		n = cases + controls
	}
	if declared := &r.options; declared.N > 0 {
		if math.IsNaN(n) {
			n = float64(declared.N)
		}
		if math.IsNaN(cases) && declared.Cases > 0 {
			cases = n * float64(declared.Cases) / float64(declared.N)
		}
	}
	if n < 0.5 || n > math.MaxInt32 || cases < 0 || controls < 0 || cases > n {
		return badCount, nil
	}
	if !math.IsNaN(n) {
		row.N = int(math.Round(n))
	}
	if !math.IsNaN(cases) {
		row.Cases = int(math.Round(cases))
	}
	return "", nil
}

// frequencies reads the effect allele's frequency and what is known of its imputation.
func (r *Reader) frequencies(row *Row) (reason string, err error) {
	if row.EAF, err = r.number(r.at.eaf); err != nil {
		return "", err
	}
	if row.Info, err = r.number(r.at.info); err != nil {
		return "", err
	}
	if row.EAF < 0 || row.EAF > 1 {
		return badFrequency, nil
	}
	inCases, err := r.number(r.at.eafCases)
	if err != nil {
		return "", err
	}
	inControls, err := r.number(r.at.eafControls)
	if err != nil {
		return "", err
	}
	if inCases < 0 || inCases > 1 || inControls < 0 || inControls > 1 {
		return badFrequency, nil
	}
	if math.IsNaN(row.EAF) && row.Cases > 0 && row.N > 0 {
		share := float64(row.Cases) / float64(row.N)
		row.EAF = inControls + share*(inCases-inControls)
	}
	return "", nil
}

// effect reads the effect on its linear scale.
func (r *Reader) effect(row *Row) (reason string, err error) {
	place := r.at.beta
	if place < 0 {
		place = r.at.ratio
	}
	if row.Beta, err = r.number(place); err != nil {
		return "", err
	}
	if r.isRatio() {
		if row.Beta <= 0 {
			return badRatio, nil
		}
		row.Beta = math.Log(row.Beta)
	}
	// An effect of --htp that is not there may still be in its INFO.
	if math.IsNaN(row.Beta) && r.layout.special == nil {
		return notAvailable, nil
	}
	return "", nil
}

// isRatio says whether the effect of the row is a ratio. With REGENIE's --htp it is where
// there are controls.
func (r *Reader) isRatio() bool {
	if r.at.beta < 0 {
		return true
	}
	return r.layout.special != nil && !text.Missing(r.get(r.at.controls))
}

// pvalue reads P.
func (r *Reader) pvalue(row *Row) (reason string, err error) {
	row.LogP = math.NaN()
	switch {
	case r.at.p >= 0:
		field := r.get(r.at.p)
		if text.Missing(field) {
			return "", nil
		}
		var ok bool
		if row.LogP, ok = pvalue.Parse(field); !ok {
			return "", r.lines.Errorf("P is %.40q, which is no number", field)
		}
	case r.at.logP >= 0:
		row.LogP, err = r.number(r.at.logP)
	case r.at.logP0 >= 0:
		row.LogP, err = r.number(r.at.logP0)
		row.LogP = 0 - row.LogP
	}
	if row.LogP < 0 || row.LogP > maxLogP {
		return badP, err
	}
	return "", err
}

// standardError reads the standard error, or makes it of what is there.
func (r *Reader) standardError(row *Row) (reason string, err error) {
	row.SE = math.NaN()
	switch {
	case r.at.se >= 0:
		row.SE, err = r.number(r.at.se)
	case r.at.stat >= 0:
		var stat float64
		if stat, err = r.number(r.at.stat); stat != 0 && row.Beta != 0 {
			row.SE = row.Beta / stat
		}
	case r.at.lower >= 0 && r.at.upper >= 0:
		lower, err := r.number(r.at.lower)
		if err != nil {
			return "", err
		}
		upper, err := r.number(r.at.upper)
		if err != nil {
			return "", err
		}
		if r.isRatio() {
			if lower <= 0 || upper < lower {
				return badRatio, nil
			}
			lower, upper = math.Log(lower), math.Log(upper)
		}
		row.SE = (upper - lower) / (2 * z95)
	}
	return "", err
}

// htp reads the last column of REGENIE's --htp. REGENIE_BETA and REGENIE_SE are the
// model's own and have more digits than the confidence interval. Without Firth's test, the
// odds ratio is that of the table of genotypes and not the model's.
func (r *Reader) htp(row *Row) string {
	for entry := range strings.SplitSeq(r.get(r.at.htpInfo), ";") {
		name, field, _ := strings.Cut(entry, "=")
		x, ok := text.Number(field)
		if !ok || math.IsInf(x, 0) {
			continue
		}
		switch name {
		case "REGENIE_BETA":
			row.Beta = x
		case "REGENIE_SE":
			row.SE = x
		case "INFO":
			row.Info = x
		}
	}
	if math.IsNaN(row.Beta) {
		return notAvailable
	}
	return ""
}

// seFromP takes the standard error from the effect and P.
func seFromP(row *Row) string {
	switch {
	case math.IsNaN(row.LogP):
		return notAvailable
	case row.LogP == 0 || row.Beta == 0:
		return noEffect
	}
	row.SE = math.Abs(row.Beta) / pvalue.Z(row.LogP)
	return ""
}

// number reads a column, NaN where it is not there or missing. Infinite numbers are what
// programs print where a model did not converge, and count as missing.
func (r *Reader) number(place int) (float64, error) {
	field := r.get(place)
	if text.Missing(field) {
		return math.NaN(), nil
	}
	x, ok := text.Number(field)
	if math.IsInf(x, 0) {
		return math.NaN(), nil
	}
	if !ok {
		return 0, r.lines.Errorf("%s is %.40q, which is no number", r.header[place], field)
	}
	return x, nil
}
