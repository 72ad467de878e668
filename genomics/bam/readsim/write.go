package readsim

import (
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"os"

	"github.com/biogo/hts/bam"
	"github.com/biogo/hts/sam"
)

// WriteBAM writes a sample's reads to a file, sorted, and the index beside it
// (path.bai).
func (c *Cohort) WriteBAM(path string, sample int) error {
	text := "@HD\tVN:1.6\tSO:coordinate\n"
	for _, k := range c.contigs {
		text += fmt.Sprintf("@SQ\tSN:%s\tLN:%d\n", k.Name, k.Length)
	}
	text += fmt.Sprintf("@RG\tID:run1\tSM:%s\tPL:ILLUMINA\n", c.SampleName(sample))
	header, err := sam.NewHeader([]byte(text), nil)
	if err != nil {
		return err
	}
	group, err := sam.NewAux(sam.NewTag("RG"), "run1")
	if err != nil {
		return err
	}
	return WriteRecords(path, header, func(write func(*sam.Record) error) error {
		for i := range c.contigs {
			k := &c.contigs[i]
			random := rand.New(rand.NewPCG(c.options.Seed, uint64(1+sample)<<32|uint64(i)))
			q := sequencer{random: random, ref: header.Refs()[i], contig: k, copies: c.haplotypes(k, sample, random), group: group}
			if err := q.run(c.options.Depth, write); err != nil {
				return err
			}
		}
		return nil
	})
}

// WriteRecords writes a BAM file from the records that make hands to write, and
// its index.
func WriteRecords(path string, header *sam.Header, make func(write func(*sam.Record) error) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	w, err := bam.NewWriterLevel(file, header, gzip.BestSpeed, 2)
	if err != nil {
		return err
	}
	if err := make(w.Write); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return WriteBAI(path)
}
