// Poison, and the shared memory of a block.
#pragma once

#include <cstddef>

#include "block.h"

#pragma GCC visibility push(hidden)

namespace host {

// What a block may ask for: that of the V100 (sm_70), so that a kernel that wants more
// than the least of the devices has shows.
constexpr std::size_t max_shared = 96 << 10;

// Fills memory, the red zones of a sanitizer between its variables included.
void fill(void* p, unsigned char value, std::size_t size);

// Static and dynamic shared memory of the blocks of one launch. The dynamic part ends
// at a guard page (but for what aligns its beginning to 16 bytes, which is watched).
class SharedMemory {
public:
	explicit SharedMemory(const Shape& shape);
	~SharedMemory();
	void poison_all();
	// What a block did wrong; null if nothing.
	const char* damage() const;

private:
	char *begin, *end; // dynamic
	char *static_begin, *static_end;
};

// Whether an address is just behind dynamic shared memory.
bool behind_shared(const void* address);

} // namespace host

#pragma GCC visibility pop
