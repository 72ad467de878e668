package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/bed"
	"genoveil/genomics/pgen"
	"genoveil/genomics/vcf"
)

// An inputFile is a file of genotypes, or a fileset by its prefix.
type inputFile struct {
	path    string
	sample  string   // of a BGEN file, "" for none
	regions []string // of a VCF, to which the reading is restricted
}

// findFiles names the files of genotypes. What @ does not find is in lacking.
func (g *genotypeFlags) findFiles() (files []inputFile, lacking []string, err error) {
	samples := g.binary.samples()
	for i, name := range slices.Concat(g.vcf, g.bfile, g.binary.pfile, g.binary.bgen) { // of which one is given
		at, err := expandAt(name, g.parts())
		if err != nil {
			return nil, nil, err
		}
		sample := ""
		if named(g.binary.bgen) {
			sample = samples[i]
		}
		if at.spelled == nil && strings.ContainsAny(name, ",{*") && !isThere(g.parts()(name)) {
			return nil, nil, fmt.Errorf("%s: there is no such file; one name is one file, so repeat the flag for every file, or write @ for the chromosome, as in chr@", name)
		}
		if at.spelled == nil {
			files = append(files, inputFile{path: name, sample: sample})
			continue
		}
		for _, s := range at.spelled {
			file := inputFile{path: at.with(s), sample: sample}
			if !isThere([]string{sample}) {
				file.sample = strings.ReplaceAll(sample, "@", s)
			}
			files = append(files, file)
		}
		if len(at.absent) > 0 {
			lacking = append(lacking, fmt.Sprintf("%s: there is no file of chromosome %s", name, ranges(at.absent)))
		}
	}
	if g.vcfList != "" {
		more, err := readLines(g.vcfList, "VCF files")
		if err != nil {
			return nil, nil, err
		}
		for _, path := range more {
			if path == "-" {
				return nil, nil, fmt.Errorf("%s names standard input (-); give it alone, as --vcf -", g.vcfList)
			}
			files = append(files, inputFile{path: path})
		}
	}
	return files, lacking, checkSeveral(files, g.parts())
}

// parts says which files the name of one means.
func (g *genotypeFlags) parts() func(string) []string {
	switch {
	case named(g.bfile):
		return bed.Files
	case named(g.binary.pfile):
		return pgen.Files
	}
	return func(path string) []string { return []string{path} }
}

// checkSeveral refuses, of several files, those that can be read only once, and any that
// is given twice.
func checkSeveral(files []inputFile, parts func(string) []string) error {
	if len(files) < 2 {
		return nil
	}
	infos := make([]os.FileInfo, len(files))
	for i, file := range files {
		if file.path == "-" {
			return errors.New("standard input (-) cannot be one of several files; join them before (bcftools concat FILES | genoveil … --vcf -), or give files only")
		}
		info, err := os.Stat(parts(file.path)[0])
		if err != nil {
			continue // who opens it says why
		}
		if info.Mode()&os.ModeNamedPipe != 0 {
			return fmt.Errorf("%s is a pipe, and one of several files, which are opened twice to compare their samples first; give files on disk, or one pipe alone", file.path)
		}
		for k, other := range infos[:i] {
			if other != nil && os.SameFile(info, other) {
				if files[k].path == file.path {
					return fmt.Errorf("%s is given twice; give each file once", file.path)
				}
				return fmt.Errorf("%s is the same file as %s; give each file once", file.path, files[k].path)
			}
		}
		infos[i] = info
	}
	return nil
}

// openFiles opens one file, or joins several.
func openFiles[S any](g *genotypeFlags, log *slog.Logger, join func([]genomics.File[S]) (S, error), open func(inputFile) (S, error)) (S, error) {
	files, err := g.inRegions()
	if err != nil {
		var none S
		return none, err
	}
	if len(files) == 1 {
		return open(files[0])
	}
	var all []genomics.File[S]
	for _, file := range files {
		all = append(all, genomics.File[S]{Name: file.path, Open: func() (S, error) { return open(file) }})
	}
	log.Info(fmt.Sprintf("%s of genotypes, from %s to %s", count(len(files), "file"), files[0].path, files[len(files)-1].path), "files", len(files))
	return join(all)
}

// inRegions leaves the files that have records in --region, if that is given.
func (g *genotypeFlags) inRegions() ([]inputFile, error) {
	files := slices.Clone(g.files)
	if len(files) == 1 {
		files[0].regions = g.regions
	}
	if len(files) == 1 || len(g.regions) == 0 {
		return files, nil
	}
	var paths []string
	for _, file := range files {
		paths = append(paths, file.path)
	}
	in, err := vcf.InFiles(paths, g.regions)
	if err != nil {
		return nil, err
	}
	for i := range files {
		files[i].regions = in[i]
	}
	return slices.DeleteFunc(files, func(file inputFile) bool { return len(file.regions) == 0 }), nil
}
