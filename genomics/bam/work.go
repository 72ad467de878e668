package bam

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
	"sync/atomic"
)

// work calls window after window, until the sites or the caller ends. The last
// window has an error in place of calls.
func (c *Caller) work() {
	for {
		var w *window
		select {
		case w = <-c.empty:
		case <-c.done:
			return
		}
		w.err = c.prepare(w)
		select {
		case c.ready <- w:
		case <-c.done:
			return
		}
		if w.err != nil {
			return
		}
	}
}

// prepare fills a window and calls it in all files.
func (c *Caller) prepare(w *window) error {
	if err := c.fill(w); err == io.EOF {
		return c.end()
	} else if err != nil {
		return err
	}
	if err := c.each(func(f int, p *pile) error { return c.scan(w, f, p) }); err != nil {
		return err
	}
	c.called += len(w.sites)
	return cmp.Or(c.checkFirst(), c.checkAlleles(w))
}

// each does something with all files, several at a time. It returns the error of
// the first file that has one.
func (c *Caller) each(do func(f int, p *pile) error) error {
	c.reading.Lock()
	defer c.reading.Unlock()
	var next atomic.Int64
	errs := make([]error, len(c.files))
	var group sync.WaitGroup
	for _, p := range c.piles {
		group.Go(func() {
			for f := int(next.Add(1)) - 1; f < len(c.files) && !c.stop.Load(); f = int(next.Add(1)) - 1 {
				errs[f] = do(f, p)
			}
		})
	}
	group.Wait()
	if c.stop.Load() {
		return errStopped
	}
	return cmp.Or(errs...)
}

// scan calls a window in one file.
func (c *Caller) scan(w *window, f int, p *pile) error {
	p.reset(w, w.of(f))
	contig := w.numbers[c.matcher.of[f]]
	if contig < 0 {
		p.finish(math.MaxInt)
		return nil
	}
	if err := c.files[f].scan(p, contig); err != nil {
		return err
	}
	c.files[f].tally.add(w.of(f))
	return nil
}

// checkAlleles refuses sites whose alleles the reads do not show: it is of
// another build of the genome, or states the other strand.
func (c *Caller) checkAlleles(w *window) error {
	odd, tested := w.findOdd(len(c.files))
	c.odd += odd
	c.tested += tested
	if c.tested >= 100 && 10*c.odd > c.tested {
		return c.errAlleles()
	}
	return nil
}

func (c *Caller) errAlleles() error {
	return fmt.Errorf("%s: at %d of %d sites most reads show neither REF nor ALT; is the panel of the genome build that the reads are aligned to?", c.sites.Name(), c.odd, c.tested)
}

// end returns io.EOF, or says why no site was called.
func (c *Caller) end() error {
	if err := c.each(func(f int, _ *pile) error { return c.files[f].finish(&c.stop) }); err != nil {
		return err
	}
	for reason, n := range c.sites.Skipped() {
		c.count(reason, n)
	}
	if c.lost > 0 {
		c.count(noContig, c.lost)
	}
	if c.called == 0 {
		var names []string
		for _, k := range c.files[0].contigs[:min(3, len(c.files[0].contigs))] {
			names = append(names, k.name)
		}
		return fmt.Errorf("%s: no site is on a contig of the BAM files; the last is on %s, and %s has for example %s", c.sites.Name(), c.chrom, c.files[0].path, strings.Join(names, ", "))
	}
	if c.called == c.odd {
		return c.errAlleles()
	}
	return cmp.Or(c.checkUse(), io.EOF)
}
