// Device functions of CUDA in plain C++.
#pragma once

using std::max;
using std::min;

#define GENOVEIL_INTRINSIC static inline __attribute__((always_inline))

GENOVEIL_INTRINSIC unsigned __umulhi(unsigned a, unsigned b) {
	return unsigned((std::uint64_t(a) * b) >> 32);
}
GENOVEIL_INTRINSIC int __mulhi(int a, int b) { return int((std::int64_t(a) * b) >> 32); }
GENOVEIL_INTRINSIC unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
	return (unsigned long long)(((unsigned __int128)a * b) >> 64);
}
GENOVEIL_INTRINSIC long long __mul64hi(long long a, long long b) {
	return (long long)(((__int128)a * b) >> 64);
}

GENOVEIL_INTRINSIC unsigned __brev(unsigned x) {
	x = (x >> 1 & 0x55555555u) | (x & 0x55555555u) << 1;
	x = (x >> 2 & 0x33333333u) | (x & 0x33333333u) << 2;
	x = (x >> 4 & 0x0f0f0f0fu) | (x & 0x0f0f0f0fu) << 4;
	return __builtin_bswap32(x);
}
GENOVEIL_INTRINSIC unsigned long long __brevll(unsigned long long x) {
	return (unsigned long long)__brev(unsigned(x)) << 32 | __brev(unsigned(x >> 32));
}
GENOVEIL_INTRINSIC int __popc(unsigned x) { return __builtin_popcount(x); }
GENOVEIL_INTRINSIC int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
GENOVEIL_INTRINSIC int __clz(int x) { return x ? __builtin_clz(unsigned(x)) : 32; }
GENOVEIL_INTRINSIC int __clzll(long long x) { return x ? __builtin_clzll((unsigned long long)x) : 64; }
GENOVEIL_INTRINSIC int __ffs(int x) { return __builtin_ffs(x); }
GENOVEIL_INTRINSIC int __ffsll(long long x) { return __builtin_ffsll(x); }

// No contraction: a sum of quotients has nothing to contract.
GENOVEIL_INTRINSIC double __ull2double_rn(unsigned long long x) { return double(x); }
GENOVEIL_INTRINSIC unsigned long long __double2ull_rz(double x) { return (unsigned long long)x; }
GENOVEIL_INTRINSIC double __dadd_rn(double a, double b) { return a + b; }
GENOVEIL_INTRINSIC double __ddiv_rn(double a, double b) { return a / b; }

// The high word of hi:lo shifted left, and the low word of it shifted right.
GENOVEIL_INTRINSIC unsigned __funnelshift_l(unsigned lo, unsigned hi, unsigned shift) {
	return unsigned(((std::uint64_t(hi) << 32 | lo) << (shift & 31)) >> 32);
}
GENOVEIL_INTRINSIC unsigned __funnelshift_r(unsigned lo, unsigned hi, unsigned shift) {
	return unsigned((std::uint64_t(hi) << 32 | lo) >> (shift & 31));
}
// Bytes of hi:lo chosen by the low three bits of each nibble of the selector.
GENOVEIL_INTRINSIC unsigned __byte_perm(unsigned lo, unsigned hi, unsigned selector) {
	std::uint64_t all = std::uint64_t(hi) << 32 | lo;
	unsigned r = 0;
	for (int i = 0; i < 4; i++) r |= unsigned(all >> 8 * (selector >> 4 * i & 7) & 255) << 8 * i;
	return r;
}

template <class T> GENOVEIL_INTRINSIC T __ldg(const T* p) { return *p; }
template <class T> GENOVEIL_INTRINSIC T __ldcg(const T* p) { return *p; }
template <class T> GENOVEIL_INTRINSIC T __ldcs(const T* p) { return *p; }
template <class T> GENOVEIL_INTRINSIC void __stcg(T* p, std::common_type_t<T> x) { *p = x; }
template <class T> GENOVEIL_INTRINSIC void __stcs(T* p, std::common_type_t<T> x) { *p = x; }

GENOVEIL_INTRINSIC void __threadfence() {}
GENOVEIL_INTRINSIC void __threadfence_block() {}

template <class T> GENOVEIL_INTRINSIC T atomicAdd(T* p, std::common_type_t<T> x) {
	T old = *p;
	*p = old + x;
	return old;
}
template <class T> GENOVEIL_INTRINSIC T atomicSub(T* p, std::common_type_t<T> x) {
	T old = *p;
	*p = old - x;
	return old;
}
template <class T> GENOVEIL_INTRINSIC T atomicMax(T* p, std::common_type_t<T> x) {
	T old = *p;
	if (old < x) *p = x;
	return old;
}
template <class T> GENOVEIL_INTRINSIC T atomicMin(T* p, std::common_type_t<T> x) {
	T old = *p;
	if (x < old) *p = x;
	return old;
}
template <class T> GENOVEIL_INTRINSIC T atomicOr(T* p, std::common_type_t<T> x) {
	T old = *p;
	*p = old | x;
	return old;
}
template <class T> GENOVEIL_INTRINSIC T atomicAnd(T* p, std::common_type_t<T> x) {
	T old = *p;
	*p = old & x;
	return old;
}
template <class T> GENOVEIL_INTRINSIC T atomicXor(T* p, std::common_type_t<T> x) {
	T old = *p;
	*p = old ^ x;
	return old;
}
template <class T> GENOVEIL_INTRINSIC T atomicExch(T* p, std::common_type_t<T> x) {
	T old = *p;
	*p = x;
	return old;
}
template <class T>
GENOVEIL_INTRINSIC T atomicCAS(T* p, std::common_type_t<T> expected, std::common_type_t<T> x) {
	T old = *p;
	if (old == expected) *p = x;
	return old;
}
