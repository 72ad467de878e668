//go:build cuda

package gpu

import (
	"fmt"
	"runtime"

	"gorgonia.org/cu"
)

// Info describes a device.
type Info struct {
	Ordinal      int
	Name         string
	Memory       int64 // bytes in all
	Free         int64 // bytes free when asked; 0 where the device takes no more programs
	Major, Minor int   // compute capability
	Processors   int   // streaming multiprocessors
	SharedMemory int   // bytes a block may use when it asks for more than 48 KB
}

// oldest is the least compute capability that the kernels are compiled for.
const oldest = 7

// Unfit says why Open refuses the device, or "".
func (i Info) Unfit() string {
	if i.Major < oldest {
		return fmt.Sprintf("compute capability %d.%d is too old: %d.0 is needed (Volta, 2017)", i.Major, i.Minor, oldest)
	}
	return ""
}

// Devices lists the devices in the driver's order (CUDA_VISIBLE_DEVICES and
// CUDA_DEVICE_ORDER), also those that Open refuses.
func Devices() ([]Info, error) {
	count, err := cu.NumDevices()
	if err != nil {
		return nil, fmt.Errorf("gpu: count devices: %s (CUDA error %d)", text(code(err)), code(err))
	}
	all := make([]Info, count)
	for i := range all {
		if all[i], err = describe(i); err != nil {
			return nil, err
		}
		all[i].Free = freeMemory(cu.Device(i))
	}
	return all, nil
}

// describe is all about a device but its free memory.
func describe(ordinal int) (Info, error) {
	i := Info{Ordinal: ordinal}
	device, err := cu.GetDevice(ordinal)
	if err == nil {
		i.Name, err = device.Name()
	}
	if err == nil {
		i.Memory, err = device.TotalMem()
	}
	for _, a := range []struct {
		value     *int
		attribute cu.DeviceAttribute
	}{
		{&i.Major, cu.ComputeCapabilityMajor},
		{&i.Minor, cu.ComputeCapabilityMinor},
		{&i.Processors, cu.MultiprocessorCount},
		{&i.SharedMemory, optInShared},
	} {
		if err == nil {
			*a.value, err = device.Attribute(a.attribute)
		}
	}
	if err != nil {
		return Info{}, driverError(i, "look at the device", err)
	}
	return i, nil
}

// freeMemory asks in a context of its own, since the driver knows it only in one.
func freeMemory(device cu.Device) int64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	context, err := device.RetainPrimaryCtx()
	if err != nil {
		return 0
	}
	defer device.ReleasePrimaryCtx()
	if cu.SetCurrentContext(context) != nil {
		return 0
	}
	free, _, err := cu.MemInfo()
	if err != nil {
		return 0
	}
	return free
}
