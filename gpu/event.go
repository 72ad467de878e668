//go:build cuda

package gpu

import (
	"runtime"

	"gorgonia.org/cu"
)

// An Event marks a place in a stream. The zero Event is past.
type Event struct{ mark *mark }

type mark struct {
	device *Device
	event  cu.Event
}

// Record marks the end of what is queued. The driver's events are used again once
// their Events are garbage.
func (s *Stream) Record() (Event, error) { return s.record("record an event") }

func (s *Stream) record(op string) (Event, error) {
	d := s.device
	m := &mark{device: d}
	err := d.do(op, func() (err error) {
		if m.event, err = d.newEvent(); err != nil {
			return err
		}
		runtime.AddCleanup(m, d.recycle, m.event)
		return m.event.Record(s.stream)
	})
	if err != nil {
		return Event{}, err
	}
	return Event{m}, nil
}

// newEvent is an idle event or a new one. Who waits for it sleeps: processors have
// other work than to ask the device.
func (d *Device) newEvent() (event cu.Event, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if last := len(d.idle) - 1; last >= 0 {
		event, d.idle = d.idle[last], d.idle[:last]
		return event, nil
	}
	if event, err = cu.MakeEvent(cu.BlockingSyncEvent | cu.DisableTiming); err == nil {
		d.events = append(d.events, event)
	}
	return event, err
}

func (d *Device) recycle(event cu.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.idle = append(d.idle, event)
}

// Wait makes what is queued from now on wait for an event of any stream of the device.
func (s *Stream) Wait(e Event) error {
	if e.mark == nil {
		return nil
	}
	if e.mark.device != s.device {
		return s.device.misuse("wait for an event", "the event is of gpu %d", e.mark.device.info.Ordinal)
	}
	defer runtime.KeepAlive(e.mark)
	return s.device.do("wait for an event", func() error { return s.stream.Wait(e.mark.event, 0) })
}

// Synchronize waits on this thread for the event.
func (e Event) Synchronize() error {
	if e.mark == nil {
		return nil
	}
	defer runtime.KeepAlive(e.mark)
	return e.mark.device.do("synchronize", e.mark.event.Synchronize)
}
