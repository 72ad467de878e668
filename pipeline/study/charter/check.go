package charter

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// isID says whether a text is 16 bytes in hexadecimal, as fill draws them.
func isID(text string) bool {
	id, err := hex.DecodeString(text)
	return err == nil && len(id) == 16 && hex.EncodeToString(id) == text
}

// Check refuses an analysis that makes no sense.
func (a *Analysis) Check(c *Charter) error {
	if err := checkName("the analysis", a.Name); err != nil {
		return err
	}
	if a.Name == "sites" {
		return fmt.Errorf("the folder has its keys under the name %q; give the analysis another", a.Name)
	}
	for _, list := range []struct {
		what  string
		names []string
		among []string
	}{{"the site", a.Sites, c.Sites}, {"the recipient", a.Recipients, c.Parties()}} {
		if err := checkNames(list.what, list.names); err != nil {
			return err
		}
		for _, n := range list.names {
			if !slices.Contains(list.among, n) {
				return fmt.Errorf("%s %q is not in the charter", list.what, n)
			}
		}
	}
	switch {
	case !isID(a.ID):
		return errors.New("no identifier of 16 bytes")
	case len(a.Sites) < c.Least():
		return fmt.Errorf("%d sites; in this study a total stands on at least %d", len(a.Sites), c.Least())
	case len(a.Recipients) == 0:
		return errors.New("no recipients")
	case len(a.Cells) < 1 || len(a.Cells) > maxCells:
		return fmt.Errorf("%d cells; give 1 to %d", len(a.Cells), maxCells)
	}
	if _, err := a.LastDay(); err != nil {
		return err
	}
	for _, rule := range a.Allow {
		if !slices.Contains([]string{FewSquares, FrequencySE, CardsAsIs}, rule) {
			return fmt.Errorf("allow: %.40q is no rule that can be set aside; these are %s", rule, strings.Join([]string{FewSquares, FrequencySE, CardsAsIs}, ", "))
		}
	}
	if err := a.checkCells(c); err != nil {
		return err
	}
	if err := a.checkHistory(); err != nil {
		return err
	}
	return a.checkKind(c)
}

func (a *Analysis) checkKind(c *Charter) error {
	ofMeta := a.Scheme != "" || a.GenomicControl || a.Heterogeneity || a.Tau || a.FrequencySE || a.Core
	ofFit := a.Model != "" || a.Outcome != "" || a.Time != "" || a.Columns != nil || a.Ridge != 0
	switch {
	case a.Kind != Meta && a.Kind != Forest && a.Kind != Fit:
		return fmt.Errorf("kind is %s, %s or %s, not %.40q", Meta, Fit, Forest, a.Kind)
	case a.Kind != Meta && ofMeta:
		return fmt.Errorf("scheme, genomic-control, heterogeneity, tau, frequency-se and core are of kind %s", Meta)
	case a.Kind != Fit && ofFit:
		return fmt.Errorf("model, outcome, time, columns and ridge are of kind %s", Fit)
	case a.Kind != Forest && a.Leads != nil:
		return fmt.Errorf("variants are of kind %s", Forest)
	}
	if a.Kind == Fit {
		return a.checkFit()
	}
	if c.Variants == nil {
		return errors.New("the charter names no list of variants")
	}
	if _, ok := c.Trait(a.Trait); !ok {
		return fmt.Errorf("the trait %.40q is not in the charter", a.Trait)
	}
	if a.Kind == Forest {
		if len(a.Leads) < 1 || len(a.Leads) > maxLeads {
			return fmt.Errorf("%d variants; a forest plot has 1 to %d", len(a.Leads), maxLeads)
		}
		if n := len(a.Rosters(c)); n > maxRosters {
			return fmt.Errorf("%d sites in all cells; a forest plot has at most %d", n, maxRosters)
		}
		for i, id := range a.Leads {
			if !isText(id) || slices.Contains(a.Leads[:i], id) {
				return fmt.Errorf("the variant %.40q is empty, too long, not printable or there twice", id)
			}
		}
		return nil
	}
	switch {
	case a.Scheme != StdErr && a.Scheme != SampleSize:
		return fmt.Errorf("scheme is %s or %s, not %.40q", StdErr, SampleSize, a.Scheme)
	case a.FrequencySE && !slices.Contains(a.Allow, FrequencySE):
		return fmt.Errorf("frequency-se opens sums of squares of frequencies; set the rule aside with allow: [%s]", FrequencySE)
	case a.Tau && !a.Heterogeneity:
		return errors.New("tau needs heterogeneity")
	case a.Core && (a.Heterogeneity || a.FrequencySE):
		return errors.New("core sums are without heterogeneity and frequency-se")
	}
	return nil
}

func (a *Analysis) checkFit() error {
	if len(a.Cells) != 1 {
		return errors.New("a fit has one cell")
	}
	if len(a.Columns) > maxColumns {
		return fmt.Errorf("%d columns; a fit has at most %d", len(a.Columns), maxColumns)
	}
	if (a.Model == "cox") != (a.Time != "") {
		return errors.New("time is the column of times of a cox model, and of no other")
	}
	if !(a.Ridge >= 0) || math.IsInf(a.Ridge, 0) {
		return fmt.Errorf("a ridge of %g; give a number from 0 up", a.Ridge)
	}
	used := append([]string{a.Outcome}, a.Columns...)
	if a.Time != "" {
		used = append(used, a.Time)
	}
	for i, column := range used {
		if !isText(column) || slices.Contains(used[:i], column) {
			return fmt.Errorf("the column %.40q is empty, no name of a column, or there twice", column)
		}
	}
	return nil
}
