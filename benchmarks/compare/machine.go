package main

import (
	"debug/buildinfo"
	"runtime"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"
)

// A machine is where and with what the figures were measured.
type machine struct {
	CPU      string `json:"cpu"`
	Cores    int    `json:"cores"`
	Vectors  string `json:"vectors"` // instructions that genoveil's kernels use
	Go       string `json:"go"`
	Revision string `json:"revision,omitempty"` // of genoveil's source
	PLINK1   string `json:"plink1,omitempty"`
	PLINK2   string `json:"plink2,omitempty"`
	Date     string `json:"date"`
}

func (b *bench) machine() (machine, error) {
	m := machine{
		CPU: cpuid.CPU.BrandName, Cores: runtime.NumCPU(), Vectors: vectors(b.Tags),
		PLINK1: b.plink1.version, PLINK2: b.plink2.version, Date: time.Now().UTC().Format(time.DateOnly),
	}
	info, err := buildinfo.ReadFile(b.genoveil)
	if err != nil {
		return m, err
	}
	m.Go = info.GoVersion
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			m.Revision = s.Value + m.Revision
		case s.Key == "vcs.modified" && s.Value == "true":
			m.Revision += ", modified"
		}
	}
	return m, nil
}

// vectors names the level that kernels/cpu/level chooses on this processor when it is
// built with the tags.
func vectors(tags string) string {
	has := map[string]bool{}
	for _, tag := range strings.FieldsFunc(tags, func(r rune) bool { return r == ',' || r == ' ' }) {
		has[tag] = true
	}
	switch {
	case has["noasm"]:
		return "portable"
	case !has["noavx512"] && cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512DQ, cpuid.AVX512VL):
		return "AVX-512"
	case cpuid.CPU.Supports(cpuid.AVX2):
		return "AVX2"
	}
	return "portable"
}
