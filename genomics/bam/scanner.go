package bam

import (
	"fmt"
	"io"
	"math"
	"sync/atomic"

	"github.com/biogo/hts/sam"
)

// A scanner takes one sample's reads through the windows of sites. It reads on
// from record to record, and jumps ahead where its index leads far beyond.
type scanner struct {
	*file
	minJump int64
	number  int   // of the contig being read, or -1
	table   table // of this contig, where there is an index
	over    bool  // this contig has no more reads
	highest int   // number of a contig read so far

	head    record // read but not used yet
	has     bool   // there is a head
	jumped  bool   // no record was read since the last jump
	lastRef int    // of the record read last, see rank
	lastPos int
	carry   carry
	spill   []byte
	jumps   int
	tally   tally
	scale   scale
}

// minJump is how many bytes of a file a jump must save. To inflate them takes 3 ms
// (Zen 4), in which also a disk moves its heads and a server answers.
const minJump = 1 << 18

func newScanner(f *file, minJump int) *scanner {
	return &scanner{file: f, minJump: int64(minJump), number: -1, highest: -1, lastPos: -1}
}

// rank orders contigs as a sorted file does: reads without a place come last.
func rank(ref int) int {
	if ref < 0 {
		return math.MaxInt
	}
	return ref
}

// scan calls the sites of a window, which are on a contig of this file.
func (s *scanner) scan(p *pile, contig int) error {
	if contig != s.number {
		if err := s.enter(contig); err != nil {
			return err
		}
	}
	positions := p.window.positions
	last := int(positions[len(positions)-1])
	for i := range s.carry.reads {
		p.add(&s.carry.reads[i].record, s.carry.reads[i].end)
	}
	s.carry.keep(p.window.next)
	for p.done < len(positions) && !s.over {
		if !s.has {
			if p.stop.Load() {
				return errStopped
			}
			if err := s.advance(int(positions[p.done])); err != nil {
				return err
			}
			continue
		}
		if at := rank(s.head.ref); at > contig {
			s.over = true
			break
		} else if at == contig {
			if s.head.pos > last {
				break
			}
			p.finish(s.head.pos)
			if err := s.use(p); err != nil {
				return err
			}
		}
		s.has = false
	}
	p.finish(math.MaxInt)
	return nil
}

// enter goes to another contig.
func (s *scanner) enter(contig int) error {
	s.number, s.over = contig, false
	s.carry.clear()
	if s.index == nil {
		switch {
		case contig < s.highest && s.handle == nil:
			return fmt.Errorf("%s: the panel has %s after %s, the reads before it, and a pipe cannot go back; bring the panel into their order, or give a file with an index",
				s.path, s.contigs[contig].name, s.contigs[s.highest].name)
		case contig < s.highest:
			return fmt.Errorf("%s: the panel has %s after %s, the file before it, and there is no index to go back; make one with samtools index %s",
				s.path, s.contigs[contig].name, s.contigs[s.highest].name, s.path)
		}
		s.highest = contig
		return nil
	}
	var err error
	if s.table, err = s.index.table(contig, len(s.contigs)); err != nil {
		return err
	}
	first, ok := s.table.lookup(0)
	if !ok {
		s.over = true
		return nil
	}
	if first < s.blocks.at() && !(s.has && s.head.ref == contig) {
		return s.jump(first)
	}
	return nil
}

// finish reads what is left of a file without an index, as only then its order is
// known to be right.
func (s *scanner) finish(stop *atomic.Bool) error {
	if s.index != nil {
		return nil
	}
	for s.over, s.has = false, false; !s.over; {
		if stop.Load() {
			return errStopped
		}
		if err := s.next(); err != nil {
			return err
		}
	}
	return nil
}

// advance reads the next record that may matter to a position. If there is none,
// the contig is over.
func (s *scanner) advance(pos int) error {
	if s.index != nil {
		to, ok := s.table.lookup(pos)
		if !ok {
			s.over = true
			return nil
		}
		if to.file() > s.blocks.at().file()+s.minJump {
			if err := s.jump(to); err != nil {
				return err
			}
		}
	}
	return s.next()
}

