package owner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"genoveil/genomics"
	"genoveil/he"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/parallel"
	"genoveil/pipeline/private"
	"genoveil/pipeline/progress"
)

// GenotypeJob encrypts the variants of a source into a cohort directory (for
// upload) and an index (which stays).
type GenotypeJob struct {
	Source   genomics.Source       // hard calls, or nil
	Dosages  genomics.DosageSource // dosages, where Source is nil
	Sexes    []genomics.Sex        // of the samples; nil where none is given
	Purpose  format.Purpose        // what for; it decides the planes
	Params   he.Params             // from Purpose.Plan
	Secret   *he.SecretKey
	Dir      string // cohort directory
	Index    string // path of the index
	Threads  int
	Shard    format.Shard  // the blocks to encrypt; the zero Shard is Whole
	Progress progress.Func // variants encrypted

	// IDWidth, if not nil, is assoc.IDWidth over all variants that were loaded, those
	// included that a filter dropped. It is asked at the end.
	IDWidth func() int

	Encryptor he.ChunkEncryptor // for Params and Secret; nil: one on processors
}

// Writers is the number of chunks of a block that wait for the disk while as many as
// there are threads are encrypted. They wait in system calls, with a processor that the
// Go runtime gives to others only after up to some milliseconds: so a program that
// encrypts should have as many processors more (runtime.GOMAXPROCS) than threads. With
// two, one thread is faster by a fifth, two by a tenth.
const Writers = 2

// GenotypeResult says what was encrypted: the cohort or, while other shards are left,
// the blocks, files and variants of the shard.
type GenotypeResult struct {
	format.Manifest
	Variants int
	Resumed  int            // blocks of the shard kept from an interrupted run
	Left     []format.Shard // shards that are still to come
	Missing  int            // genotypes of the cohort, once it is complete
}

// reader reads the blocks of either source.
func (g *GenotypeJob) reader() (blockReader, format.Encoding) {
	if g.Source != nil {
		return hardCallReader{g.Source}, format.HardCalls
	}
	return dosageReader{g.Dosages}, format.Dosages
}

// ErrNoVariants is the error where there is nothing to encrypt.
var ErrNoVariants = errors.New("no variants to encrypt: none in the input, or all filtered out")

