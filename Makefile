# make demo   build and run an encrypted GWAS on a simulated cohort
# make test   run all tests
# make test-levels  run the engine's tests without AVX-512 and without assembly
# make test-slurm  run shards on a Slurm of its own (needs slurm-wlm and munge), with every fault
# make test-cuda  run the CUDA engine's tests without a GPU, on the test driver
# make cuda-testdriver  build that driver, build/testdriver/libcuda.so.1
# make build  build bin/genoveil
# make install   install genoveil, manual pages and completions below DESTDIR and PREFIX (/usr/local)
# make install-cuda   the same, and genoveil-cuda
# make dist   make dist/genoveil-VERSION-linux-ARCH.tar.gz for amd64 and arm64, and their sums
# make dist-check   the same twice, from another directory: the bytes must agree
# make cuda   build bin/genoveil-cuda (needs nvcc and a C++ compiler; docs/gpu.md)
# make cuda-check   hold the kernels' machine code against kernels/cuda/budget.txt
# make gpu-bundle  make dist/gpu-bundle, whose run.sh checks and times everything on a machine with a GPU
# make race   run the concurrent packages under the race detector (needs a C compiler)
# make lint   gofmt, go vet, staticcheck
# make lint-cuda   the last two for the CUDA engine
# make fuzz   fuzz every parser for FUZZTIME each

export CGO_ENABLED ?= 0
FUZZTIME ?= 30s
# What genoveil --version says of the source; empty where there is no git.
COMMIT ?= $(shell git describe --always --dirty --abbrev=12 --exclude="*" 2>/dev/null)
STAMP = -X main.commit=$(COMMIT)

.DELETE_ON_ERROR:
.PHONY: build demo test test-levels test-slurm race lint lint-cuda fuzz cuda cuda-modules cuda-check cuda-budget

build:
	go build -ldflags "$(STAMP)" -o bin/genoveil ./cmd/genoveil

demo: build
	bin/genoveil demo

# As packages do: PREFIX is where the program will be, DESTDIR a directory to put before it.
PREFIX ?= /usr/local
DESTDIR ?=

.PHONY: install install-cuda dist dist-check

install: build
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 bin/genoveil "$(DESTDIR)$(PREFIX)/bin/genoveil"
	packaging/share bin/genoveil "$(DESTDIR)$(PREFIX)/share"

# genoveil finds genoveil-cuda beside it.
install-cuda: install cuda
	install -m 755 bin/genoveil-cuda "$(DESTDIR)$(PREFIX)/bin/genoveil-cuda"

dist:
	COMMIT="$(COMMIT)" packaging/dist

dist-check:
	COMMIT="$(COMMIT)" packaging/dist-check

# The commands' tests take ten minutes, where go test gives up, on two busy cores.
test:
	go build ./...
	go test -timeout 40m ./...

# CUDA. nvcc 11.8 takes compilers up to g++ 11. On clusters, where CUDA is a module, give
# CUDA_HOME; libcuda.so, which only nodes with a GPU have, is linked as a stub.
CUDA_HOME ?=
CUDA_ARCHS ?= 70 80 86 89 90
CUDA_PTX ?= 90
JOBS ?= $(shell nproc)
NVCC ?= $(if $(CUDA_HOME),$(CUDA_HOME)/bin/)nvcc
CUOBJDUMP ?= $(if $(CUDA_HOME),$(CUDA_HOME)/bin/)cuobjdump
NVCC_HOST ?= $(shell command -v g++-11)
CUDA_STUBS = $(firstword $(wildcard $(if $(CUDA_HOME),$(CUDA_HOME)/lib64/stubs,/usr/lib/x86_64-linux-gnu/stubs /usr/local/cuda/lib64/stubs)))
CUDA_ENV = CGO_ENABLED=1 CGO_CFLAGS="-O2 $(if $(CUDA_HOME),-I$(CUDA_HOME)/include) $(CGO_CFLAGS)" CGO_LDFLAGS="$(addprefix -L,$(CUDA_STUBS)) $(CGO_LDFLAGS)"
NVCC_FLAGS = $(addprefix -ccbin ,$(NVCC_HOST)) -std=c++17 -O3 -Ikernels/cuda -fatbin -Xfatbin -compress-all \
	$(foreach a,$(CUDA_ARCHS),-gencode arch=compute_$(a),code=sm_$(a)) $(foreach a,$(CUDA_PTX),-gencode arch=compute_$(a),code=compute_$(a))
