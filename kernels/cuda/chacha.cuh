// ChaCha20 (RFC 8439): the twin of kernels/cpu/sampling/chacha.go.
#pragma once
#include "kernel.cuh"

// A 256-bit key.
struct Key {
	u32 word[8];
};

DEVICE u32 rotate_left(u32 x, int n) { return x << n | x >> (32 - n); }

DEVICE void quarter_round(u32& a, u32& b, u32& c, u32& d) {
	a += b, d = rotate_left(d ^ a, 16);
	c += d, b = rotate_left(b ^ c, 12);
	a += b, d = rotate_left(d ^ a, 8);
	c += d, b = rotate_left(b ^ c, 7);
}

// The 16 words of one block: 976 additions, exclusive ors and rotations.
DEVICE void chacha_block(u32 (&x)[16], const Key& key, u32 counter, u32 n0, u32 n1, u32 n2) {
	const u32 start[16] = {
		0x61707865, 0x3320646e, 0x79622d32, 0x6b206574,  // "expand 32-byte k"
		key.word[0], key.word[1], key.word[2], key.word[3],
		key.word[4], key.word[5], key.word[6], key.word[7],
		counter, n0, n1, n2,
	};
#pragma unroll
	for (int i = 0; i < 16; i++) x[i] = start[i];
#pragma unroll 1
	for (int i = 0; i < 10; i++) {
		quarter_round(x[0], x[4], x[8], x[12]);
		quarter_round(x[1], x[5], x[9], x[13]);
		quarter_round(x[2], x[6], x[10], x[14]);
		quarter_round(x[3], x[7], x[11], x[15]);
		quarter_round(x[0], x[5], x[10], x[15]);
		quarter_round(x[1], x[6], x[11], x[12]);
		quarter_round(x[2], x[7], x[8], x[13]);
		quarter_round(x[3], x[4], x[9], x[14]);
	}
#pragma unroll
	for (int i = 0; i < 16; i++) x[i] += start[i];
}