// Run encrypts. Interrupted by an error or the context, it leaves a journal, and
// the same call later continues after the last complete block. Jobs with the same
// cohort, index and genotypes and all Shards of a Count may run in any order and at the
// same time; whichever is the last completes the cohort.
func (g *GenotypeJob) Run(ctx context.Context) (*GenotypeResult, error) {
	reader, encoding := g.reader()
	samples := reader.Samples()
	if len(samples) == 0 {
		return nil, errors.New("no samples to encrypt")
	}
	params := g.Params
	encryptor := g.Encryptor
	if encryptor == nil {
		e, err := he.NewEncryptor(params.PlaneParams, g.Secret)
		if err != nil {
			return nil, err
		}
		encryptor = e.ChunkEncryptor(g.Threads)
	}
	shard := g.Shard
	if shard == (format.Shard{}) {
		shard = format.Whole
	}
	j, err := g.open(ctx, shard, samples)
	if err != nil {
		return nil, err
	}
	defer j.unlock()
	check, err := g.newCheck(j.state.CheckKey, encoding)
	if err != nil {
		return nil, err
	}
	w := &blockWriter{
		job: g, journal: j, planes: g.Purpose.Planes(encoding), check: check,
		meta:      format.BlockMeta{CohortID: j.state.CohortID, KeyID: j.state.KeyID, Params: params},
		encryptor: encryptor,
		workers:   sync.Pool{New: func() any { return new(chunkWorker) }},
	}
	result := &GenotypeResult{Manifest: format.Manifest{
		Version: 1, CohortID: j.state.CohortID, KeyID: j.state.KeyID, Params: params, Genotypes: encoding, Purpose: g.Purpose, Samples: len(samples),
		ChunkSamples: he.ChunkSamples, TileWidth: he.TileWidth,
	}}
	panel := format.NewPanelDigest()
	var chromosomes private.Chromosomes
	males := genomics.NewMask(len(samples), func(i int) bool { return g.Sexes != nil && g.Sexes[i] == genomics.Male })
	done := &shardRecord{CohortID: j.state.CohortID} // once all blocks are

	// One block is read while two are encrypted, so that no core waits for the last
	// chunk of a block, for its tallies or for the disk.
	group, groupCtx := errgroup.WithContext(ctx)
	blocks := make(chan *block)
	unreadable := false // the input
	group.Go(func() error {
		defer close(blocks)
		for number := 0; ; number++ {
			b, err := reader.next(params.N())
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				unreadable = true
				return err
			}
			b.males = males
			chromosomes.Add(number, b.Variants)
			for i := range b.Variants {
				panel.Add(&b.Variants[i])
			}
			if err := parallel.Send(groupCtx, blocks, b); err != nil {
				return err
			}
		}
	})
	underWay := make(chan *encryption)
	group.Go(func() error {
		defer close(underWay)
		number := -1
		for b := range blocks {
			number++
			if !shard.Owns(number) {
				done.add(b, b.digest())
				continue
			}
			e := &encryption{block: b, number: number, done: make(chan struct{})}
			// One after the other, so that nothing is recorded after a block that differs
			// from the interrupted run's.
			if err := w.prepare(e); err != nil {
				return err
			}
			done.add(b, e.record.Digest)
			group.Go(func() error {
				defer close(e.done)
				return w.write(groupCtx, e)
			})
			if err := parallel.Send(groupCtx, underWay, e); err != nil {
				return err
			}
		}
		return nil
	})
	group.Go(func() error {
		for e := range underWay {
			<-e.done
			if !e.finished {
				continue // its error ends the group
			}
			if e.kept {
				result.Resumed++
			}
			result.Blocks = append(result.Blocks, format.Block{Planes: e.record.Planes})
			result.Files = append(result.Files, e.record.Files...)
			result.Variants += len(e.block.Variants)
			for i := range e.block.Variants {
				done.Missing += e.block.missing(i)
			}
			g.Progress.Report(result.Variants, 0)
		}
		return nil
	})
	// An interrupt may also end the program that writes our input, which then looks
	// complete: so ask for it before anything is called finished.
	if err := errors.Join(group.Wait(), ctx.Err()); err != nil {
		if ctx.Err() != nil || j.shard != format.Whole {
			return nil, err // what other shards finished stays
		}
		return nil, g.abandon(j, err, unreadable)
	}
	if done.Variants == 0 {
		if shard != format.Whole {
			return nil, ErrNoVariants
		}
		return nil, g.abandon(j, ErrNoVariants, false)
	}
	if g.IDWidth != nil {
		done.IDWidth = g.IDWidth()
	}
	if err := j.finishShard(done); err != nil {
		return nil, err
	}
	// Of two shards that end together, the second finds the first's lock free, for
	// unlock opens that first.
	if err := j.waitForOthers(ctx); err != nil {
		return nil, err
	}
	left, missing, err := j.unfinished(done)
	if err != nil {
		return nil, err
	}
	if result.Left = left; len(left) > 0 {
		return result, nil
	}
	result.Variants, result.Missing = done.Variants, missing
	if err := w.collect(&result.Manifest, (done.Variants+params.N()-1)/params.N()); err != nil {
		return nil, err
	}
	g.sweep(format.Whole)
	if g.Purpose == format.Score {
		digest := panel.Sum()
		result.Panel = &digest
	}
	fingerprint, err := result.Manifest.Save(g.Dir)
	if err != nil {
		return nil, err
	}
	return result, j.writeIndex(g.Index, private.Index{
		Version: private.IndexVersion, CohortID: j.state.CohortID, Cohort: fingerprint, KeyID: j.state.KeyID, Params: params, Genotypes: encoding, Purpose: g.Purpose,
		MissingRate: float64(missing) / float64(len(samples)) / float64(result.Variants),
		Samples:     samples, Sexes: g.Sexes, CheckID: j.state.CheckID, CheckKey: j.state.CheckKey,
		Blocks: result.Blocks, Chromosomes: chromosomes.Ranges, Variants: done.Variants, IDWidth: done.IDWidth,
	})
}

