//go:build !linux

package chunkfile

import "os"

func mapped(*os.File, int64, int64) (pages, bytes []byte) { return nil, nil }

func unmap([]byte) {}
