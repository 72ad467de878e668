package meta

// Plus adds the totals of two groups of sites or samples that have none in common, such as
// ancestries. What either does not have, the sum does not have.
func (t *Total) Plus(o *Total) Total {
	switch {
	case o.Samples == 0:
		return *t
	case t.Samples == 0:
		return *o
	}
	sum := Total{
		Sites: t.Sites + o.Sites, Samples: t.Samples + o.Samples, Cases: t.Cases + o.Cases,
		Alleles: t.Alleles + o.Alleles, Effective: t.Effective + o.Effective, InfoSites: t.InfoSites + o.InfoSites,
		W: t.W + o.W, WBeta: t.WBeta + o.WBeta, WFreq: t.WFreq + o.WFreq, WBeta2: t.WBeta2 + o.WBeta2, W2: t.W2 + o.W2,
	}
	// A mean over no sites is NaN.
	switch {
	case o.InfoSites == 0:
		sum.Info = t.Info
	case t.InfoSites == 0:
		sum.Info = o.Info
	default:
		sum.Info = (t.Info*float64(t.InfoSites) + o.Info*float64(o.InfoSites)) / float64(sum.InfoSites)
	}
	// The variance within the groups and that between them: nothing is lost where
	// frequencies are alike.
	share := t.W / sum.W
	between := t.WFreq/t.W - o.WFreq/o.W
	sum.FreqVariance = share*t.FreqVariance + (1-share)*o.FreqVariance + share*(1-share)*between*between
	return sum
}
