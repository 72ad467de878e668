package hwe

// A cell is one outcome: genotypes of females and alleles of males. Steps from one to
// another keep the numbers of both alleles, of females and of males.
type cell struct {
	homRef, het, homAlt int
	maleRef, maleAlt    int
	weight              float64 // proportional to its probability
}

// middle is an outcome near the likeliest: that whose males have the frequency of all, and
// the likeliest of those.
func (c cell) middle() cell {
	females, males := c.females(), c.males()
	alts := c.het + 2*c.homAlt + c.maleAlt
	m := cell{}
	if males > 0 {
		m.maleAlt = int(float64(alts) * float64(males) / float64(2*females+males))
		m.maleAlt = max(m.maleAlt, alts-2*females)
		m.maleRef = males - m.maleAlt
	}
	if females > 0 {
		alt := alts - m.maleAlt
		ref := 2*females - alt
		m.het = int(float64(ref) * float64(alt) / float64(ref+alt))
		m.het = min(m.het-(m.het^alt)&1, ref, alt)
		m.het = max(m.het, alt&1)
		m.homRef, m.homAlt = (ref-m.het)/2, (alt-m.het)/2
	}
	m.climb()
	m.weight = start
	return m
}

// weightOf is the weight of another outcome.
func (c cell) weightOf(other cell) float64 {
	if other.maleAlt < c.maleAlt {
		c.swap()
		other.swap()
	}
	for c.maleAlt < other.maleAlt {
		c.moveToMales()
	}
	for c.het < other.het && c.weight > 0 {
		c.moreHets()
	}
	for c.het > other.het && c.weight > 0 {
		c.fewerHets()
	}
	return c.weight
}

// climb steps to the likeliest outcome with the same males.
func (c *cell) climb() {
	for 4*float64(c.homRef)*float64(c.homAlt) > float64(c.het+2)*float64(c.het+1) {
		c.moreHets()
	}
	for float64(c.het)*float64(c.het-1) > 4*float64(c.homRef+1)*float64(c.homAlt+1) {
		c.fewerHets()
	}
}

// moreHets makes two heterozygotes of a pair of different homozygotes. It reports whether
// there is one.
func (c *cell) moreHets() bool {
	if c.homRef == 0 || c.homAlt == 0 {
		return false
	}
	c.weight *= 4 * float64(c.homRef) * float64(c.homAlt) / (float64(c.het+2) * float64(c.het+1))
	c.homRef, c.het, c.homAlt = c.homRef-1, c.het+2, c.homAlt-1
	return true
}

// fewerHets makes a pair of different homozygotes of two heterozygotes. It reports whether
// there are two.
func (c *cell) fewerHets() bool {
	if c.het < 2 {
		return false
	}
	c.weight *= float64(c.het) * float64(c.het-1) / (4 * float64(c.homRef+1) * float64(c.homAlt+1))
	c.homRef, c.het, c.homAlt = c.homRef+1, c.het-2, c.homAlt+1
	return true
}

// moveToMales exchanges an ALT of a female for a REF of a male, and steps to the likeliest
// of these outcomes. It reports whether there are both.
func (c *cell) moveToMales() bool {
	if c.maleRef == 0 || c.het+c.homAlt == 0 {
		return false
	}
	c.weight *= float64(c.maleRef) / float64(c.maleAlt+1)
	c.maleRef, c.maleAlt = c.maleRef-1, c.maleAlt+1
	if c.het > 0 {
		c.weight *= float64(c.het) / (2 * float64(c.homRef+1))
		c.homRef, c.het = c.homRef+1, c.het-1
	} else {
		c.weight *= 2 * float64(c.homAlt)
		c.het, c.homAlt = 1, c.homAlt-1
	}
	c.climb()
	return true
}

func (c cell) females() int { return c.homRef + c.het + c.homAlt }
func (c cell) males() int   { return c.maleRef + c.maleAlt }

// rows is how many times as likely all outcomes are as those with the same males. The
// number of males' ALT alleles has a hypergeometric distribution.
func (c cell) rows() float64 {
	sum := 1.0
	for range 2 {
		femaleRef, femaleAlt := float64(2*c.homRef+c.het), float64(2*c.homAlt+c.het)
		w, maleRef, maleAlt := 1.0, float64(c.maleRef), float64(c.maleAlt)
		for w > sum*negligible {
			w *= maleRef * femaleAlt / ((maleAlt + 1) * (femaleRef + 1))
			maleRef, maleAlt, femaleRef, femaleAlt = maleRef-1, maleAlt+1, femaleRef+1, femaleAlt-1
			sum += w
		}
		c.swap()
	}
	return sum
}

// swap exchanges the names of the alleles.
func (c *cell) swap() {
	c.homRef, c.homAlt = c.homAlt, c.homRef
	c.maleRef, c.maleAlt = c.maleAlt, c.maleRef
}
