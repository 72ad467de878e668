// The number-theoretic transform of one row by one block: the twin of kernels/cpu/ntt.go,
// in the same order and with the same roots.
//
// A thread holds 32 coefficients in registers and does up to five stages on them; between
// such passes they change places through shared memory. Butterflies are lazy (Harvey, J.
// Symb. Comput. 60, 2014), values below 4q between stages, so that primes stay below 2^30.
//
// N = 2^10 … 2^14 in one block of N/32 threads. What a row's words come from and where they
// go is the caller's: load(position) gives a word below 4q, and store(position, word) takes
// a reduced one; a warp's positions are consecutive.
#pragma once
#include <type_traits>

#include "prime.cuh"

template <int LogN>
struct Transform {
	static constexpr u32 N = 1u << LogN, threads = N / 32;

	// Stages of the second pass. The first takes five, so that a thread's coefficients lie
	// N/32 apart, and the third, where there is one, what is left.
	static constexpr int second = LogN == 10 ? 5 : (LogN - 4) / 2;

};

// Where word i stands in shared memory, N + N/16 words: one is skipped after every 16, so
// that strides of 16 words meet different banks.
DEVICE u32 place(u32 i) { return i + (i >> 4); }

// Calls f(0) … f(Count−1), each a constant. What indexes registers must be unrolled, which
// a pragma only asks for.
template <u32 Count, u32 From = 0, class F>
DEVICE void each(F f) {
	if constexpr (From < Count) {
		f(std::integral_constant<u32, From>());
		each<Count, From + 1>(f);
	}
}

// The stages of one pass on 2^R values, R of the transform's from the one with m groups
// on; i is the group in which the values begin.
template <int R>
DEVICE void forward_stages(u32* x, const Factor* table, u32 m, u32 i, u32 q) {
	each<R>([&](auto stage) {
		constexpr u32 u = decltype(stage)::value, half = 1u << (R - 1 - u);
		each<(1u << u)>([&](auto group) {
			constexpr u32 g = decltype(group)::value;
			const Factor f = table[((m + i) << u) + g];
			each<half>([&](auto pair) {
				constexpr u32 j = decltype(pair)::value;
				u32 &a = x[2 * g * half + j], &b = x[(2 * g + 1) * half + j];
				const u32 reduced = min_u32(a, a - 2 * q), product = mul_lazy(b, f, q);
				a = reduced + product;
				b = reduced - product + 2 * q;
			});
		});
	});
}

// The same backwards, on values below 2q.
template <int R>
DEVICE void inverse_stages(u32* x, const Factor* table, u32 m, u32 i, u32 q) {
	each<R>([&](auto stage) {
		constexpr u32 u = R - 1 - decltype(stage)::value, half = 1u << (R - 1 - u);
		each<(1u << u)>([&](auto group) {
			constexpr u32 g = decltype(group)::value;
			const Factor f = table[((m + i) << u) + g];
			each<half>([&](auto pair) {
				constexpr u32 j = decltype(pair)::value;
				u32 &a = x[2 * g * half + j], &b = x[(2 * g + 1) * half + j];
				const u32 sum = a + b, difference = a - b + 2 * q;
				a = min_u32(sum, sum - 2 * q);
				b = mul_lazy(difference, f, q);
			});
		});
	});
}

// One pass: the stages from the one with 2^Done groups on. What a thread holds it gets
// from `get` and gives to `put`, by position.
template <int LogN, int Done, int R, bool Forward, class Get, class Put>
DEVICE void transform_pass(const Factor* table, u32 q, Get get, Put put) {
	constexpr u32 m = 1u << Done, apart = 1u << (LogN - Done - R), size = 1u << R;
#pragma unroll
	for (u32 c = 0; c < 32 / size; c++) {
		const u32 group = threadIdx.x + c * Transform<LogN>::threads;
		const u32 i = group / apart, first = i * (apart * size) + group % apart;
		u32 x[size];
		each<size>([&](auto index) {
			constexpr u32 k = decltype(index)::value;
			x[k] = get(first + k * apart);
		});
		if (Forward) forward_stages<R>(x, table, m, i, q);
		else inverse_stages<R>(x, table, m, i, q);
		each<size>([&](auto index) {
			constexpr u32 k = decltype(index)::value;
			put(first + k * apart, x[k]);
		});
	}
}

template <int LogN, class Load, class Store>
DEVICE void forward_transform(u32* shared, const Prime& p, Load load, Store store) {
	using T = Transform<LogN>;
	constexpr int second = T::second, done = 5 + second, third = LogN - done;
	const u32 q = p.q;
	auto get = [&](u32 i) { return shared[place(i)]; };
	auto put = [&](u32 i, u32 x) { shared[place(i)] = x; };
	auto last = [&](u32 i, u32 x) { shared[place(i)] = reduce_once(min_u32(x, x - 2 * q), q); };
	transform_pass<LogN, 0, 5, true>(p.forward, q, load, put);
	__syncthreads();
	if constexpr (third > 0) {
		transform_pass<LogN, 5, second, true>(p.forward, q, get, put);
		__syncthreads();
		transform_pass<LogN, done, third, true>(p.forward, q, get, last);
	} else {
		transform_pass<LogN, 5, second, true>(p.forward, q, get, last);
	}
	__syncthreads();
#pragma unroll
	for (u32 c = 0; c < 32; c++) {
		const u32 i = threadIdx.x + c * T::threads;
		store(i, get(i));
	}
}

// load gives words below 2q.
template <int LogN, class Load, class Store>
DEVICE void inverse_transform(u32* shared, const Prime& p, Load load, Store store) {
	using T = Transform<LogN>;
	constexpr int second = T::second, done = 5 + second, third = LogN - done;
	const u32 q = p.q;
	auto get = [&](u32 i) { return shared[place(i)]; };
	auto put = [&](u32 i, u32 x) { shared[place(i)] = x; };
#pragma unroll
	for (u32 c = 0; c < 32; c++) {
		const u32 i = threadIdx.x + c * T::threads;
		put(i, load(i));
	}
	__syncthreads();
	if constexpr (third > 0) {
		transform_pass<LogN, done, third, false>(p.inverse, q, get, put);
		__syncthreads();
	}
	transform_pass<LogN, 5, second, false>(p.inverse, q, get, put);
	__syncthreads();
	transform_pass<LogN, 0, 5, false>(p.inverse, q, get, [&](u32 i, u32 x) { store(i, mul(x, p.n_inv, q)); });
}

// Defines a kernel for every ring degree that a block takes: name_10 … name_14.
#define FOR_EACH_DEGREE(DEFINE) \
	DEFINE(10, 32, 8) DEFINE(11, 64, 8) DEFINE(12, 128, 4) DEFINE(13, 256, 2) DEFINE(14, 512, 1)
