// Public uniform residues from a seed: the twin of kernels/cpu/sampling/uniform.go, which says
// how the bits of the stream are used.
#pragma once
#include "chacha.cuh"
#include "prime.cuh"

// The threads of a block that makes uniform words, and what it keeps in shared memory:
// the words whose bits are a thread's reserve, since it indexes them at run time.
const int uniform_threads = 128;
using Reserve = u32[16][uniform_threads];

// Makes coefficients 16·counter … 16·counter+15 of a ciphertext and prime, and gives
// them to sink: all at once by sink.all(x), and then those again that were not below q
// by sink.one(i, x).
//
// In the common case no lane comes to the reserve. At 28 bits a word is replaced once
// in 1,400 to 4,100, so 12 to 31 % of warps make a detour of about 200 instructions, a
// fifth of what a block costs.
template <class Sink>
DEVICE void uniform_block(const Sink& sink, Reserve& reserve, const Key& key, u32 q, u32 ciphertext, u32 prime,
	u32 counter) {
	const int width = 32 - __clz(int(q));
	const u32 mask = (1u << width) - 1;
	u32 rejected = 0;  // bit i: word i is still to be replaced
#pragma unroll 1
	for (u32 redraw = 0;; redraw++) {
		u32 x[16];
		chacha_block(x, key, counter, ciphertext, prime, redraw);
		int shift = 0, bits = width;  // of a word that go to the reserve
		if (redraw == 0) {
			u32 words[16], any = 0;
#pragma unroll
			for (int i = 0; i < 16; i++) {
				words[i] = x[i] & mask;
				any |= q - 1 - words[i];
			}
			sink.all(words);
			if (int(any) >= 0) return;
#pragma unroll
			for (int i = 0; i < 16; i++) rejected |= u32(words[i] >= q) << i;
			shift = width, bits = 32 - width;
		}
#pragma unroll
		for (int i = 0; i < 16; i++) reserve[i][threadIdx.x] = x[i];
		u64 held = 0;
		int held_bits = 0;
#pragma unroll 1
		for (int k = 0; k < 16; k++) {
			held |= u64(reserve[k][threadIdx.x] >> shift & ((1u << bits) - 1)) << held_bits;
			held_bits += bits;
			for (; held_bits >= width; held_bits -= width, held >>= width) {
				const u32 candidate = u32(held) & mask;
				if (candidate >= q) continue;
				sink.one(__ffs(int(rejected)) - 1, candidate);
				rejected &= rejected - 1;
				if (rejected == 0) return;
			}
		}
	}
}

DEVICE Key load_key(const u32* words) {
	Key key;
#pragma unroll
	for (int i = 0; i < 8; i++) key.word[i] = words[i];
	return key;
}

// Where 16 words of a row go in tile-major order [prime][tile][sample][64], thread by
// thread, so that a warp writes 2 KB in order: thread 4·(tile·samples + sample) + quarter.
struct Place {
	u32 sample, coefficient;
	__device__ __forceinline__ Place(u32 thread, u32 samples)
		: sample(thread / 4 % samples), coefficient(thread / 4 / samples * 64 + thread % 4 * 16) {}
};
