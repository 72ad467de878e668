package bam

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"sync"
	"sync/atomic"

	"genoveil/genomics"
	"genoveil/genomics/chrom"
	"genoveil/genomics/sites"
)

// Options say which reads to use and which calls to trust.
type Options struct {
	MinMapQ  int // least mapping quality of a read
	MinBaseQ int // least quality of a base
	MinGQ    int // least genotype quality of a call
	MinDepth int // least number of fragments that show REF or ALT
	Threads  int // files read at a time

	// Pipe returns the data of a file that comes through a pipe, and nil for others.
	Pipe func(path string) (io.Reader, error)

	// Tests make them small: sites called at a time, the least number of bytes that a
	// jump must save, and enoughReads. 0 stands for what is best.
	window, jump, reads int
}

// Reasons for passing over a site, as Skipped reports them.
const (
	noContig   = "on a contig that no BAM file has"
	oddAlleles = "most reads show neither REF nor ALT"
)

// A Caller is a genomics.Source of the calls at sites.
type Caller struct {
	options Options
	sites   *sites.Reader
	files   []*scanner
	matcher *matcher
	piles   []*pile
	stop    atomic.Bool
	done    <-chan struct{} // of the context that Close ends
	cancel  context.CancelFunc
	ready   chan *window
	empty   chan *window
	reading sync.Mutex // held while BAM files are read
	current *window
	closed  bool
	names   []string
	contigs []sites.Contig

	// Of the goroutine that fills windows.
	ahead   sites.Site
	peeked  bool
	chrom   string
	numbers []int // that chrom has, by dictionary
	length  int
	called  int
	lost    int // sites on contigs that no file has
	tested  int // sites with enough reads to tell whether their alleles are right
	odd     int // those whose alleles are not

	mu      sync.Mutex // guards what follows
	skipped map[string]int
}

var (
	errStopped = errors.New("interrupted")
	errClosed  = errors.New("bam: the caller is closed")
)

// Open opens one BAM file a sample, to call genotypes at the sites, which Close
// closes too. The samples have the names and the order of the files' read groups.
// Calls are made ahead of Next until Close, or until ctx ends.
func Open(ctx context.Context, sites *sites.Reader, paths []string, o Options) (*Caller, error) {
	c := &Caller{
		options: o, sites: sites, matcher: newMatcher(sites), skipped: map[string]int{},
		ready: make(chan *window), empty: make(chan *window, 2),
	}
	if err := c.openFiles(paths); err != nil {
		c.closeFiles()
		return nil, err
	}
	for range min(max(1, o.Threads), len(paths)) {
		c.piles = append(c.piles, &pile{options: o, stop: &c.stop})
	}
	for range cap(c.empty) {
		c.empty <- new(window)
	}
	ctx, c.cancel = context.WithCancel(ctx)
	c.done = ctx.Done()
	context.AfterFunc(ctx, func() { c.stop.Store(true) })
	go c.work()
	return c, nil
}

// open opens a file or a pipe; - is standard input.
func (o *Options) open(path string) (*file, error) {
	if o.Pipe == nil {
		return open(path)
	}
	data, err := o.Pipe(path)
	switch {
	case err != nil:
		return nil, err
	case data == nil:
		return open(path)
	case path == "-":
		path = "standard input"
	}
	return openPipe(path, data)
}

func (c *Caller) openFiles(paths []string) error {
	if len(paths) == 0 {
		return errors.New("no BAM files to call genotypes from")
	}
	holder := map[string]string{}
	for _, path := range paths {
		f, err := c.options.open(path)
		if err != nil {
			return err
		}
		path = f.path
		c.files = append(c.files, newScanner(f, cmp.Or(c.options.jump, minJump)))
		if first, ok := holder[f.sample]; ok {
			return fmt.Errorf("%s and %s both have reads of sample %s; join them with samtools merge, or give each its own SM with samtools addreplacerg", first, path, f.sample)
		}
		holder[f.sample] = path
		c.names = append(c.names, f.sample)
		c.matcher.addFile(f)
	}
	// A list of sites of another build is better refused now than after hours.
	if err := c.peek(); err == io.EOF {
		return c.sites.NoSite()
	} else if err != nil {
		return err
	}
	if _, _, err := c.matcher.match(c.ahead.Chrom); err != nil {
		return err
	}
	for _, k := range c.sites.Contigs() {
		if _, length, err := c.matcher.match(k.Name); err == nil && length > 0 {
			c.contigs = append(c.contigs, sites.Contig{Name: k.Name, Length: length})
		}
	}
	if len(c.contigs) == 0 {
		c.contigs = c.spell(c.ahead.Chrom)
	}
	return nil
}

// spell returns the contigs of the first file, named with or without chr as the
// file of sites names one of them, its example.
func (c *Caller) spell(example string) (out []sites.Contig) {
	d := c.matcher.dictionaries[0]
	at := d.names.Find(example)
	for i, k := range d.contigs {
		switch bare := chrom.Bare(k.name); {
		case at < 0:
		case i == at:
			k.name = example
		case chrom.Bare(example) == example:
			k.name = bare
		case bare == k.name:
			k.name = "chr" + bare
		}
		out = append(out, sites.Contig{Name: k.name, Length: k.length})
	}
	return out
}

func (c *Caller) closeFiles() (err error) {
	for _, f := range c.files {
		if f.handle != nil {
			err = errors.Join(err, f.handle.Close())
		}
	}
	return errors.Join(err, c.sites.Close())
}

// Close ends the calling. A Read of sites that the caller gave open may still wait;
// its goroutine ends when it returns.
func (c *Caller) Close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	c.stop.Store(true)
	c.cancel()
	c.reading.Lock() // ends soon, and is not begun again after stop
	defer c.reading.Unlock()
	return c.closeFiles()
}

// Samples returns the names of the samples, in the order of the files.
func (c *Caller) Samples() []string { return c.names }

// Skipped says how many records of sites were passed over so far, by reason.
func (c *Caller) Skipped() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.skipped)
}

// Contigs returns the contigs of the header of the sites that a file has, with the
// lengths they have there. If it has none, they are those of the first file.
func (c *Caller) Contigs() []sites.Contig { return c.contigs }

// Next reads the next site into v and its genotypes into row, as genomics.Source
// says.
func (c *Caller) Next(v *genomics.Variant, row genomics.Row) error {
	w, i, err := c.next()
	if err != nil {
		return err
	}
	*v = w.sites[i].Variant
	clear(row)
	for f := range c.files {
		row.Set(f, w.of(f)[i].Genotype)
	}
	return nil
}

// NextCalls is Next with everything that is known of the calls, one a sample.
func (c *Caller) NextCalls(v *genomics.Variant, calls []Call) error {
	w, i, err := c.next()
	if err != nil {
		return err
	}
	*v = w.sites[i].Variant
	for f := range c.files {
		calls[f] = w.of(f)[i]
	}
	return nil
}

// next returns a window and a site in it.
func (c *Caller) next() (*window, int, error) {
	if c.closed {
		return nil, 0, errClosed
	}
	for {
		if c.current == nil {
			select {
			case c.current = <-c.ready:
			case <-c.done:
				return nil, 0, errStopped
			}
		}
		w := c.current
		if w.err != nil {
			return nil, 0, w.err
		}
		for w.at < len(w.sites) {
			i := w.at
			w.at++
			if !w.odd[i] {
				return w, i, nil
			}
			c.count(oddAlleles, 1)
		}
		c.empty <- w
		c.current = nil
	}
}

func (c *Caller) count(reason string, n int) {
	c.mu.Lock()
	c.skipped[reason] += n
	c.mu.Unlock()
}