func (s *scanner) jump(to offset) error {
	s.has, s.jumped = false, true
	s.jumps++
	if s.lastRef != s.number {
		s.lastRef, s.lastPos = s.number, -1
	}
	if err := s.blocks.seek(to); err != nil {
		return s.damaged(noEOF(err))
	}
	return nil
}

// next reads the next record into head.
func (s *scanner) next() error {
	b, err := s.blocks.take(fixed, &s.spill)
	if err == io.EOF {
		s.over = true
		return nil
	}
	if err != nil {
		return s.cut(err)
	}
	head, ends, ok := parseFixed(b, len(s.contigs))
	if !ok {
		return s.badRecord("a record contradicts itself")
	}
	if ends.all > maxRecord {
		return s.badRecord("a record is larger than 64 MB")
	}
	if b, err = s.blocks.take(ends.all, &s.spill); err != nil {
		return s.cut(err)
	}
	head.setFields(b, ends)
	s.head, s.has = head, true
	s.tally.read++
	if head.ref < 0 || head.flags&sam.Unmapped != 0 {
		s.tally.left[unmapped]++
	}
	return s.checkOrder()
}

// checkOrder refuses files that are not sorted, and indexes that lead astray.
func (s *scanner) checkOrder() error {
	if s.jumped && s.head.ref != s.number {
		return s.badRecord("a read is on a different contig than the index says")
	}
	s.jumped = false
	at := rank(s.head.ref)
	if at == s.lastRef && s.head.pos < s.lastPos || at < s.lastRef {
		return fmt.Errorf("%s is not sorted by position: a read at %s comes after one at %s; sort it with samtools sort",
			s.path, s.place(s.head.ref, s.head.pos), s.place(s.lastRef, s.lastPos))
	}
	s.lastRef, s.lastPos = at, s.head.pos
	return nil
}

// place spells a position.
func (s *scanner) place(ref, pos int) string {
	if ref < 0 || ref >= len(s.contigs) {
		return "no position"
	}
	return fmt.Sprintf("%s:%d", s.contigs[ref].name, pos+1)
}

// use adds the head to the pile, if it is a read to be used.
func (s *scanner) use(p *pile) error {
	r := &s.head
	if reason, ok := r.unusable(p.options.MinMapQ); ok {
		if reason != unmapped { // which are counted wherever they are
			s.tally.left[reason]++
		}
		return nil
	}
	reference, read, ok := spans(r.cigar)
	if !ok || read != len(r.quality) {
		return s.badRecord("a CIGAR does not fit its read")
	}
	s.tally.usable++
	if !s.scale.known {
		s.scale.add(r.quality)
		if s.scale.reads >= scaleReads && s.scale.isOld() {
			return fmt.Errorf("%s: %s; put them right with gatk FixMisencodedBaseQualityReads -I %s -O NEW.bam", s.path, &s.scale, s.path)
		}
	}
	end := r.pos + reference
	p.add(r, end)
	if end > p.window.next {
		s.carry.add(r, end)
	}
	return nil
}

// damaged explains an error about the file's bytes.
func (s *scanner) damaged(err error) error {
	if s.jumps > 0 {
		err = fmt.Errorf("%w. Or %s belongs to a different file; make it again with samtools index %s", err, s.index.path, s.path)
	}
	return fmt.Errorf("%s: %w", s.path, err)
}

// cut is damaged for an error before the end of a record.
func (s *scanner) cut(err error) error {
	if noEOF(err) == io.ErrUnexpectedEOF {
		return s.badRecord("the file ends within a record")
	}
	return s.damaged(err)
}

// badRecord is damaged for what stands in a block that is whole.
func (s *scanner) badRecord(what string) error {
	return s.damaged(fmt.Errorf("near byte %d, %s; copy the file again, and check it with samtools view -c", s.blocks.at().file(), what))
}
