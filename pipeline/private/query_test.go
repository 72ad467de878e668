package private_test

import (
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/glm"
	"genoveil/pipeline/filetest"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/private"
)

// TestQueriesThatNoTestMade are refused when they are read.
func TestQueriesThatNoTestMade(t *testing.T) {
	for want, change := range map[string]func(q *private.Query, trait *private.QueryTrait){
		"": func(*private.Query, *private.QueryTrait) {},
		`the query is for the test "anova", which this program does not know`: func(q *private.Query, _ *private.QueryTrait) { q.Test = "anova" },
		"trait T has no model": func(q *private.Query, _ *private.QueryTrait) { q.Test = "linear" },
		"trait T has 1 columns, its model 2": func(q *private.Query, trait *private.QueryTrait) {
			q.Test, trait.Model = "logistic", &glm.Model{Columns: make([]glm.Column, 2)}
		},
		"trait T has 3 columns, where chi2 makes 1, 2 or 4":                           func(_ *private.Query, trait *private.QueryTrait) { trait.Columns = []int{0, 0, 0} },
		`a section of the query has the ploidy "Z", which this program does not know`: func(q *private.Query, _ *private.QueryTrait) { q.Sections[0].Ploidy = "Z" },
		"a section of the query does not have the traits of the others": func(q *private.Query, trait *private.QueryTrait) {
			q.Sections = append(q.Sections, private.QuerySection{Chromosome: "X", Ploidy: genomics.XLinked, To: 1, Traits: []private.QueryTrait{*trait, *trait}})
		},
		"a section of the query has the trait U where others have T": func(q *private.Query, trait *private.QueryTrait) {
			other := *trait
			other.Name = "U"
			q.Sections = append(q.Sections, private.QuerySection{Chromosome: "X", Ploidy: genomics.XLinked, To: 1, Traits: []private.QueryTrait{other}})
		},
		"column 1 is missing": func(_ *private.Query, trait *private.QueryTrait) { trait.Columns = []int{1} },
	} {
		q := private.Query{QueryID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, CheckID: pipelinetest.SomeID, Test: "chi2", Columns: []private.QueryColumn{{}},
			Sections: []private.QuerySection{{To: 1, Traits: []private.QueryTrait{{Name: "T", Columns: []int{0}}}}}}
		change(&q, &q.Sections[0].Traits[0])
		path, _ := filetest.Container(t, private.QueryKind, q)
		_, err := private.LoadQuery(path)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.HasSuffix(err.Error(), want)) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
