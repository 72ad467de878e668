package glm

import "slices"

// A Category says how a categorical covariate is in a null model. Each level but the
// reference has a dummy, which is 1 for its samples and named [Category.Dummy].
type Category struct {
	Name   string
	Levels []Level // that analysed samples have, in the covariate's order

	// Reference is the place of the level that most samples have, the first of them.
	Reference int

	// Alone are levels that one sample had. A dummy would fit that sample exactly, so it is
	// not analysed, as in PLINK 2.
	Alone []string
}

// A Level is a value of a categorical covariate.
type Level struct {
	Name    string
	Samples int // analysed
}

// Dummy returns the name of a level's covariate, as PLINK 2 writes it.
func (c *Category) Dummy(level int) string { return c.Name + "=" + c.Levels[level].Name }

// analysed leaves the rows that have all covariates, and makes categorical ones dummies.
//
// Rows are left out until nothing changes: the one sample of a level may be the second of
// another. A categorical covariate with fewer than two levels left says nothing, so it has
// no dummies, and who lacks it stays. PLINK 2 was seen to do all this.
func analysed(rows []int, covariates []Covariate) (left []int, dummies []Covariate, categories []Category) {
	alone := make([][]string, len(covariates))
	for before := -1; before != len(rows); {
		before = len(rows)
		for k := range covariates {
			var lone []string
			rows, lone = covariates[k].restrict(rows)
			alone[k] = append(alone[k], lone...)
		}
	}
	for k, c := range covariates {
		if c.Levels == nil {
			dummies = append(dummies, c)
			continue
		}
		category, more := c.expand(rows)
		category.Alone = alone[k]
		categories, dummies = append(categories, category), append(dummies, more...)
	}
	return rows, dummies, categories
}

// expand makes dummies of the levels that rows have, without the one that most have.
func (c *Covariate) expand(rows []int) (Category, []Covariate) {
	category := Category{Name: c.Name}
	var dummies []Covariate
	counts := c.count(rows)
	most := 0
	for level, n := range counts {
		if n > counts[most] {
			most = level
		}
	}
	for level, n := range counts {
		if n == 0 {
			continue
		}
		category.Levels = append(category.Levels, Level{c.Levels[level], n})
		if last := len(category.Levels) - 1; level == most {
			category.Reference = last
		} else {
			dummies = append(dummies, Covariate{Name: category.Dummy(last), Values: c.indicate(level)})
		}
	}
	return category, dummies
}

// restrict leaves the rows that have the covariate, and names the levels of one sample,
// which it leaves out.
func (c *Covariate) restrict(rows []int) (left []int, alone []string) {
	var counts []int
	if c.Levels != nil {
		counts = c.count(rows)
		levels := 0
		for level, n := range counts {
			levels += min(n, 1)
			if n == 1 {
				alone = append(alone, c.Levels[level])
			}
		}
		if levels < 2 {
			return rows, nil
		}
	}
	return slices.DeleteFunc(slices.Clone(rows), func(i int) bool {
		return !finite(c.Values[i]) || counts != nil && counts[int(c.Values[i])] == 1
	}), alone
}

// count returns how many of the rows each level has.
func (c *Covariate) count(rows []int) []int {
	counts := make([]int, len(c.Levels))
	for _, i := range rows {
		if finite(c.Values[i]) {
			counts[int(c.Values[i])]++
		}
	}
	return counts
}

// indicate returns 1 for the samples of a level and 0 for others.
func (c *Covariate) indicate(level int) []float64 {
	values := make([]float64, len(c.Values))
	for i, v := range c.Values {
		if v == float64(level) {
			values[i] = 1
		}
	}
	return values
}
