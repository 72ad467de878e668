// Events, which are places in streams.
#include "driver.h"

#include <chrono>

namespace driver {

static std::set<CUevent> events; // all that ever were

static bool usable(CUevent e) { return events.count(e) && !e->destroyed && e->context->alive; }

} // namespace driver

using namespace driver;

API cuEventCreate(CUevent* event, unsigned flags) {
	ENTER();
	*event = new CUevent_st{current()};
	(*event)->timing = !(flags & CU_EVENT_DISABLE_TIMING);
	events.insert(*event);
	return CUDA_SUCCESS;
}

// What waits for the event already may go on waiting.
API cuEventDestroy(CUevent e) {
	ENTER();
	if (!usable(e)) return REFUSE(CUDA_ERROR_INVALID_HANDLE, "no such event");
	e->destroyed = true;
	return CUDA_SUCCESS;
}

API cuEventRecord(CUevent e, CUstream handle) {
	ENTER();
	FIND_STREAM(s, handle);
	if (!usable(e) || e->context != s->context) return REFUSE(CUDA_ERROR_INVALID_HANDLE, "no such event in this context");
	enqueue(s, [e] {
		e->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
	});
	e->stream = s;
	e->until = s->queued;
	return CUDA_SUCCESS;
}

API cuEventRecordWithFlags(CUevent e, CUstream s, unsigned) { return cuEventRecord(e, s); }

API cuStreamWaitEvent(CUstream handle, CUevent e, unsigned) {
	ENTER();
	FIND_STREAM(s, handle);
	if (!usable(e)) return REFUSE(CUDA_ERROR_INVALID_HANDLE, "no such event");
	if (!e->stream) return CUDA_SUCCESS; // never recorded
	s->queue.push_back({nullptr, e->stream, e->until});
	s->queued++;
	return CUDA_SUCCESS;
}

API cuEventSynchronize(CUevent e) {
	ENTER();
	if (!usable(e)) return REFUSE(CUDA_ERROR_INVALID_HANDLE, "no such event");
	if (e->stream) advance(e->stream, e->until);
	return e->context->error;
}

API cuEventQuery(CUevent e) {
	ENTER();
	if (!usable(e)) return REFUSE(CUDA_ERROR_INVALID_HANDLE, "no such event");
	if (!e->stream || e->stream->done >= e->until) return CUDA_SUCCESS;
	advance(e->stream, e->stream->done + 1);
	return CUDA_ERROR_NOT_READY;
}

API cuEventElapsedTime(float* milliseconds, CUevent from, CUevent to) {
	ENTER();
	if (!usable(from) || !usable(to) || !from->stream || !to->stream || !from->timing || !to->timing)
		return CUDA_ERROR_INVALID_HANDLE;
	if (from->stream->done < from->until || to->stream->done < to->until) return CUDA_ERROR_NOT_READY;
	*milliseconds = float((to->seconds - from->seconds) * 1e3);
	return CUDA_SUCCESS;
}
