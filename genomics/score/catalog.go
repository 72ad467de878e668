package score

import (
	"errors"
	"io"
	"strconv"
	"strings"
)

// Columns of the PGS Catalog's scoring files. hm_ columns are those that the Catalog
// adds when it maps a file to a build (pgscatalog.org/downloads, "Scoring files").
const (
	idColumn        = "rsID"
	chromColumn     = "chr_name"
	posColumn       = "chr_position"
	effectColumn    = "effect_allele"
	otherColumn     = "other_allele"
	referenceColumn = "reference_allele" // of format 1.0
	weightColumn    = "effect_weight"
	frequencyColumn = "allelefrequency_effect"
	hmIDColumn      = "hm_rsID"
	hmChromColumn   = "hm_chr"
	hmPosColumn     = "hm_pos"
	hmOtherColumn   = "hm_inferOtherAllele"
)

// unsupported are flags of weights that are not multiples of a number of alleles, and
// columns of weights for each genotype.
var (
	unsupported   = []string{"is_haplotype", "is_diplotype", "is_interaction", "is_dominant", "is_recessive"}
	dosageWeights = []string{"dosage_0_weight", "dosage_1_weight", "dosage_2_weight"}
)

func (f *File) parseCatalog(r *lines, header map[string]string) error {
	columns := strings.Split(r.text, "\t")
	column := map[string]int{}
	for i, name := range columns {
		name = strings.TrimSpace(name)
		if _, ok := column[name]; ok {
			return r.Errorf("the column %s occurs twice", name)
		}
		column[name] = i
	}
	var weights []string // their columns
	for _, name := range columns {
		if name = strings.TrimSpace(name); name == weightColumn || strings.HasPrefix(name, weightColumn+"_") {
			weights = append(weights, name)
		}
	}
	if _, ok := column[effectColumn]; !ok {
		return r.Errorf("the column %s is missing", effectColumn)
	}
	if weights == nil {
		return r.Errorf("the column %s is missing", weightColumn)
	}
	_, harmonised := column[hmPosColumn]
	_, positioned := column[posColumn]
	_, identified := column[idColumn]
	if !harmonised && !positioned && !identified {
		return r.Errorf("the columns %s, %s and %s are missing, so variants cannot be found", hmPosColumn, posColumn, idColumn)
	}
	name := header["pgs_id"]
	if name == "" {
		name = stem(f.Path)
	}
	for _, column := range weights {
		if suffix := strings.TrimPrefix(column, weightColumn+"_"); suffix != column {
			f.Names = append(f.Names, suffix)
		} else {
			f.Names = append(f.Names, name)
		}
	}
	f.Build = header["genome_build"]
	if harmonised {
		f.Build = header["HmPOS_build"]
	}
	if strings.EqualFold(f.Build, "NR") {
		f.Build = ""
	}
	for {
		err := r.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		fields := strings.Split(r.text, "\t")
		if len(fields) > len(columns) {
			return r.Errorf("%d columns, the header has %d", len(fields), len(columns))
		}
		// Columns at the end may be empty, and then editors cut the tabs.
		get := func(name string) string {
			if i, ok := column[name]; ok && i < len(fields) {
				return strings.TrimSpace(fields[i])
			}
			return ""
		}
		w, ok, err := f.catalogWeight(r, get, weights, harmonised)
		if err != nil {
			return err
		}
		if ok {
			f.Weights = append(f.Weights, w)
		}
	}
}

// catalogWeight reads a line whose fields get returns. It is not ok where the effect
// allele is no sequence.
func (f *File) catalogWeight(l *lines, get func(name string) string, weights []string, harmonised bool) (w Weight, ok bool, err error) {
	for _, flag := range unsupported {
		switch text := get(flag); strings.ToLower(text) {
		case "", "na", "false":
		case "true":
			return w, false, l.Errorf("%s: only weights that multiply the number of effect alleles are supported; a score without this line would be a different score", flag)
		default:
			return w, false, l.Errorf("%s is %.40q, and not True or False; write one of them, or nothing", flag, text)
		}
	}
	for _, column := range dosageWeights {
		if text := get(column); text != "" && text != "NA" {
			return w, false, l.Errorf("%s is %s: only weights that multiply the number of effect alleles are supported; a score without this line would be a different score", column, text)
		}
	}
	w = Weight{Line: l.Number(), ID: get(idColumn)}
	for _, column := range weights {
		value, err := l.weight(get(column))
		if err != nil {
			return w, false, err
		}
		w.Values = append(w.Values, value)
	}
	if w.Effect, ok = f.addAllele(l, get(effectColumn)); !ok {
		return w, false, nil
	}
	if w.Frequency, err = l.frequency(get(frequencyColumn)); err != nil {
		return w, false, err
	}
	w.Other = single(get(otherColumn), get(hmOtherColumn), get(referenceColumn))
	chrom, pos := get(chromColumn), get(posColumn)
	if harmonised {
		// Without a harmonised position the variant is not on that build.
		chrom, pos = get(hmChromColumn), get(hmPosColumn)
		if id := get(hmIDColumn); w.ID == "" {
			w.ID = id
		}
	}
	if pos == "" || pos == "NA" || chrom == "" {
		return w, true, nil
	}
	w.Chrom = chrom
	if w.Pos, err = strconv.Atoi(pos); err != nil || w.Pos < 1 {
		return w, false, l.Errorf("the position %q is not a whole number of 1 or more", pos)
	}
	return w, true, nil
}

// single is the first of the texts that is one allele: files list several as A/T.
func single(texts ...string) string {
	for _, text := range texts {
		text = strings.ToUpper(text)
		if text != "" && strings.Trim(text, "ACGTN") == "" {
			return text
		}
	}
	return ""
}
