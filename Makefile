# make demo   build and run an encrypted GWAS on a simulated cohort
# make test   run all tests
# make test-levels  run the engine's tests without AVX-512 and without assembly
# make test-slurm  run shards on a Slurm of its own (needs slurm-wlm and munge), with every fault
# make test-cuda  run the CUDA engine's tests without a GPU, on the test driver
# make cuda-testdriver  build that driver, build/testdriver/libcuda.so.1
# make build  build bin/genoveil
# make race   run the concurrent packages under the race detector (needs a C compiler)
# make lint   gofmt, go vet, staticcheck
# make fuzz   fuzz every parser for FUZZTIME each

export CGO_ENABLED ?= 0
FUZZTIME ?= 30s
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: build demo test test-levels test-slurm test-cuda cuda-testdriver cuda-testdriver-sanitized race lint fuzz

build:
	go build -o bin/genoveil ./cmd/genoveil

demo: build
	bin/genoveil demo

test:
	go build ./...
	go test ./...

# The engine as processors without AVX-512 run it, and in portable Go.
test-levels:
	for tags in noavx512 noasm; do go vet -tags $$tags ./... && go test -tags $$tags ./kernels/cpu ./he/cpu || exit 1; done
	GOARCH=arm64 go vet ./...

# The daemons run only as long as the test.
test-slurm:
	go vet -tags slurm ./cmd/genoveil/slurmtest
	go test -tags slurm -count 1 ./cmd/genoveil/slurmtest

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
# threads and streams in random order.
test-cuda: export CGO_ENABLED = 1
test-cuda: cuda-testdriver cuda-testdriver-sanitized
	go vet -tags cuda ./gpu ./kernels/cuda/... ./he/cuda
	go test -tags cuda -count 1 -exec "$(TESTDRIVER)" ./gpu ./kernels/cuda/... ./he/cuda
	go test -tags cuda -count 1 -short -exec "$(TESTDRIVER) GENOVEIL_TESTDRIVER_ORDER=17" ./gpu ./kernels/cuda ./he/cuda
	go test -tags cuda -count 1 -short -exec "$(SANITIZED)" ./gpu ./kernels/cuda/...

# Under the race detector the arithmetic is some ten times slower, so the tests
# that only add arithmetic are left to `make test`.
race: export CGO_ENABLED = 1
race:
	go test -race ./pipeline/atomicfile ./pipeline/chunkfile ./genomics/vcf ./genomics/bgzf
	go test -race -run 'TestEnginesAgree/N=(64|128|256)' ./he/cpu
	go test -race -run 'TestResume|TestCancel|TestRefusals|TestFaults' ./pipeline

lint:
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "not gofmt-ed: $$unformatted"; exit 1; fi
	go vet ./...
	go run $(STATICCHECK) ./...

fuzz:
	@for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x $$package || exit 1; \
		done; \
	done
