#!/bin/sh
# Checks and times genoveil on the GPUs of this machine. It needs an NVIDIA driver and
# nothing else: no Go, no CUDA toolkit (compute-sanitizer is used where there is one).
#
#   run.sh [FOLDER]         results go to FOLDER, ./results unless given
#   run.sh --quick FOLDER   tiny sizes, to see that it runs
#
# Run time on one card: about a quarter of an hour. FOLDER gets table.txt, card.json
# (for benchmarks/results/ of the repository) and the logs; WORK, a temporary folder with
# 4 GB, is removed.
set -eu

quick=
if [ "${1-}" = --quick ]; then
	quick=-quick
	shift
fi
bundle=$(cd "$(dirname "$0")" && pwd)
results=${1:-results}
mkdir -p "$results"
results=$(cd "$results" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/genoveil-bundle-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

step() { printf '\n== %s\n' "$*"; }
failed=
# check NAME COMMAND… logs a command; the script goes on where it fails.
check() {
	name=$1
	shift
	if "$@" >"$results/$name.log" 2>&1; then
		echo "$name: passed"
	else
		echo "$name: FAILED, see $results/$name.log"
		tail -n 15 "$results/$name.log"
		failed="$failed $name"
	fi
}

for packed in "$bundle"/*.gz; do
	program=$(basename "$packed" .gz)
	gunzip -c "$packed" >"$program"
	chmod 755 "$program"
done

step "what there is"
if ! ./genoveil-cuda --probe >probe 2>&1; then
	cat probe
	echo "genoveil-cuda does not run here: it needs an NVIDIA driver, a GPU of compute capability 7.0 (2017) or newer, and glibc 2.34 or newer (on older systems use a container; docs/gpu.md)"
	exit 1
fi
./genoveil devices | tee "$results/devices.txt"
case $(tail -n 1 "$results/devices.txt") in
*"auto uses the CPU"* | "("*)
	exit 1
	;;
esac

step "tests on the device"
for tests in gpu kernels-cuda kernels-cuda-word64 he-cuda; do
	check "$tests" ./"$tests".test -test.v ${quick:+-test.short}
done

step "compute-sanitizer on small sizes"
if [ -z "${GENOVEIL_TESTDRIVER-}" ] && command -v compute-sanitizer >/dev/null; then
	for tool in memcheck racecheck; do
		for tests in kernels-cuda kernels-cuda-word64 he-cuda; do
			check "$tool-$tests" compute-sanitizer --tool $tool --error-exitcode 1 ./"$tests".test -test.short
		done
	done
else
	echo "not installed (it is part of the CUDA toolkit): skipped"
fi

step "a whole study: encrypt, run on the GPU and on processors, decrypt"
if [ -n "$quick" ]; then
	samples=8 variants=9000
else
	samples=512 variants=131072
fi
./genoveil simulate --samples $samples --variants $variants -o sim >simulate.log 2>&1
./genoveil keygen -o keys 2>>simulate.log
check encrypt ./genoveil encrypt genotypes --vcf sim.vcf.gz --keys keys -o cohort --device cuda
[ -f cohort.index ] || ./genoveil encrypt genotypes --vcf sim.vcf.gz --keys keys -o cohort 2>>simulate.log
./genoveil encrypt traits --index cohort.index --pheno sim.pheno.txt --pheno-name CASE --keys keys -o case 2>>simulate.log
mv keys/eval.key eval.key
check auto ./genoveil run --cohort cohort --traits case.traits --eval-key eval.key -o auto.sums --record auto.json
if ! grep -q '"device": "cuda"' auto.json 2>/dev/null; then
	echo "genoveil run --device auto did not use the GPU"
	failed="$failed auto"
fi
check decrypt ./genoveil decrypt --sums auto.sums --index cohort.index --private case.private --keys keys -o case

step "benchmarks"
check benchmarks ./benchmarks $quick -program ./genoveil-cuda -data . -json "$results/card.json"
if [ -f "$results/card.json" ]; then
	sed -n '/^{/,$!p' "$results/benchmarks.log" | tee "$results/table.txt"
fi

step "done"
if [ -n "$failed" ]; then
	echo "failed:$failed"
	exit 1
fi
echo "all passed; results are in $results"
