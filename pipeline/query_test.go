package pipeline

import (
	"strings"
	"testing"

	"genoveil/genomics/glm"
)

// TestQueriesThatNoTestMade are refused when they are read.
func TestQueriesThatNoTestMade(t *testing.T) {
	for want, change := range map[string]func(q *Query, trait *QueryTrait){
		"": func(*Query, *QueryTrait) {},
		`the query is for the test "anova", which this program does not know`: func(q *Query, _ *QueryTrait) { q.Test = "anova" },
		"trait T has no model": func(q *Query, _ *QueryTrait) { q.Test = "linear" },
		"trait T has 1 columns, its model 2": func(q *Query, trait *QueryTrait) {
			q.Test, trait.Model = "logistic", &glm.Model{Columns: make([]glm.Column, 2)}
		},
		"trait T has 3 columns, where chi2 makes 1 or 2": func(_ *Query, trait *QueryTrait) { trait.Columns = []int{0, 0, 0} },
		"there is no column 1":                           func(_ *Query, trait *QueryTrait) { trait.Columns = []int{1} },
	} {
		q := Query{QueryID: someID, KeyID: someID, CheckID: someID, Test: "chi2", Columns: []QueryColumn{{}},
			Sections: []QuerySection{{To: 1, Traits: []QueryTrait{{Name: "T", Columns: []int{0}}}}}}
		change(&q, &q.Sections[0].Traits[0])
		path, _ := container(t, queryKind, q)
		_, err := LoadQuery(path)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.HasSuffix(err.Error(), want)) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
