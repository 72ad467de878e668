# make demo   build and run an encrypted GWAS on a simulated cohort
# make test   run all tests
# make test-levels  run the engine's tests without AVX-512 and without assembly
# make test-slurm  run shards on a Slurm of its own (needs slurm-wlm and munge), with every fault
# make build  build bin/genoveil
# make race   run the concurrent packages under the race detector (needs a C compiler)
# make lint   gofmt, go vet, staticcheck
# make fuzz   fuzz every parser for FUZZTIME each

export CGO_ENABLED ?= 0
FUZZTIME ?= 30s
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: build demo test test-levels test-slurm race lint fuzz

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
