// The number-theoretic transform of kernels/cpu/ntt.go, a block for each polynomial of
// M = 2^LOG ≤ 2^14 words, 32 words a thread in registers.
//
// Stages go in passes of FIRST_STAGES = 5, then at most 5 and 4: 5·5, 5·3·3, 5·4·3, 5·4·4
// and 5·5·4 for M = 2^10 … 2^14. In a pass of R stages a thread transforms 32/2^R groups
// of 2^R words; between passes words change threads through shared memory.
//
// In larger rings a transform of 2^5·M words is a pass over columns (Columns) and then
// 2^5 transforms of M words: these differ from a whole one by the place of their
// powers, whose index begins with root = 2^5 + number instead of root = 1.
//
// Words are below 2^32 and q < 2^28: bounds of words, as multiples of q, are known when
// compiling and may grow to 16 before words are reduced. The forward transform of 13
// stages so reduces in two of them instead of thirteen. With M = 2^13 it takes 7.5
// instructions a butterfly on sm_90, all in.
#pragma once
#include "prime.cuh"

constexpr int PER_THREAD = 32;
constexpr int LOG_COLUMNS = 5;
constexpr int FIRST_STAGES = 5;
constexpr int MOST = 16;  // q·MOST ≤ 2^32

__host__ __device__ constexpr int last_stages(int log) { return log == 10 ? 5 : (log - FIRST_STAGES) / 2; }
__host__ __device__ constexpr int middle_stages(int log) { return log - FIRST_STAGES - last_stages(log); }

// A call for every i below N with i known when compiling.
template <int I> struct Number {
	static constexpr int value = I;
};
template <int N, class F> DEVICE void repeat(F f) {
	if constexpr (N > 0) {
		repeat<N - 1>(f);
		f(Number<N - 1>{});
	}
}

// x below TO·q for x below FROM·q, modulo q. TO is a power of two.
template <int FROM, int TO> DEVICE u32 reduce_to(u32 x, const Prime& p) {
	if constexpr (FROM > TO) {
		constexpr int half = FROM > 8 ? 8 : FROM > 4 ? 4 : FROM > 2 ? 2 : 1;
		return reduce_to<half, TO>(min_u32(x, x - multiple<half>(p)), p);
	} else {
		return x;
	}
}

// Loads N factors, two a time: N is 1, or even and so is the place of the first.
template <int N> DEVICE void load_factors(Factor* f, const Factor* from) {
	if constexpr (N == 1) {
		f[0] = from[0];
	} else {
		repeat<N / 2>([&](auto i) {
			const uint4 two = reinterpret_cast<const uint4*>(from)[i.value];
			f[2 * i.value] = {two.x, two.y}, f[2 * i.value + 1] = {two.z, two.w};
		});
	}
}

// Bounds of the forward transform: after one stage, and after several.
__host__ __device__ constexpr int forward_bound(int bound) { return (bound + 2 > MOST ? 8 : bound) + 2; }
__host__ __device__ constexpr int forward_bounds(int bound, int stages) {
	for (int i = 0; i < stages; i++) bound = forward_bound(bound);
	return bound;
}

// R stages on 2^R words at x[0 …], from BOUND·q on. Stage j uses powers[(root << j) + i].
template <int R, int BOUND, int J = 0> DEVICE void forward_stages(u32* x, const Factor* powers, u32 root, const Prime& p) {
	if constexpr (J < R) {
		static_assert(BOUND <= MOST && forward_bound(BOUND) <= MOST, "words grow beyond 32 bits");
		constexpr int half = 1 << (R - 1 - J);
		Factor factors[1 << J];
		load_factors<1 << J>(factors, powers + (root << J));
		repeat<1 << J>([&](auto block) {
			const Factor f = factors[block.value];
			repeat<half>([&](auto i) {
				u32 &a = x[2 * half * block.value + i.value], &b = x[2 * half * block.value + i.value + half];
				const u32 u = BOUND + 2 > MOST ? min_u32(a, a - p.q8) : a;
				const u32 v = mul_lazy(b, f, p.q);
				a = u + v;
				b = u - v + p.q2;
			});
		});
		forward_stages<R, forward_bound(BOUND), J + 1>(x, powers, root, p);
	}
}

