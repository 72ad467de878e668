package genomics

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Keys of INFO that programs write imputation quality to: the squared correlation of
// Minimac (R2) and of Beagle (DR2, and AR2 of its version 4), and the information of IMPUTE5,
// GLIMPSE and bcftools (INFO), of STITCH and QUILT (INFO_SCORE), and of tables that name it
// so (IMPINFO).
var (
	R2Keys   = []string{"R2", "DR2", "AR2"}
	InfoKeys = []string{"INFO", "INFO_SCORE", "IMPINFO"}
)

// A QualityHeader is which of these keys the header of a file declares.
type QualityHeader struct{ declared []string }

// Read reads a line of the header.
func (h *QualityHeader) Read(line []byte) {
	rest, ok := bytes.CutPrefix(line, []byte("##INFO=<ID="))
	if !ok {
		return
	}
	id, _, _ := bytes.Cut(rest, []byte(","))
	key := string(bytes.TrimSuffix(id, []byte(">")))
	if (slices.Contains(R2Keys, key) || slices.Contains(InfoKeys, key)) && !slices.Contains(h.declared, key) {
		h.declared = append(h.declared, key)
	}
}

// Choose returns the first of some keys that the header declares; name is that of the file
// in the error.
func (h *QualityHeader) Choose(name string, keys []string) (string, error) {
	for _, key := range keys {
		if slices.Contains(h.declared, key) {
			return key, nil
		}
	}
	other := ""
	if len(h.declared) > 0 {
		other = "; it declares " + strings.Join(h.declared, ", ")
	}
	return "", fmt.Errorf("the header of %s declares none of %s in INFO%s", name, strings.Join(keys, ", "), other)
}

// QualityOf returns the number that INFO has for a key, and NaN where it has none. Of a key
// that is there twice the first counts.
func QualityOf(info []byte, key string) float64 {
	for more := true; more; {
		var field []byte
		field, info, more = bytes.Cut(info, []byte(";"))
		value, ok := bytes.CutPrefix(field, []byte(key))
		if !ok || len(value) == 0 || value[0] != '=' {
			continue
		}
		q, err := strconv.ParseFloat(string(value[1:]), 64)
		if err != nil || math.IsInf(q, 0) {
			return math.NaN()
		}
		return q
	}
	return math.NaN()
}
