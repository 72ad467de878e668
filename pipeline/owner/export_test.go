package owner

import (
	"context"
	"sync"

	"genoveil/he"
	"genoveil/pipeline/format"
)

// LockShard takes the lock of a shard, as a task that encrypts it does.
func LockShard(dir string, shard format.Shard) (unlock func(), err error) {
	j := &journal{dir: dir, shard: shard}
	return j.unlock, j.takeLock()
}

// EncryptBlock1 encrypts one block of a job as number 1, and does something between its
// beginning and its end.
func EncryptBlock1(ctx context.Context, job *GenotypeJob, encryptor *he.Encryptor, samples []string, between func() error) error {
	reader, encoding := job.reader()
	j, err := job.open(ctx, job.Shard, samples)
	if err != nil {
		return err
	}
	defer j.unlock()
	check, err := job.newCheck(j.state.CheckKey, encoding)
	if err != nil {
		return err
	}
	writer := &blockWriter{
		job: job, journal: j, planes: format.GWAS.Planes(encoding), check: check, meta: format.BlockMeta{Params: job.Params},
		encryptor: encryptor.ChunkEncryptor(2), workers: sync.Pool{New: func() any { return new(chunkWorker) }},
	}
	b, err := reader.next(1024)
	if err != nil {
		return err
	}
	e := &encryption{block: b, number: 1}
	if err := writer.prepare(e); err != nil {
		return err
	}
	if err := between(); err != nil {
		return err
	}
	return writer.write(ctx, e)
}

// FailedBlocks are the blocks that an error is about.
func FailedBlocks(e *CheckFailed) []int { return e.blocks }

// What tests outside the package use of it.
type FinishedBlock = finishedBlock