// Bounds of the inverse transform: a sum of words below a·q and b·q, reduced first if
// that is necessary. Every word has a bound of its own; it depends on how many stages
// ago the word was a difference, which is below 2q.
__host__ __device__ constexpr int sum_bound(int bound) { return 2 * bound > MOST ? MOST : 2 * bound; }
__host__ __device__ constexpr int inverse_bound(int bound, int word, int stages) {
	for (int j = 0; j < stages; j++) bound = word >> j & 1 ? 2 : sum_bound(bound);
	return bound;
}

// R stages on 2^R words, in the order that undoes forward_stages, from BOUND·q on. In
// stage j words 2^j apart meet; both have the same bound.
template <int R, int BOUND, int J = 0> DEVICE void inverse_stages(u32* x, const Factor* powers, u32 root, const Prime& p) {
	if constexpr (J < R) {
		constexpr int half = 1 << J;
		Factor factors[1 << (R - 1 - J)];
		load_factors<1 << (R - 1 - J)>(factors, powers + (root << (R - 1 - J)));
		repeat<1 << (R - 1 - J)>([&](auto block) {
			const Factor f = factors[block.value];
			repeat<half>([&](auto i) {
				u32 &a = x[2 * half * block.value + i.value], &b = x[2 * half * block.value + i.value + half];
				constexpr int bound = inverse_bound(BOUND, decltype(i)::value, J);
				constexpr int reduced = 2 * bound > MOST ? MOST / 2 : bound;
				static_assert(bound <= MOST && 2 * reduced <= MOST, "words grow beyond 32 bits");
				const u32 u = reduce_to<bound, reduced>(a, p), v = reduce_to<bound, reduced>(b, p);
				a = u + v;
				b = mul_lazy(u - v + multiple<reduced>(p), f, p.q);
			});
		});
		inverse_stages<R, BOUND, J + 1>(x, powers, root, p);
	}
}

// One of the groups of a pass: FIRST stages come before it in a transform of 2^LOG
// words. Word e of the group stands at position begin + (e << shift).
template <int LOG, int FIRST, int R> struct Group {
	static constexpr int shift = LOG - FIRST - R;
	u32 begin;
	u32 root;  // of the group's powers

	__device__ Group(u32 number, u32 of_all) {
		const u32 block = number >> shift;
		begin = block << (LOG - FIRST) | (number & ((1u << shift) - 1));
		root = (of_all << FIRST) + block;
	}
};

// Places of shared memory. A gap after every 2^last_stages words brings the groups of
// neighbouring threads to different banks.
template <int LOG> DEVICE u32 padded(u32 i) { return i + (i >> last_stages(LOG)); }

// Moves a group's words between registers and shared memory. Both the place of its
// first word and the distances are multiples of the gap's, or neither leaves a piece
// between two gaps, so that places add.
template <int LOG, int R, class G> DEVICE void put(u32* shared, const u32* x, const G& g) {
	u32* to = shared + padded<LOG>(g.begin);
	repeat<1 << R>([&](auto e) { to[padded<LOG>(e.value << G::shift)] = x[e.value]; });
}
template <int LOG, int R, class G> DEVICE void get(u32* x, const u32* shared, const G& g) {
	const u32* from = shared + padded<LOG>(g.begin);
	repeat<1 << R>([&](auto e) { x[e.value] = from[padded<LOG>(e.value << G::shift)]; });
}

// Number of the k-th group of a thread in a pass of R stages.
template <int LOG> DEVICE u32 group_number(u32 k) { return threadIdx.x + k * (1u << (LOG - 5)); }

