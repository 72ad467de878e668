package bgen

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// An inflater uncompresses data of up to a length. The first error of its stream is that
// of its reader.
type inflater struct {
	compression uint32
	most        int64
	source      bytes.Reader // read byte by byte: zlib takes no more than it needs
	zlib        io.ReadCloser
	zstd        *zstd.Decoder
	data        []byte
	over        [1]byte
}

var errDamaged = errors.New("its compressed data are damaged; copy the file again")

// inflate returns what is in the data, which has to have a length; no more of it than the
// begin where that is longer than the most. It is valid until the next call.
func (z *inflater) inflate(packed []byte, length int64) ([]byte, error) {
	size, whole := length, true
	if length > z.most {
		size, whole = dataHeaderLen, false
	}
	if z.compression == uncompressed {
		if size > int64(len(packed)) {
			return nil, errDamaged
		}
		return packed[:size], nil
	}
	z.source.Reset(packed)
	stream, err := z.stream()
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", errDamaged, err)
	}
	if int64(cap(z.data)) < size {
		z.data = make([]byte, size, z.most)
	}
	z.data = z.data[:size]
	if _, err := io.ReadFull(stream, z.data); err != nil {
		return nil, errDamaged
	}
	if whole {
		if n, err := stream.Read(z.over[:]); n != 0 || err != io.EOF || z.source.Len() > 0 {
			return nil, errDamaged
		}
	}
	return z.data, nil
}

// leastWindow is the memory that a decoder of zstd has to take if need be (RFC 8878,
// section 3.1.1.1.2).
const leastWindow = 1 << 23

func (z *inflater) stream() (io.Reader, error) {
	if z.compression == zlibbed {
		if z.zlib == nil {
			var err error
			z.zlib, err = zlib.NewReader(&z.source)
			return z.zlib, err
		}
		return z.zlib, z.zlib.(zlib.Resetter).Reset(&z.source, nil)
	}
	if z.zstd == nil {
		window := max(leastWindow, uint64(1)<<bits.Len64(uint64(z.most)))
		var err error
		z.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(window))
		if err != nil {
			return nil, err
		}
	}
	return z.zstd, z.zstd.Reset(&z.source)
}
