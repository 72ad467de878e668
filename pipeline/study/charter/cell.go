package charter

import (
	"fmt"
	"slices"
)

// A Cell is a group of samples whose total is opened by itself. Cells of one analysis do
// not overlap.
type Cell struct {
	Name     string   `yaml:"name" json:"name"`
	Ancestry string   `yaml:"ancestry" json:"ancestry"` // all where it is left out
	Sex      string   `yaml:"sex" json:"sex"`           // female, male or both
	Sites    []string `yaml:"sites" json:"sites"`
}

// A Unit is the smallest part of a site's data that can be released apart.
type Unit struct {
	Site     string `yaml:"site" json:"site"`
	Ancestry string `yaml:"ancestry" json:"ancestry"`
	Sex      string `yaml:"sex" json:"sex"`
}

// Sexes of a cell.
const (
	Female = "female"
	Male   = "male"
	Both   = "both"
)

// Units are what the cell's total stands on. A cell of both sexes stands on the units of
// each, and one of all ancestries on those of each.
func (cell *Cell) Units(c *Charter) []Unit {
	ancestries, sexes := []string{cell.Ancestry}, []string{cell.Sex}
	if cell.Ancestry == "" {
		ancestries = c.Ancestries
	}
	if cell.Sex == Both {
		sexes = []string{Female, Male}
	}
	var units []Unit
	for _, s := range cell.Sites {
		for _, a := range ancestries {
			for _, sex := range sexes {
				units = append(units, Unit{s, a, sex})
			}
		}
	}
	return units
}

// Rosters are the units of each cell. A forest plot opens every site by itself.
func (a *Analysis) Rosters(c *Charter) [][]Unit {
	var rosters [][]Unit
	for i := range a.Cells {
		units := a.Cells[i].Units(c)
		if a.Kind != Forest {
			rosters = append(rosters, units)
			continue
		}
		for _, s := range a.Cells[i].Sites {
			own := slices.DeleteFunc(slices.Clone(units), func(u Unit) bool { return u.Site != s })
			rosters = append(rosters, own)
		}
	}
	return rosters
}

func (a *Analysis) checkCells(c *Charter) error {
	var names []string
	var all []Unit
	for _, cell := range a.Cells {
		names = append(names, cell.Name)
		if cell.Sex != Female && cell.Sex != Male && cell.Sex != Both {
			return fmt.Errorf("cell %q: sex is %s, %s or %s, not %.40q", cell.Name, Female, Male, Both, cell.Sex)
		}
		if cell.Ancestry != "" && !slices.Contains(c.Ancestries, cell.Ancestry) {
			return fmt.Errorf("cell %q: the ancestry %.40q is not in the charter", cell.Name, cell.Ancestry)
		}
		if a.Kind != Fit && cell.Ancestry == "" {
			return fmt.Errorf("cell %q: name its ancestry, whose frequencies tell strands", cell.Name)
		}
		if err := checkNames("the site", cell.Sites); err != nil {
			return fmt.Errorf("cell %q: %w", cell.Name, err)
		}
		if len(cell.Sites) < 2 {
			return fmt.Errorf("cell %q has fewer than 2 sites; a total of one site is that site's", cell.Name)
		}
		for _, s := range cell.Sites {
			if !slices.Contains(a.Sites, s) {
				return fmt.Errorf("cell %q: the site %q is not one of the analysis", cell.Name, s)
			}
		}
		for _, u := range cell.Units(c) {
			if slices.Contains(all, u) {
				return fmt.Errorf("cell %q overlaps another at site %q: %s, %s", cell.Name, u.Site, u.Ancestry, u.Sex)
			}
			all = append(all, u)
		}
	}
	for _, s := range a.Sites {
		if !slices.ContainsFunc(all, func(u Unit) bool { return u.Site == s }) {
			return fmt.Errorf("the site %q is in no cell", s)
		}
	}
	return checkNames("the cell", names)
}
