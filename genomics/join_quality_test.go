package genomics_test

import (
	"io"
	"strings"
	"testing"

	"genoveil/genomics"
)

// graded is a source that can read imputation quality.
type graded struct {
	*rows
	declares string
	asked    *[]string
}

func (g graded) Quality(keys []string) (string, error) {
	*g.asked = append(*g.asked, strings.Join(keys, ","))
	if strings.Contains(strings.Join(keys, ","), g.declares) {
		return g.declares, nil
	}
	return "", io.ErrUnexpectedEOF
}

// TestQualityOfSeveralFiles: all files are asked for the key that the first one has, before
// anything is read and again once they are.
func TestQualityOfSeveralFiles(t *testing.T) {
	var asked []string
	files := func(declare ...string) (all []genomics.File[genomics.Source]) {
		for _, d := range declare {
			all = append(all, genomics.File[genomics.Source]{Name: d, Open: func() (genomics.Source, error) {
				return graded{&rows{samples: []string{"a"}}, d, &asked}, nil
			}})
		}
		return all
	}
	quality := func(declare ...string) (string, error) {
		joined, err := genomics.Join(files(declare...))
		if err != nil {
			t.Fatal(err)
		}
		key, err := joined.(interface {
			Quality([]string) (string, error)
		}).Quality([]string{"DR2", "R2"})
		if err != nil {
			return "", err
		}
		var v genomics.Variant
		if err := joined.Next(&v, make(genomics.Row, 1)); err != io.EOF {
			t.Fatal(err)
		}
		return key, nil
	}
	if key, err := quality("R2", "R2"); err != nil || key != "R2" {
		t.Error(key, err)
	}
	if got := strings.Join(asked, " "); got != "DR2,R2 R2 R2 R2 R2" {
		t.Errorf("asked for %s", got)
	}
	if _, err := quality("R2", "INFO"); err != io.ErrUnexpectedEOF {
		t.Errorf("another key in the second file: %v", err)
	}
}
