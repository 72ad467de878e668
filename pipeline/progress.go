package pipeline

// A Progress is told how far a step has come. total is 0 where it is not known
// beforehand. It is called from one goroutine at a time.
type Progress func(done, total int)

func (p Progress) report(done, total int) {
	if p != nil {
		p(done, total)
	}
}
