package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/text"
)

// A fileFormat is a kind of files that people give with the flag of another.
type fileFormat struct {
	name  string
	flags []string // that take it
	help  string   // what to do; FILE and NAME stand for its path, with and without the suffix
}

const (
	vcfFlag   = "--vcf"
	bfileFlag = "--bfile"
	pfileFlag = "--pfile"
	bgenFlag  = "--bgen"
	bamFlag   = "--bam"
	sitesFlag = "--sites"
)

var (
	vcfFormat   = fileFormat{"a VCF file", []string{vcfFlag, sitesFlag}, "give it with --vcf FILE, or with --sites FILE if it has the sites to call"}
	bcfFormat   = fileFormat{"a BCF file", nil, "send it through bcftools view FILE | genoveil …, and give - in its place"}
	bgenFormat  = fileFormat{"a BGEN file", []string{bgenFlag}, "give it with --bgen FILE, and its .sample file with --sample"}
	bedFormat   = fileFormat{"a PLINK 1 .bed file", []string{bfileFlag, pfileFlag}, "give its fileset with --bfile NAME"} // whose data a .pgen file may have
	pgenFormat  = fileFormat{"a PLINK 2 .pgen file", []string{pfileFlag}, "give its fileset with --pfile NAME"}
	bamFormat   = fileFormat{"a BAM file, with reads and no genotypes", []string{bamFlag}, "give it with --bam FILE, and the sites to call with --sites"}
	samFormat   = fileFormat{"a SAM file, with reads and no genotypes", []string{bamFlag}, "convert it with samtools sort -o NAME.bam FILE, and give that with --bam"}
	cramFormat  = fileFormat{"a CRAM file, with reads and no genotypes", []string{bamFlag}, "send it through samtools view -u -T REFERENCE.fa FILE | genoveil … --bam -, and give the sites to call with --sites"}
	gzip2Format = fileFormat{"compressed twice", nil, "unpack it once with gzip -d and try again"}
	bzip2Format = fileFormat{"a bzip2 file", nil, "unpack it with bzip2 -dk FILE, and give what that makes"}
	xzFormat    = fileFormat{"an xz file", nil, "unpack it with xz -dk FILE, and give what that makes"}
	zipFormat   = fileFormat{"a zip archive, as spreadsheets are too", nil, "unpack it with unzip, and give the file of genotypes in it"}
	htmlFormat  = fileFormat{"a web page", nil, "download it again, and look at it first: it may say what went wrong"}
	emptyFormat = fileFormat{"empty", nil, "copy it again, or see what the program says that writes it"}
	fastqFormat = fileFormat{"a FASTQ file, with reads that have no place on the genome", nil, "align them, for example with bwa mem, sort them with samtools sort, and give the BAM file with --bam"}
)

// A givenFile is a file and the flag that it was given with.
type givenFile struct{ flag, path string }

// checkFormats refuses files whose format has another flag, or none. What cannot be read
// here, and formats that are not known, are left to those who read the file.
func checkFormats(files []givenFile) error {
	for _, file := range files {
		path := file.path
		if path == "" || path == "-" {
			continue
		}
		var suffix, other string
		switch file.flag {
		case bfileFlag:
			suffix, other = ".bed", ".pgen"
		case pfileFlag:
			suffix, other = ".pgen", ".bed"
		}
		if suffix != "" && !strings.HasSuffix(path, suffix) && exists(path+suffix) {
			path += suffix
		} else if suffix != "" && exists(path+other) {
			format := map[string]string{".pgen": "PLINK 2 fileset; give it with --pfile ", ".bed": "PLINK 1 fileset; give it with --bfile "}
			return fmt.Errorf("%s is not there, and %s is: a %s%s", path+suffix, path+other, format[other], path)
		}
		if err := formatOf(path).check(file.flag, path); err != nil {
			return err
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// check refuses a file of the format that was given with a flag.
func (f *fileFormat) check(flag, path string) error {
	if f == nil || slices.Contains(f.flags, flag) {
		return nil
	}
	name := path
	for _, suffix := range []string{".bed", ".pgen", ".sam", ".gz"} {
		name = strings.TrimSuffix(name, suffix)
	}
	return fmt.Errorf("%s is %s; %s", path, f.name, strings.NewReplacer("FILE", path, "NAME", name).Replace(f.help))
}

// formatOf returns the format of a file by its first bytes, or nil.
func formatOf(path string) *fileFormat {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil // a pipe can be read only once
	}
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	plain, err := bufio.NewReader(io.NewSectionReader(file, 0, 20)).Peek(20)
	if err != nil && err != io.EOF {
		return nil
	}
	switch head := string(plain); {
	case len(head) == 20 && head[16:] == "bgen":
		return &bgenFormat
	case strings.HasPrefix(head, "\x6c\x1b\x00"), strings.HasPrefix(head, "\x6c\x1b\x01"):
		return &bedFormat
	case strings.HasPrefix(head, "\x6c\x1b"):
		return &pgenFormat
	case strings.HasPrefix(head, "CRAM"):
		return &cramFormat
	case head == "":
		return &emptyFormat
	}
	unpacked, err := text.NewReader(file)
	if err != nil {
		return nil
	}
	begin := make([]byte, 4096)
	n, err := io.ReadFull(unpacked, begin)
	if err == io.EOF {
		return &emptyFormat
	}
	return formatOfText(string(begin[:n]))
}

// formatOfText returns the format of what may have been compressed, or nil.
func formatOfText(head string) *fileFormat {
	start := strings.ToLower(strings.TrimLeft(head, "\ufeff \t\r\n"))
	switch {
	case strings.HasPrefix(head, "\x1f\x8b"):
		return &gzip2Format
	case strings.HasPrefix(head, "BZh"):
		return &bzip2Format
	case strings.HasPrefix(head, "\xfd7zXZ\x00"):
		return &xzFormat
	case strings.HasPrefix(head, "PK\x03\x04"):
		return &zipFormat
	case strings.HasPrefix(start, "<!doctype html"), strings.HasPrefix(start, "<html"):
		return &htmlFormat
	case strings.HasPrefix(head, "BAM\x01"):
		return &bamFormat
	case strings.HasPrefix(head, "BCF"):
		return &bcfFormat
	case strings.HasPrefix(head, "##fileformat=VCF"):
		return &vcfFormat
	}
	for _, tag := range []string{"HD", "SQ", "RG", "PG", "CO"} {
		if strings.HasPrefix(head, "@"+tag+"\t") {
			return &samFormat
		}
	}
	if name, rest, ok := strings.Cut(head, "\n"); ok && strings.HasPrefix(name, "@") {
		if bases, _, _ := strings.Cut(rest, "\n"); genomics.IsSequence(strings.TrimSuffix(bases, "\r")) {
			return &fastqFormat
		}
	}
	return nil
}
