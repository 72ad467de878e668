//go:build cuda

package gpu

import (
	"sync"
	"unsafe"

	"gorgonia.org/cu"
)

// A kernel is a function of a module.
type kernel struct {
	function cu.Function
	takes    string // a kind for each argument

	mu     sync.Mutex
	shared int // dynamic shared memory that the driver allows
}

// kernel finds a kernel in the modules. The first time asks the driver.
func (d *Device) kernel(op, name string) (*kernel, error) {
	d.mu.Lock()
	k := d.kernels[name]
	d.mu.Unlock()
	if k != nil {
		return k, nil
	}
	err := d.do(op, func() error {
		d.mu.Lock()
		defer d.mu.Unlock()
		if k = d.kernels[name]; k != nil {
			return nil
		}
		found, err := d.find(name)
		if err == nil {
			k, d.kernels[name] = found, found
		}
		return err
	})
	return k, err
}

// find asks the driver: cu.NotFound if no module exports the kernel.
func (d *Device) find(name string) (*kernel, error) {
	for _, module := range d.modules {
		f, err := module.Function(name)
		if err == cu.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		takes, err := taken(module, name)
		return &kernel{function: f, takes: takes, shared: freelyShared}, err
	}
	return nil, cu.NotFound
}

// taken are the kinds of a kernel's arguments. EXPORT of kernels/cuda/kernel.cuh has the compiler
// put them beside the kernel, with a zero at the end.
func taken(module cu.Module, name string) (string, error) {
	at, size, err := module.Global(name + "_takes")
	if err != nil {
		return "", err
	}
	kinds := make([]byte, size)
	if err := cu.MemcpyDtoH(unsafe.Pointer(unsafe.SliceData(kinds)), at, size); err != nil {
		return "", err
	}
	return string(kinds[:size-1]), nil
}

// allow asks the driver once for more than the usual dynamic shared memory.
func (k *kernel) allow(shared int) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if shared <= k.shared {
		return nil
	}
	err := allowShared(k.function, shared)
	if err == nil {
		k.shared = shared
	}
	return err
}
