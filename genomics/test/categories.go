package test

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"genoveil/genomics/glm"
	"genoveil/genomics/pheno"
)

// maxLevels is the most categories of a covariate. Each is a column of the null model and,
// encrypted, of the query. UK Biobank has 106 batches.
const maxLevels = 256

// readCovariate reads a column of numbers or of categories.
func (r *reading) readCovariate(table *pheno.Table, name string) (glm.Covariate, error) {
	values, levels, err := table.Covariate(name, r.Samples)
	c := glm.Covariate{Name: name, Values: values, Levels: levels}
	if err != nil || len(levels) < 2 {
		return c, err
	}
	return c, r.checkLevels(c)
}

// checkLevels refuses texts that are no categories, such as names: too many, or those of
// which most samples have one of their own.
func (r *reading) checkLevels(c glm.Covariate) error {
	counts := make([]int, len(c.Levels))
	for _, v := range c.Values {
		if !math.IsNaN(v) {
			counts[int(v)]++
		}
	}
	known, alone := 0, 0
	for _, n := range counts {
		if known += n; n == 1 {
			alone++
		}
	}
	if len(c.Levels) <= maxLevels && 2*alone <= known {
		return nil
	}
	return fmt.Errorf("%s, column %.40q: %d different texts for %s of the cohort, for example %.40q; these are no categories, "+
		"of which a covariate has at most %d, most of them shared by samples; if you do not want the column, name those to take with --covar-name",
		r.Covar, c.Name, len(c.Levels), count(known, "sample"), c.Levels[0], maxLevels)
}

// sayOnlyLevel says why a covariate that has fewer than two categories is not taken.
func (r *reading) sayOnlyLevel(c glm.Covariate) {
	why := "no sample of the cohort has a category"
	if len(c.Levels) > 0 {
		why = fmt.Sprintf("%.40q is the only category of the cohort's samples", c.Levels[0])
	}
	r.log(fmt.Sprintf("%s, column %.40q: %s; it is not taken as a covariate", r.Covar, c.Name, why), "file", r.Covar, "covariate", c.Name)
}

// sayCategories says how categorical covariates are in a trait's null model, unless it has
// said the same of another chromosome.
func (r *reading) sayCategories(trait string, null *glm.Null) {
	for _, c := range null.Categories {
		text := fmt.Sprintf("%s: %s", trait, describeCategory(&c))
		if !slices.Contains(r.said, text) {
			r.said = append(r.said, text)
			r.log(text, "trait", trait, "covariate", c.Name, "categories", len(c.Levels), "left_out", len(c.Alone))
		}
	}
}

func describeCategory(c *glm.Category) string {
	var levels []string
	for k, level := range c.Levels {
		if k == c.Reference {
			levels = append(levels, fmt.Sprintf("%s (%s, reference)", level.Name, count(level.Samples, "sample")))
		} else {
			levels = append(levels, fmt.Sprintf("%s (%d)", c.Dummy(k), level.Samples))
		}
	}
	text := fmt.Sprintf("%s is categorical: %s", c.Name, strings.Join(levels, ", "))
	if len(c.Levels) < 2 {
		text = c.Name + " has no two categories among the samples analysed and is no covariate here"
	}
	if len(c.Alone) > 0 {
		text += fmt.Sprintf("; %s left out, alone in a category: %s", count(len(c.Alone), "sample"), strings.Join(c.Alone, ", "))
	}
	return text
}
