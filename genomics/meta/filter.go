package meta

// Reasons for which Filter leaves estimates out.
const (
	lowInfo      = "INFO below the study's limit"
	lowCount     = "minor allele count below the study's limit"
	lowEffective = "effective number of samples below the study's limit"
)

// A Filter has a study's limits for the estimates of a site; 0 is none. What a table does
// not tell of an estimate does not leave it out.
type Filter struct {
	Info      float64
	Count     float64 // 2·N·MAF
	Effective float64 // 4·cases·controls/N; N where the trait is quantitative
}

// Filter leaves out the estimates beyond the limits, and counts them as Skipped by the
// first of the limits that each is beyond.
func (h *Harmonised) Filter(f Filter) {
	for i := range h.Estimates {
		e := &h.Estimates[i]
		if !e.Present {
			continue
		}
		var reason string
		switch {
		case e.Info < float32(f.Info):
			reason = lowInfo
		case e.N > 0 && 2*float64(e.N)*min(e.AF, 1-e.AF) < f.Count:
			reason = lowCount
		case e.N > 0 && e.effective() < f.Effective:
			reason = lowEffective
		default:
			continue
		}
		h.drop(e, reason)
	}
}

// drop leaves out an estimate that was found.
func (h *Harmonised) drop(e *Estimate, reason string) {
	*e = Estimate{}
	h.Found--
	h.Skipped[reason]++
}

// effective is the effective number of samples.
func (e *Estimate) effective() float64 {
	n, cases := float64(e.N), float64(e.Cases)
	if e.Cases == 0 {
		return n
	}
	return 4 * cases * (n - cases) / n
}