// abandon removes what a run made that failed before any block was finished. What is
// finished stays, and where the input is unreadable the error says so.
func (g *GenotypeJob) abandon(j *journal, failed error, unreadable bool) error {
	finished, err := j.blocks()
	switch {
	case err != nil:
		return errors.Join(failed, err)
	case len(finished) == 0:
		return errors.Join(failed, os.RemoveAll(j.dir), os.RemoveAll(g.Dir))
	case unreadable:
		return fmt.Errorf("%w; %s and %s keep the blocks encrypted before: mend the input and give the command again to continue, or delete both to start again", failed, g.Dir, j.dir)
	}
	return failed
}

// An encryption is a block under way.
type encryption struct {
	block  *block
	number int
	record *finishedBlock
	kept   bool // the files of an interrupted run

	done     chan struct{} // closed at the end, after finished is set
	finished bool
}

// Check refuses names that are taken, but for those of a cohort that is not complete.
func (g *GenotypeJob) Check() error {
	if err := g.indexExists(); err != nil {
		return err
	}
	entries, err := os.ReadDir(g.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Stat(journalDir(g.Index)); len(entries) > 0 && err != nil {
		return fmt.Errorf("%s: is not empty; choose a different name or remove it", g.Dir)
	}
	return nil
}

// open prepares the cohort directory and the journal.
func (g *GenotypeJob) open(ctx context.Context, shard format.Shard, samples []string) (*journal, error) {
	if err := g.Check(); err != nil {
		return nil, err
	}
	fresh := journalState{CohortID: format.NewID(), KeyID: format.NewKeyID(g.Secret.ID()), Params: g.Params, Samples: samples}
	var err error
	if fresh.CheckID, fresh.CheckKey, err = g.newCheckKey(len(samples)); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(g.Dir, 0o777); err != nil {
		return nil, err
	}
	j, _, err := openJournal(ctx, g.Index, shard, fresh)
	if exists := g.indexExists(); exists != nil {
		// Another shard completed the cohort while we waited; this journal is for nothing.
		if err == nil {
			j.unlock()
		}
		os.RemoveAll(journalDir(g.Index))
		return nil, exists
	}
	if err != nil {
		return nil, err
	}
	g.sweep(shard)
	return j, nil
}

func (g *GenotypeJob) indexExists() error {
	if _, err := os.Stat(g.Index); err != nil {
		return nil
	}
	return fmt.Errorf("%s: already exists; choose a different name or remove it together with its cohort", g.Index)
}

// sweep removes temporary files of a run that was killed, if they are of the shard's
// blocks.
func (g *GenotypeJob) sweep(shard format.Shard) {
	entries, _ := os.ReadDir(g.Dir)
	for _, e := range entries {
		block := 0
		_, err := fmt.Sscanf(e.Name(), ".block%d-", &block)
		if strings.HasSuffix(e.Name(), ".partial") && (shard == format.Whole || err == nil && shard.Owns(block)) {
			os.Remove(filepath.Join(g.Dir, e.Name()))
		}
	}
}

// A blockWriter encrypts blocks into files.
type blockWriter struct {
	job     *GenotypeJob
	journal *journal
	planes  []format.Plane
	check   *check // nil for scoring
	meta    format.BlockMeta
	workers sync.Pool // *chunkWorker

	encryptor he.ChunkEncryptor
}

// chunkWorker is the working memory of one goroutine.
type chunkWorker struct {
	chunk he.EncryptedChunk
	codes []byte
}

// prepare tallies a block, and finds the files that an interrupted run made of the
// same genotypes.
func (w *blockWriter) prepare(e *encryption) error {
	j := w.journal
	e.block.count(w.check, w.job.Threads)
	digest := e.block.digest()
	record, err := j.finished(e.number)
	if err != nil {
		return err
	}
	if record != nil && record.CohortID == j.state.CohortID && record.Digest != digest {
		if j.shard != format.Whole {
			return fmt.Errorf("%s: the genotypes differ from those that shard %s had when it was interrupted (block %d); delete %s to encrypt this shard again", w.job.Dir, j.shard, e.number, j.shardDir(j.shard))
		}
		return fmt.Errorf("%s: the genotypes differ from those of the interrupted run (block %d); delete %s and %s to start again", w.job.Dir, e.number, w.job.Dir, j.dir)
	}
	if record != nil && w.intact(e.number, record) {
		e.record, e.kept = record, true
		return nil
	}
	if record != nil { // encrypt it again
		if err := os.Remove(j.blockPath(e.number, ".json")); err != nil {
			return err
		}
	}
	e.record = &finishedBlock{CohortID: w.journal.state.CohortID, Digest: digest, Planes: e.block.needed(w.planes)}
	return nil
}

// write makes the files of a block, unless they are there.
func (w *blockWriter) write(ctx context.Context, e *encryption) error {
	if e.kept {
		e.finished = true
		return nil
	}
	number, b, record := e.number, e.block, e.record
	var files []*blockFile
	defer func() {
		for _, f := range files {
			f.writer.Abort()
		}
	}()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(w.job.Threads + Writers)
	for from := 0; from < b.samples && ctx.Err() == nil; from += format.FileSamples {
		f, err := w.create(number, b, record.Planes, from)
		if err != nil {
			return errors.Join(err, group.Wait())
		}
		files = append(files, f)
		for chunk := range f.chunks {
			for p := range record.Planes {
				group.Go(func() error {
					if err := ctx.Err(); err != nil {
						return err
					}
					return w.writeChunk(f, b, chunk, p)
				})
			}
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil && len(files)*format.FileSamples < b.samples {
		return err
	}
	for _, f := range files {
		record.Files = append(record.Files, f.BlockFile)
	}
	if err := w.journal.finish(number, b, record); err != nil {
		return err
	}
	e.finished = true
	return nil
}

// intact says whether the files of a finished block are there and are those that
// were written.
func (w *blockWriter) intact(number int, record *finishedBlock) bool {
	if lines, err := os.ReadFile(w.journal.blockPath(number, ".zst")); err != nil || hashOf(lines) != record.Lines {
		return false
	}
	for _, f := range record.Files {
		r, err := chunkfile.Open(filepath.Join(w.job.Dir, f.Name), format.CohortKind)
		if err != nil {
			return false
		}
		r.Close()
		if r.Fingerprint() != f.Fingerprint {
			return false
		}
	}
	return record.CohortID == w.journal.state.CohortID
}

// A blockFile is a file under way.
type blockFile struct {
	format.BlockFile
	writer *chunkfile.Writer
	planes []format.Plane
	chunks int
	left   atomic.Int32 // chunks to write
}

func (w *blockWriter) create(number int, b *block, planes []format.Plane, from int) (*blockFile, error) {
	f := &blockFile{planes: planes}
	f.BlockFile = format.BlockFile{Name: format.BlockFileName(number, from), Block: number, From: from, To: min(from+format.FileSamples, b.samples)}
	chain := w.meta.Params.Chain()
	var sizes []int64
	for at := f.From; at < f.To; at += he.ChunkSamples {
		for range planes {
			sizes = append(sizes, int64(format.SeedSize+4*chain.ChunkLen(min(he.ChunkSamples, f.To-at))))
		}
		f.chunks++
	}
	f.left.Store(int32(len(sizes)))
	meta := w.meta
	meta.Block, meta.From, meta.To, meta.Planes = number, f.From, f.To, planes
	var err error
	f.writer, err = chunkfile.Create(filepath.Join(w.job.Dir, f.Name), format.CohortKind, meta, sizes, 0o666)
	return f, err
}

// writeChunk encrypts one plane of one chunk; whoever writes a file's last chunk
// completes it.
func (w *blockWriter) writeChunk(f *blockFile, b *block, chunk, p int) error {
	worker := w.workers.Get().(*chunkWorker)
	defer w.workers.Put(worker)
	from := f.From + chunk*he.ChunkSamples
	to := min(from+he.ChunkSamples, f.To)
	if size := b.matrix.width() * len(b.Variants); len(worker.codes) < size {
		worker.codes = make([]byte, size)
	}
	b.matrix.copyChunk(worker.codes, len(b.Variants), from, to)
	err := w.encryptor.EncryptChunk(&worker.chunk, to-from, func(sample int, values []int32) {
		b.planeRow(values, worker.codes, sample, f.planes[p])
	})
	if err != nil {
		return err
	}
	if err := f.writer.WriteChunk(chunk*len(f.planes)+p, format.BytesOf(worker.chunk.C0), worker.chunk.Seed[:]); err != nil {
		return err
	}
	if f.left.Add(-1) > 0 {
		return nil
	}
	if err := w.journal.undisturbed(f.Block); err != nil {
		return err
	}
	f.Fingerprint, err = f.writer.Commit()
	return err
}
