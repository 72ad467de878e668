// Streams. What a stream is given waits until somebody synchronises with
// it; a wait for an event, or for the null stream, first works off what it waits for.
#include "driver.h"

#include <random>

namespace driver {

std::vector<CUstream> streams;

static std::mt19937_64& dice() {
	static std::mt19937_64 generator(settings.seed);
	return generator;
}

CUstream find_stream(CUstream s) {
	if (s == nullptr || s == CU_STREAM_LEGACY) return &current()->null;
	for (CUstream known : streams)
		if (s == known && !s->destroyed && s->context == current()) return s;
	return nullptr;
}

static void wait_for(CUstream s, CUstream other) {
	if (other->done == other->queued) return;
	s->queue.push_back({nullptr, other, other->queued});
	s->queued++;
}

void enqueue(CUstream s, std::function<void()> run) {
	CUcontext c = s->context;
	if (s == &c->null) {
		for (CUstream other : streams)
			if (other != s && other->context == c && other->blocking) wait_for(s, other);
	} else if (s->blocking)
		wait_for(s, &c->null);
	s->queue.push_back({std::move(run), nullptr, 0});
	s->queued++;
}

static bool stuck(CUstream s) {
	const auto& front = s->queue.front();
	return front.wait && front.wait->done < front.until;
}

static void step(CUstream s) {
	auto work = std::move(s->queue.front());
	s->queue.pop_front();
	if (work.run && s->context->error == CUDA_SUCCESS && !lost(s->context->device)) {
		show_device(s->context->device);
		work.run();
	}
	s->done++;
}

// Works off something of a stream of its choice; false where there is nothing.
static bool random_step() {
	std::vector<CUstream> able;
	for (CUstream s : streams)
		if (!s->queue.empty() && !stuck(s)) able.push_back(s);
	if (able.empty()) return false;
	step(able[dice()() % able.size()]);
	return true;
}

void now_and_then() {
	if (settings.random)
		while (dice()() % 4 == 0 && random_step()) {}
}

void advance(CUstream s, std::uint64_t until) {
	while (s->done < until) {
		if (settings.random) {
			if (!random_step()) die("streams wait for each other");
		} else if (stuck(s))
			advance(s->queue.front().wait, s->queue.front().until);
		else
			step(s);
	}
}

void drain(CUcontext c) {
	for (CUstream s : streams)
		if (s->context == c) advance(s, s->queued);
}

void drain_legacy(CUcontext c) {
	for (CUstream s : streams)
		if (s->context == c && s->blocking) advance(s, s->queued);
}

void destroy_streams(CUcontext c) {
	for (CUstream s : streams)
		if (s->context == c) {
			s->destroyed = true;
			s->done += s->queue.size();
			s->queue.clear();
		}
}

} // namespace driver

using namespace driver;

API cuStreamCreate(CUstream* stream, unsigned flags) {
	ENTER();
	*stream = new CUstream_st{current()};
	(*stream)->blocking = !(flags & CU_STREAM_NON_BLOCKING);
	streams.push_back(*stream);
	return CUDA_SUCCESS;
}

API cuStreamCreateWithPriority(CUstream* stream, unsigned flags, int) { return cuStreamCreate(stream, flags); }

API cuStreamDestroy(CUstream handle) {
	ENTER();
	FIND_STREAM(s, handle);
	if (s == &current()->null) return CUDA_ERROR_INVALID_HANDLE;
	s->destroyed = true; // what it was given is still done
	return CUDA_SUCCESS;
}

API cuStreamSynchronize(CUstream handle) {
	ENTER();
	FIND_STREAM(s, handle);
	advance(s, s->queued);
	return s->context->error;
}

// Asking again and again comes to an end.
API cuStreamQuery(CUstream handle) {
	ENTER();
	FIND_STREAM(s, handle);
	if (s->done == s->queued) return CUDA_SUCCESS;
	advance(s, s->done + 1);
	return CUDA_ERROR_NOT_READY;
}

API cuStreamGetFlags(CUstream handle, unsigned* flags) {
	ENTER();
	FIND_STREAM(s, handle);
	*flags = s->blocking ? CU_STREAM_DEFAULT : CU_STREAM_NON_BLOCKING;
	return CUDA_SUCCESS;
}

API cuStreamGetPriority(CUstream, int* priority) {
	*priority = 0;
	return CUDA_SUCCESS;
}

API cuCtxGetStreamPriorityRange(int* least, int* greatest) {
	if (least) *least = 0;
	if (greatest) *greatest = 0;
	return CUDA_SUCCESS;
}

API cuStreamGetCtx(CUstream handle, CUcontext* context) {
	ENTER();
	FIND_STREAM(s, handle);
	*context = s->context;
	return CUDA_SUCCESS;
}