// The forward transform of 2^LOG words by 2^LOG/32 threads. Words come from load(position),
// below BOUND·q, and reduced results go to store(position, uint4), four a time.
template <int LOG, int BOUND, class Load, class Store>
DEVICE void forward_transform(u32* shared, const Prime& p, u32 root, Load load, Store store) {
	constexpr int M = middle_stages(LOG), L = last_stages(LOG);
	using Middle = Group<LOG, FIRST_STAGES, M>;
	using Last = Group<LOG, FIRST_STAGES + M, L>;
	const Factor* powers = p.forward;
	u32 x[PER_THREAD];
	{
		const Group<LOG, 0, FIRST_STAGES> g(threadIdx.x, root);
		load(g.begin, x);
		forward_stages<FIRST_STAGES, BOUND>(x, powers, g.root, p);
		put<LOG, FIRST_STAGES>(shared, x, g);
	}
	constexpr int middle = forward_bounds(BOUND, FIRST_STAGES);
	__syncthreads();
	if constexpr (M > 0) {
		#pragma unroll
		for (u32 k = 0; k < PER_THREAD >> M; k++) {
			const Middle g(group_number<LOG>(k), root);
			u32* y = x + (k << M);
			get<LOG, M>(y, shared, g);
			forward_stages<M, middle>(y, powers, g.root, p);
			put<LOG, M>(shared, y, g);
		}
		__syncthreads();
	}
	constexpr int last = forward_bounds(middle, M), end = forward_bounds(last, L);
	#pragma unroll
	for (u32 k = 0; k < PER_THREAD >> L; k++) {
		const Last g(group_number<LOG>(k), root);
		u32* y = x + (k << L);
		get<LOG, L>(y, shared, g);
		forward_stages<L, last>(y, powers, g.root, p);
		repeat<(1 << L) / 4>([&](auto i) {
			const u32* z = y + 4 * i.value;
			store(g.begin + 4 * i.value, make_uint4(reduce_to<end, 1>(z[0], p), reduce_to<end, 1>(z[1], p),
				reduce_to<end, 1>(z[2], p), reduce_to<end, 1>(z[3], p)));
		});
	}
}

// The inverse transform. Reduced words come from load(position), four a time, and go to
// store(position, word), multiplied by `scale` and reduced.
template <int LOG, class Load, class Store>
DEVICE void inverse_transform(u32* shared, const Prime& p, u32 root, Factor scale, Load load, Store store) {
	constexpr int M = middle_stages(LOG), L = last_stages(LOG);
	using Middle = Group<LOG, FIRST_STAGES, M>;
	using Last = Group<LOG, FIRST_STAGES + M, L>;
	constexpr int between = 4;  // bound between passes
	const Factor* powers = p.inverse;
	u32 x[PER_THREAD];
	#pragma unroll
	for (u32 k = 0; k < PER_THREAD >> L; k++) {
		const Last g(group_number<LOG>(k), root);
		u32* y = x + (k << L);
		repeat<(1 << L) / 4>([&](auto i) {
			const uint4 z = load(g.begin + 4 * i.value);
			y[4 * i.value] = z.x, y[4 * i.value + 1] = z.y, y[4 * i.value + 2] = z.z, y[4 * i.value + 3] = z.w;
		});
		inverse_stages<L, 1>(y, powers, g.root, p);
		repeat<1 << L>([&](auto e) { y[e.value] = reduce_to<inverse_bound(1, decltype(e)::value, L), between>(y[e.value], p); });
		put<LOG, L>(shared, y, g);
	}
	__syncthreads();
	if constexpr (M > 0) {
		#pragma unroll
		for (u32 k = 0; k < PER_THREAD >> M; k++) {
			const Middle g(group_number<LOG>(k), root);
			u32* y = x + (k << M);
			get<LOG, M>(y, shared, g);
			inverse_stages<M, between>(y, powers, g.root, p);
			repeat<1 << M>([&](auto e) { y[e.value] = reduce_to<inverse_bound(between, decltype(e)::value, M), between>(y[e.value], p); });
			put<LOG, M>(shared, y, g);
		}
		__syncthreads();
	}
	const Group<LOG, 0, FIRST_STAGES> g(threadIdx.x, root);
	get<LOG, FIRST_STAGES>(x, shared, g);
	inverse_stages<FIRST_STAGES, between>(x, powers, g.root, p);
	repeat<PER_THREAD>([&](auto e) { store(g.begin + (e.value << (LOG - FIRST_STAGES)), mul(x[e.value], scale, p.q)); });
}

// Multiplication by it reduces any word.
DEVICE Factor one(const Prime& p) { return {1, u32(p.barrett >> 32)}; }

// Lift of residues modulo `from` to the representative closest to zero, modulo another
// prime (kernels/cpu.Lift): x + (x > top ? shift : 0), reduced where `simple`, otherwise
// any word congruent to it.
struct LiftTo {
	u32 top, shift;
	bool simple;

	__device__ LiftTo(u32 from, u32 to, bool low_half) {
		const u32 half = from / 2, times = half / to + 1;
		top = low_half ? half - 1 : half;
		shift = times * to - from;
		simple = times == 1;
	}
	__device__ u32 operator()(u32 x) const { return x + (x > top ? shift : 0); }
};
