//go:build cuda

package gpu

// Words is an array of 32-bit words in a device's memory.
type Words struct {
	address uint64
	n       int
}

// Len is the number of words.
func (w Words) Len() int { return w.n }

// Slice is words from … to−1. It panics where they are not all of w.
func (w Words) Slice(from, to int) Words {
	if from < 0 || from > to || to > w.n {
		panic("gpu: words outside an array")
	}
	return Words{w.address + 4*uint64(from), to - from}
}

// Address is what kernels see. It is for structures in device memory that point to
// arrays; launches take Words.
func (w Words) Address() uint64 { return w.address }

// Info describes a device.
type Info struct {
	Ordinal      int
	Name         string
	Memory       int64 // bytes in all
	Free         int64 // bytes free when asked
	Major, Minor int   // compute capability
	Processors   int   // streaming multiprocessors
	SharedMemory int   // bytes a block may use when it asks for more than 48 KB
}

// Devices lists the devices.
func Devices() ([]Info, error) { panic("not yet") }

// A Device is one GPU with its memory. Its methods may be called from several
// goroutines.
type Device struct{}

// Open takes a device and loads modules (fat binaries).
func Open(ordinal int, modules [][]byte) (*Device, error) { panic("not yet") }

// Info describes the device.
func (d *Device) Info() Info { panic("not yet") }

// Close waits for all work and releases everything.
func (d *Device) Close() error { panic("not yet") }

// Alloc returns memory with undefined contents.
func (d *Device) Alloc(words int) (Words, error) { panic("not yet") }

// Free returns memory of Alloc. The device may give it out again at once, so that
// only work of the same stream may still use it.
func (d *Device) Free(w Words) { panic("not yet") }

// Host returns page-locked memory of this machine, which copies to and from the
// device need.
func (d *Device) Host(words int) (Host, error) { panic("not yet") }

// Host is page-locked memory.
type Host struct{ Words []uint32 }

// Release gives the memory back. No copy may be using it.
func (h Host) Release() { panic("not yet") }

// A Stream is a queue of work on a device. Everything it is given runs in order;
// calls return at once. An error of earlier work may come back from any later call.
type Stream struct{}

// NewStream starts a queue.
func (d *Device) NewStream() (*Stream, error) { panic("not yet") }

// A Grid is the shape of a launch: blocks, threads of a block, and bytes of dynamic
// shared memory. Zero in a dimension counts as one.
type Grid struct {
	Blocks, Threads [3]int
	Shared          int
}

// Launch queues a kernel. Arguments are Words (their address), int, uint32 or uint64.
func (s *Stream) Launch(kernel string, g Grid, args ...any) error { panic("not yet") }

// Upload queues a copy from page-locked memory (a part of one Host), which must not
// change until it is done.
func (s *Stream) Upload(dst Words, src []uint32) error { panic("not yet") }

// Download queues a copy to page-locked memory (a part of one Host).
func (s *Stream) Download(dst []uint32, src Words) error { panic("not yet") }

// Copy queues a copy within the device. The arrays are of one length.
func (s *Stream) Copy(dst, src Words) error { panic("not yet") }

// Zero queues clearing.
func (s *Stream) Zero(dst Words) error { panic("not yet") }

// Synchronize waits for everything queued.
func (s *Stream) Synchronize() error { panic("not yet") }

// An Event marks a place in a stream. The zero Event is past.
type Event struct{}

// Record marks the end of what is queued.
func (s *Stream) Record() (Event, error) { panic("not yet") }

// Wait makes what is queued from now on wait for an event of any stream of the device.
func (s *Stream) Wait(e Event) error { panic("not yet") }

// Synchronize waits on this thread for the event.
func (e Event) Synchronize() error { panic("not yet") }

// Write copies words to the device and waits (for tables and tests: any memory).
func (s *Stream) Write(dst Words, src []uint32) error { panic("not yet") }

// Read copies words from the device and waits (for results and tests: any memory).
func (s *Stream) Read(dst []uint32, src Words) error { panic("not yet") }
