package main

import (
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"genoveil/genomics/meta"
	"genoveil/genomics/text"
)

func newStudyVariants(s *session) *cobra.Command {
	var vcf, other, out string
	var build int
	var ancestries []string
	cmd := &cobra.Command{
		Use:   "variants --list-vcf FILE --list-build N --ancestry NAME=KEY … -o FILE.gz [--other-vcf FILE]",
		Short: "Make the list of variants of a study's meta-analyses",
		Long: `Reads a VCF of sites, such as one of gnomAD or of an imputation panel, and writes the
list that a charter names: ID, chromosome, positions on both builds, REF, ALT, and the
frequency of ALT in each ancestry. --ancestry eur=AF_EUR takes that of ancestry eur from
AF_EUR in INFO. --other-vcf has the same variants on the other build, by ID and alleles;
without it, sites whose tables are on that build have no way in.

Records of several ALT alleles are left out. Split them with 'bcftools norm -m -', which
also left-aligns insertions and deletions.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			if build != int(meta.GRCh37) && build != int(meta.GRCh38) {
				return usagef("--list-build takes 37 or 38, not %d", build)
			}
			var frequencies []meta.Frequency
			for _, a := range ancestries {
				name, key, ok := strings.Cut(a, "=")
				if !ok || name == "" || key == "" {
					return usagef("--ancestry takes NAME=KEY, such as eur=AF_EUR, not %q", a)
				}
				frequencies = append(frequencies, meta.Frequency{Ancestry: name, Key: key})
			}
			sites, file, err := openSiteList(vcf)
			if err != nil {
				return err
			}
			defer file.Close()
			var second *meta.VCF
			if other != "" {
				if second, file, err = openSiteList(other); err != nil {
					return err
				}
				defer file.Close()
			}
			var made *meta.Made
			var wrong error // with an input, which the error names
			err = writeFile(out, 0o666, func(w io.Writer) error {
				z := gzip.NewWriter(w)
				if made, wrong = meta.MakeList(z, *sites, meta.Build(build), second, frequencies); wrong != nil {
					return wrong
				}
				return z.Close()
			})
			if err := cmp.Or(wrong, err); err != nil {
				return err
			}
			for reason, n := range made.Skipped {
				s.log.Warn(fmt.Sprintf("left out %s: %s", count(n, "record"), reason))
			}
			for reason, n := range made.Nowhere {
				s.log.Warn(fmt.Sprintf("%s without a position on the other build: %s", count(n, "variant"), reason))
			}
			s.log.Info(fmt.Sprintf("wrote %s: %s, %d with positions on both builds", out, count(made.Variants, "variant"), made.Elsewhere))
			return nil
		},
	}
	cmd.Flags().StringVar(&vcf, "list-vcf", "", "VCF of sites; plain, gzip or zstd")
	cmd.Flags().StringVar(&other, "other-vcf", "", "VCF of the same variants on the other build")
	cmd.Flags().IntVar(&build, "list-build", 38, "build of --list-vcf, 37 or 38")
	cmd.Flags().StringSliceVar(&ancestries, "ancestry", nil, "name of an ancestry and the key of its frequency in INFO; may be repeated")
	cmd.Flags().StringVarP(&out, "out", "o", "", "output; `FILE` of the list, gzip")
	require(cmd, "list-vcf", "ancestry", "out")
	return cmd
}

// openSiteList opens a VCF, plain or compressed.
func openSiteList(path string) (*meta.VCF, io.Closer, error) {
	f, err := text.OpenFile(path, "a VCF")
	if err != nil {
		return nil, nil, err
	}
	r, err := text.NewReader(f)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return &meta.VCF{Name: path, Data: r}, f, nil
}
