package owner

import (
	"crypto/md5"
	"encoding/hex"
	"hash"
	"io"
	"path/filepath"

	"genoveil/genomics/test"
)

// What goes with a table has its name and these.
const (
	tabixSuffix    = ".tbi"
	metadataSuffix = "-meta.yaml"
)

// ResultFiles lists what may be written with these tables.
func ResultFiles(tables []test.Table) []string {
	var paths []string
	for _, t := range tables {
		paths = append(paths, t.Path)
		if t.Compress {
			paths = append(paths, t.Path+tabixSuffix)
		}
		if t.Metadata != nil {
			paths = append(paths, t.Path+metadataSuffix)
		}
	}
	return paths
}

// A resultTable is a table on its way to disk: rows, perhaps through compression, and
// into a checksum on the side.
type resultTable struct {
	test.Table
	rows       test.Rows
	compressed *bgzfTable // or nil
	sum        hash.Hash
}

func newResultTable(files *tableSet, table test.Table, idWidth int) (*resultTable, error) {
	t := &resultTable{Table: table, sum: md5.New()}
	f, err := files.create(t.Path)
	if err != nil {
		return nil, err
	}
	// The GWAS Catalog's metadata wants the MD5 of the file as it is on disk.
	w := io.MultiWriter(f, t.sum)
	if t.Compress {
		t.compressed = newBGZFTable(w, t.Header)
		w = t.compressed
	}
	t.rows, err = t.Open(w, idWidth)
	return t, err
}

// finish completes the table and writes what goes with it.
func (t *resultTable) finish(files *tableSet) error {
	if err := t.rows.Flush(); err != nil {
		return err
	}
	if t.compressed != nil {
		index, err := t.compressed.Close()
		if err != nil {
			return err
		}
		if index != nil {
			f, err := files.create(t.Path + tabixSuffix)
			if err != nil {
				return err
			}
			if _, err := f.Write(index); err != nil {
				return err
			}
		}
	}
	if t.Metadata == nil {
		return nil
	}
	f, err := files.create(t.Path + metadataSuffix)
	if err != nil {
		return err
	}
	return t.Table.Metadata(f, filepath.Base(t.Path), hex.EncodeToString(t.sum.Sum(nil)))
}
