package chunkfile

import "os"

// A Mapping is memory of one chunk at a time: the file's own pages where the system can
// map them, which saves copying them, or else a buffer. The zero Mapping is empty. It is
// not safe for concurrent use.
//
// Whoever reads Bytes does so under fault.Guard, since a page may be gone by then.
type Mapping struct {
	bytes  []byte
	pages  []byte // what is mapped
	buffer []byte
}

// Bytes are those of the chunk. They must not be changed, nor used after Release.
func (m *Mapping) Bytes() []byte { return m.bytes }

// Release lets go of the chunk. A buffer is kept for the next.
func (m *Mapping) Release() {
	if m.pages != nil {
		unmap(m.pages)
	}
	m.bytes, m.pages = nil, nil
}

// Map makes chunk i the mapping's, in the place of the one before. Nothing of it is
// verified before the Verification has looked at it.
//
// Pages that are mapped are read once, where the chunk is used. Reading 6 MB from the
// page cache to a buffer takes 0.7 ms more (Zen 4, Linux 6.1).
func (r *Reader) Map(i int, m *Mapping) (*Verification, error) {
	m.Release()
	e, err := r.entry(i)
	if err != nil {
		return nil, err
	}
	if f, ok := r.r.(*os.File); ok {
		m.pages, m.bytes = mapped(f, e.offset, e.size)
	}
	if m.pages == nil {
		if int64(cap(m.buffer)) < e.size {
			m.buffer = make([]byte, e.size)
		}
		m.bytes = m.buffer[:e.size]
		if err := r.readAt(i, m.bytes, 0); err != nil {
			m.Release()
			return nil, err
		}
	}
	return newVerification(r, i, m.bytes), nil
}
