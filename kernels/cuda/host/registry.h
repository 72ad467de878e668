// Kernels by name.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <tuple>
#include <utility>

#include "../takes.cuh"
#include "block.h"

#pragma GCC visibility push(hidden)

namespace host {

struct Kernel {
	const char* name;
	int max_threads;                   // __launch_bounds__
	char *shared_begin, *shared_end;   // static shared memory of its file
	std::string takes;                 // takes.cuh
	// Copies the arguments and returns what runs a grid with them.
	std::function<std::function<void(const Shape&)>(void** parameters)> bind;
};

const Kernel* find_kernel(const char* name);
[[noreturn]] void fail_launch(const char* name, const char* why);

// The bound of the kernel that is about to be exported.
struct Bound {
	explicit Bound(int threads);
};

struct Registration {
	template <class... A>
	Registration(const char* name, void (*kernel)(A...), char* shared_begin, char* shared_end) {
		add(name, shared_begin, shared_end, Takes<void(A...)>{}.kinds, [=](void** parameters) {
			return launcher(name, kernel, parameters, std::index_sequence_for<A...>{});
		});
	}

private:
	template <class... A, std::size_t... I>
	static std::function<void(const Shape&)> launcher(const char* name, void (*kernel)(A...),
	                                                  void** parameters, std::index_sequence<I...>) {
		(void)parameters; // of a kernel without arguments
		std::tuple<A...> arguments(*static_cast<A*>(parameters[I])...);
		return [=](const Shape& shape) {
			auto call = std::make_pair(kernel, arguments);
			run_grid(name, shape, [](void* p) {
				auto* call = static_cast<std::pair<void (*)(A...), std::tuple<A...>>*>(p);
				std::apply(call->first, call->second);
			}, &call);
		};
	}

	static void add(const char* name, char* shared_begin, char* shared_end, std::string takes,
	                std::function<std::function<void(const Shape&)>(void**)> bind);
};

// Runs a kernel at once, for C++ programs: arguments have the kernel's own types.
template <class... A> void launch(const char* name, Shape shape, A... arguments) {
	void* parameters[] = {&arguments..., nullptr};
	const Kernel* kernel = find_kernel(name);
	const char* wrong = kernel ? refusal(shape, kernel->max_threads) : "there is no such kernel";
	if (wrong) fail_launch(name, wrong);
	shape.shared_begin = kernel->shared_begin;
	shape.shared_end = kernel->shared_end;
	kernel->bind(parameters)(shape);
}

} // namespace host

#pragma GCC visibility pop
