// What the lanes of a warp do together.
#include "threads.h"

namespace host {

Warp warps[32];

unsigned lane() { return unsigned(current - threads.data()) % 32; }

static int warp_number() { return int(current - threads.data()) / 32; }
static Thread* warp() { return &threads[warp_number() * 32]; }

unsigned warp_mask() { return warps[warp_number()].alive; }

// Lets the lanes that one waits for go on, in the order of the scheduler, once all of
// them that have not ended wait.
static void release_lanes(const Thread& waiting) {
	Warp& w = warps[warp_number()];
	unsigned mask = waiting.mask & w.alive;
	if ((w.waiting & mask) != mask) return;
	w.waiting &= ~mask;
	for (unsigned l = 0; l < 32; l++) {
		if (!(mask >> l & 1)) continue;
		Thread& t = warp()[l];
		if (t.place != waiting.place || t.mask != waiting.mask)
			fail(t, "waits at %s for lanes %08x, but lane %u at %s for lanes %08x", t.place, t.mask,
			     unsigned(&waiting - warp()), waiting.place, waiting.mask);
		t.state = ready;
	}
}

void end_thread() {
	Warp& w = warps[warp_number()];
	current->state = ended;
	w.alive &= ~(1u << lane());
	for (unsigned l = 0; l < 32; l++)
		if (w.waiting >> l & 1) release_lanes(warp()[l]);
}

void warp_barrier(const char* place, unsigned mask) {
	if (!(mask >> lane() & 1)) fail(*current, "%s: a lane outside its own mask", place);
	current->mask = mask;
	current->state = at_warp;
	current->place = place;
	warps[warp_number()].waiting |= 1u << lane();
	release_lanes(*current);
	yield();
}

unsigned ballot(const char* place, unsigned mask, bool vote) {
	current->vote = vote;
	warp_barrier(place, mask);
	unsigned all = 0;
	for (unsigned l = 0; l < 32; l++)
		if (mask & warp_mask() & 1u << l && warp()[l].vote) all |= 1u << l;
	warp_barrier(place, mask);
	return all;
}

std::uint64_t* warp_slot(unsigned l) { return &warp()[l].slot; }

} // namespace host
