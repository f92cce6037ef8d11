# Two commands do everything on a fresh Debian machine that has Rust:
#   make quickstart   install what the build needs, build, and use knit for real
#   make test         the same set-up, then every test
CARGO ?= cargo
KNIT := target/release/knit

.PHONY: setup build quickstart test conformance fuzz lint bench compare clean-quickstart

setup:
	./xtask/setup.sh

build: setup
	$(CARGO) build --release --workspace

quickstart: setup
	$(CARGO) build --release -p cli
	./xtask/quickstart.sh $(KNIT)

# The tests build the executable themselves, with the features that they give its dependencies: building it before would
# compile a third of the workspace twice.
test: setup
	./xtask/registry-services.sh run $(CARGO) test --release --workspace
	conformance/registry/matrix.py $(KNIT) --newest --check || [ $$? = 75 ]
	@if [ -n "$$KNIT_NODE_TESTS" ]; then target/release/xtask node-tests --check; \
	else echo "Node's own tests were left out: KNIT_NODE_TESTS does not name a checkout of them"; fi

# npm 6 to 12, pnpm, Yarn, Bun and knit against knit's registry; writes the table into COMPATIBILITY.md.
conformance: setup
	$(CARGO) build --release -p cli
	conformance/registry/matrix.py $(KNIT) --write

# Every target in fuzz/ for FUZZ_SECONDS (60), or one: make fuzz FUZZ_TARGETS=tarball FUZZ_SECONDS=600
fuzz: setup
	CARGO="$(CARGO)" fuzz/run.sh $(FUZZ_TARGETS)

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --workspace --all-targets -- -D warnings

# Beside the peers, on a loopback registry; writes the table into BENCHMARKS.md.
bench: build
	$(CARGO) run --release -p benchmarks -- install

# One manifest through npm and knit: make compare MANIFEST=path/to/package.json
compare: build
	$(CARGO) run --release -p xtask -- compare $(MANIFEST)
