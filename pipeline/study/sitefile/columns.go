package sitefile

import "genoveil/genomics/sumstats"

// Columns are the names of a table's columns, as a site writes them.
type Columns struct {
	Chrom string `yaml:"chrom"`
	Pos   string `yaml:"pos"`
	ID    string `yaml:"id"`

	Effect string `yaml:"effect"` // alleles
	Other  string `yaml:"other"`

	Beta      string `yaml:"beta"`
	OddsRatio string `yaml:"odds-ratio"`
	SE        string `yaml:"se"`
	Stat      string `yaml:"stat"`  // beta ÷ se
	Lower     string `yaml:"lower"` // of a 95 % confidence interval
	Upper     string `yaml:"upper"`

	P        string `yaml:"p"`
	NegLog10 string `yaml:"neg-log10-p"`
	Log10    string `yaml:"log10-p"`

	N        string `yaml:"n"`
	Cases    string `yaml:"cases"`
	Controls string `yaml:"controls"`

	EAF         string `yaml:"eaf"` // frequency of the effect allele
	EAFCases    string `yaml:"eaf-cases"`
	EAFControls string `yaml:"eaf-controls"`
	Info        string `yaml:"info"`
}

// Sumstats are the columns for a reader; nil has it recognise the program.
func (c *Columns) Sumstats() *sumstats.Columns {
	if c == nil {
		return nil
	}
	return &sumstats.Columns{
		Chrom: c.Chrom, Pos: c.Pos, ID: c.ID, Effect: c.Effect, Other: c.Other,
		Beta: c.Beta, OddsRatio: c.OddsRatio, SE: c.SE, Stat: c.Stat, Lower: c.Lower, Upper: c.Upper,
		P: c.P, LogP: c.NegLog10, LogP0: c.Log10,
		N: c.N, Cases: c.Cases, Controls: c.Controls,
		EAF: c.EAF, EAFCases: c.EAFCases, EAFControls: c.EAFControls, Info: c.Info,
	}
}
