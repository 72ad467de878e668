// Package test holds the statistical tests. A test is a value, a [Test]: its name, the
// columns that it wants of a trait, what it makes of their sums with a variant's dosages,
// its tables, and what it costs. Whoever sums, in the clear or encrypted, asks the value.
package test

import "genoveil/genomics/glm"

// All are the tests; the first is the one where none is named.
var All = []*Test{chi2, logistic, linear}

// Find returns the test of that name, nil where there is none.
func Find(name string) *Test {
	for _, t := range All {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// A Test is a statistical test of variants, one by one, against a trait.
type Test struct {
	Name string // as typed, and as a query says it

	About   string   // of what and how, in lines for the help
	Results string   // its tables, in lines for the help
	Options []string // flags that its tables take

	Covariates bool   // takes covariates and an offset
	Models     bool   // takes Phenotypes.Models
	Calls      bool   // counts genotypes, so takes no dosages
	Instead    string // the test to take where this one takes no covariates or dosages

	// read reads a trait from the table of phenotypes.
	read func(r *reading, name string) (fit, error)

	// cost counts the columns of traits that are known for the same samples, but not for
	// all of the cohort. Columns that only correct for missing calls and those that hold
	// what rounding has lost of another are left out. Equal columns of one trait, as
	// without covariates, are not foreseen.
	cost func(d Design) Cost

	// check refuses a trait of a query that this test cannot have made.
	check func(name string, model *glm.Model, columns int) error

	// tables lists the tables of a query.
	tables func(t *Test, traits []Trait, out Output) ([]Table, error)
}

// A Design is the size of a query.
type Design struct {
	Covariates int
	Phenotypes int
	Models     bool // as Phenotypes.Models
}

// A Cost is the number of columns that are summed against dosages, and of those among
// them that are also summed against squares. Equal columns of several traits are one.
type Cost struct{ Dosage, Square int }

// Cost is what a query takes.
func (t *Test) Cost(d Design) Cost { return t.cost(d) }

// Check refuses a trait of a query that this test cannot have made.
func (t *Test) Check(name string, model *glm.Model, columns int) error {
	return t.check(name, model, columns)
}

// Tables lists the tables of a query with these traits.
func (t *Test) Tables(traits []Trait, out Output) ([]Table, error) { return t.tables(t, traits, out) }

// A Trait is a phenotype with the columns that a test wants of it. Without columns the
// test cannot be made on that part of the genome.
type Trait struct {
	Name    string
	Model   *glm.Model // that the columns come from; nil where a test fits none
	Columns []Column
}

// A Column is one integer for every sample of the cohort. Everything is summed over
// missing calls, too.
type Column struct {
	Values []int32 // nil once they are summed
	Sum    int64   // over all samples
	Dosage bool    // summed against dosages
	Square bool    // and against their squares
}

// A Log takes what is to be said, in words and as attributes.
type Log func(text string, attributes ...any)
