# make demo   build and run an encrypted GWAS on a simulated cohort
# make test   run all tests
# make build  build bin/genoveil
# make race   run the concurrent packages under the race detector (needs a C compiler)
# make lint   gofmt, go vet, staticcheck
# make fuzz   fuzz every parser for FUZZTIME each

export CGO_ENABLED ?= 0
FUZZTIME ?= 30s
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: build demo test race lint fuzz

build:
	go build -o bin/genoveil ./cmd/genoveil

demo: build
	bin/genoveil demo

test:
	go build ./...
	go test ./...

# Under the race detector the arithmetic is some ten times slower, so the tests
# that only add arithmetic are left to `make test`.
race: export CGO_ENABLED = 1
race:
	go test -race ./pipeline/atomicfile ./pipeline/chunkfile ./genomics/vcf
	go test -race -run 'TestEnginesAgree/N=(128|256)' ./he/cpu
	go test -race -run 'TestResume|TestCancel|TestRefusals|TestFaults' ./pipeline

lint:
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "not gofmt-ed: $$unformatted"; exit 1; fi
	go vet ./...
	go run $(STATICCHECK) ./...

fuzz:
	@for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done
