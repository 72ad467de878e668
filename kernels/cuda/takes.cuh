// What a kernel takes, as the compiler sees it: a character for each argument, by which Stream.Launch
// checks what it is given. EXPORT keeps it beside the kernel, as name_takes.
#pragma once
#include <cstdint>

// Kernels take nothing else.
template <class T> struct Kind;
template <class T> struct Kind<T*> { static constexpr char value = '*'; };
template <> struct Kind<std::uint32_t> { static constexpr char value = '4'; };
template <> struct Kind<std::uint64_t> { static constexpr char value = '8'; };

template <class Kernel> struct Takes;
template <class... A> struct Takes<void(A...)> {
	char kinds[sizeof...(A) + 1] = {Kind<A>::value..., 0};
};
