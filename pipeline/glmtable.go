package pipeline

import (
	"crypto/md5"
	"encoding/hex"
	"hash"
	"io"
	"path/filepath"

	"genoveil/genomics"
	"genoveil/genomics/glm"
)

// What goes with a table has its name and these.
const (
	tabixSuffix    = ".tbi"
	metadataSuffix = "-meta.yaml"
)

// A glmTable is one trait's table on its way to disk: rows through the format's
// writer, perhaps through compression, and into a checksum on the side.
type glmTable struct {
	trait      QueryTrait
	path       string
	rows       GLMWriter
	compressed *bgzfTable // or nil
	sum        hash.Hash
}

func newGLMTable(tables *tableSet, out GLMOutput, trait QueryTrait) (*glmTable, error) {
	t := &glmTable{trait: trait, path: out.table(trait.Name), sum: md5.New()}
	f, err := tables.create(t.path)
	if err != nil {
		return nil, err
	}
	// The GWAS Catalog's metadata wants the MD5 of the file as it is on disk.
	w := io.MultiWriter(f, t.sum)
	if out.Compress {
		t.compressed = newBGZFTable(w, out.Header)
		w = t.compressed
	}
	t.rows, err = out.Writer(trait.Name, trait.Model.Kind, w)
	return t, err
}

// Write adds a variant's row.
func (t *glmTable) Write(v genomics.Variant, r glm.Result) error { return t.rows.Write(v, r) }

// finish completes the table and writes what goes with it.
func (t *glmTable) finish(tables *tableSet, out GLMOutput) error {
	if err := t.rows.Flush(); err != nil {
		return err
	}
	if t.compressed != nil {
		index, err := t.compressed.Close()
		if err != nil {
			return err
		}
		if index != nil {
			f, err := tables.create(t.path + tabixSuffix)
			if err != nil {
				return err
			}
			if _, err := f.Write(index); err != nil {
				return err
			}
		}
	}
	if out.Metadata == nil {
		return nil
	}
	f, err := tables.create(t.path + metadataSuffix)
	if err != nil {
		return err
	}
	metadata := out.Metadata(t.trait, filepath.Base(t.path), hex.EncodeToString(t.sum.Sum(nil)))
	if ssf, ok := t.rows.(*glm.SSFWriter); ok {
		metadata.Sorted = ssf.Sorted()
	}
	return metadata.Write(f)
}