# A package keeps the fat binaries of its kernels in its folder modules.
KERNELS = kernels/cuda kernels/cuda/word64
MODULES = $(foreach k,$(KERNELS),$(patsubst $k/%.cu,$k/modules/%.fatbin,$(wildcard $k/*.cu)))

cuda:
	$(MAKE) -j$(JOBS) cuda-modules
	$(CUDA_ENV) go build -tags cuda -ldflags "$(STAMP)" -o bin/genoveil-cuda ./cmd/genoveil

cuda-modules: $(MODULES)
	@rm -f $(filter-out $(MODULES),$(wildcard $(KERNELS:=/modules/*.fatbin)))

define MODULE
$k/modules/%.fatbin: $k/%.cu build/cuda/flags
	$$(NVCC) $$(NVCC_FLAGS) -MD -MP -MF build/cuda/$(notdir $k)-$$*.d -o $$@ $$<
endef
$(foreach k,$(KERNELS),$(eval $(MODULE)))

# Changes only when the flags do.
build/cuda/flags: FORCE
	@mkdir -p build/cuda; echo '$(NVCC) $(NVCC_FLAGS)' >$@.new; cmp -s $@.new $@ && rm $@.new || mv $@.new $@
FORCE:
-include $(wildcard build/cuda/*.d)

cuda-check: cuda-modules
	CUOBJDUMP=$(CUOBJDUMP) go run ./kernels/cuda/budget

# Records what the kernels take now.
cuda-budget: cuda-modules
	CUOBJDUMP=$(CUOBJDUMP) go run ./kernels/cuda/budget -write

# All that a machine with a GPU needs, without Go and without a compiler there.
BUNDLE = dist/gpu-bundle
BUNDLE_FLAGS = -trimpath -ldflags "-s -w $(STAMP)"

.PHONY: gpu-bundle
gpu-bundle:
	$(MAKE) -j$(JOBS) cuda-modules
	rm -rf $(BUNDLE) && mkdir -p $(BUNDLE)
	CGO_ENABLED=0 go build $(BUNDLE_FLAGS) -o $(BUNDLE)/genoveil ./cmd/genoveil
	$(CUDA_ENV) go build -tags cuda $(BUNDLE_FLAGS) -o $(BUNDLE)/genoveil-cuda ./cmd/genoveil
	$(CUDA_ENV) go build -tags cuda $(BUNDLE_FLAGS) -o $(BUNDLE)/benchmarks ./benchmarks/gpu
	for package in gpu $(KERNELS) he/cuda; do \
		$(CUDA_ENV) go test -c -tags cuda $(BUNDLE_FLAGS) -o $(BUNDLE)/$$(echo $$package | tr / -).test ./$$package || exit 1; done
	gzip -9 $(BUNDLE)/*
	cp benchmarks/gpu/run.sh $(BUNDLE)
	du -sh $(BUNDLE)

# The engine as processors without AVX-512 run it, and in portable Go.
test-levels:
	for tags in noavx512 noasm; do go vet -tags $$tags ./... && go test -tags $$tags ./kernels/cpu/... ./he/cpu || exit 1; done
	GOARCH=arm64 go vet -trimpath ./...

# The daemons run only as long as the test.
test-slurm:
	go vet -tags slurm ./cmd/genoveil/slurmtest
	go test -tags slurm -count 1 ./cmd/genoveil/slurmtest

.PHONY: test-cuda cuda-testdriver cuda-testdriver-sanitized

cuda-testdriver:
	$(MAKE) --no-print-directory -j $(shell nproc) -f kernels/cuda/host/Makefile

# The driver and its kernels with sanitizers, for what a processor forgives.
cuda-testdriver-sanitized:
	$(MAKE) --no-print-directory -j $(shell nproc) -f kernels/cuda/host/Makefile OUT=build/testdriver-sanitized \
		FLAGS="-O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all -fsanitize-sections=genoveil_shared_*"

TESTDRIVER = env LD_LIBRARY_PATH=$(CURDIR)/build/testdriver GENOVEIL_TESTDRIVER=1
SANITIZED = env LD_LIBRARY_PATH=$(CURDIR)/build/testdriver-sanitized GENOVEIL_TESTDRIVER=1 GENOVEIL_TESTDRIVER_SANITIZED=1 \
	LD_PRELOAD=$(shell $(CXX) -print-file-name=libasan.so) \
	ASAN_OPTIONS=detect_leaks=0:handle_segv=0:handle_abort=0:use_sigaltstack=0

# The go command does not see a changed driver, hence -count 1. The second run has
# threads and streams in random order, and two devices for the engine.
test-cuda: export CGO_ENABLED = 1
test-cuda: export CGO_LDFLAGS = -L$(CURDIR)/build/testdriver
test-cuda: cuda-testdriver cuda-testdriver-sanitized
	go vet -tags cuda ./gpu ./kernels/cuda/... ./he/cuda
	go test -tags cuda -count 1 -exec "$(TESTDRIVER)" ./gpu ./kernels/cuda/... ./he/cuda
	go test -count 1 -exec "$(TESTDRIVER)" -run TestCUDAScripts ./cmd/genoveil
	go test -tags cuda -count 1 -exec "$(TESTDRIVER)" -run TestCUDA ./pipeline
	go test -tags cuda -count 1 -short -exec "$(TESTDRIVER) GENOVEIL_TESTDRIVER_ORDER=17" ./gpu $(addprefix ./,$(KERNELS))
	go test -tags cuda -count 1 -short -exec "$(TESTDRIVER) GENOVEIL_TESTDRIVER_ORDER=17 GENOVEIL_TESTDRIVER_DEVICES=2" ./he/cuda
	go test -tags cuda -count 1 -short -exec "$(SANITIZED)" ./gpu ./kernels/cuda/... ./he/cuda

# Under the race detector a test takes up to ten times as long. Left to `make test` are
# those of pipeline whose work is arithmetic or reading what is hostile, and the kills at
# every step; those at random stay.
NO_RACE = Attack|HapMap3|Hostile|ManyMissing|ManyReplies|Bomb|Memory|EqualPlaintextSums|KilledAtEveryStep|^Fuzz
race: export CGO_ENABLED = 1
race:
	go test -race ./pipeline/atomicfile ./pipeline/chunkfile ./genomics/vcf ./genomics/bgzf ./secagg
	go test -race -run 'TestEnginesAgree/N=(64|128|256)' ./he/cpu
	go test -race -timeout 20m -skip '$(NO_RACE)' ./pipeline $(addprefix ./pipeline/,format private owner site)

lint:
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "not gofmt-ed: $$unformatted"; exit 1; fi
	go vet ./...
	go tool staticcheck ./...

# The files with the tag cuda, which need CUDA's headers.
lint-cuda:
	$(CUDA_ENV) go vet -tags cuda ./...
	$(CUDA_ENV) go tool staticcheck -tags cuda ./...

fuzz:
	@for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x $$package || exit 1; \
		done; \
	done
