//go:build cuda

package gpu

// stageWords is the length of a stream's buffer for Write and Read: 1 MiB.
const stageWords = 1 << 18

// Write copies words to the device and waits (for tables and tests: any memory).
func (s *Stream) Write(dst Words, src []uint32) error {
	if err := s.check("write", dst.n, len(src), dst); err != nil {
		return err
	}
	return s.staged(len(src), func(stage []uint32, from, to int) error {
		copy(stage, src[from:to])
		if err := s.Upload(dst.Slice(from, to), stage); err != nil {
			return err
		}
		return s.Synchronize()
	})
}

// Read copies words from the device and waits (for results and tests: any memory).
func (s *Stream) Read(dst []uint32, src Words) error {
	if err := s.check("read", len(dst), src.n, src); err != nil {
		return err
	}
	return s.staged(len(dst), func(stage []uint32, from, to int) error {
		if err := s.Download(stage, src.Slice(from, to)); err != nil {
			return err
		}
		if err := s.Synchronize(); err != nil {
			return err
		}
		copy(dst[from:to], stage)
		return nil
	})
}

// staged calls part for all of n words, as many at a time as the buffer holds, and wipes
// what it used of the buffer: the words may be a secret.
func (s *Stream) staged(n int, part func(stage []uint32, from, to int) error) error {
	s.staging.Lock()
	defer s.staging.Unlock()
	if s.stage.Words == nil && n > 0 {
		var err error
		if s.stage, err = s.device.Host(stageWords); err != nil {
			return err
		}
	}
	defer clear(s.stage.Words[:min(n, len(s.stage.Words))])
	for from := 0; from < n; from += stageWords {
		to := min(from+stageWords, n)
		if err := part(s.stage.Words[:to-from], from, to); err != nil {
			return err
		}
	}
	return nil
}
