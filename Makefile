# Everything a developer or a first-time user does, by name. `make help` lists it.
# Needs make and Python 3.11 or newer with venv; all else is installed into .venv from the locks.

SHELL := /bin/sh
.DEFAULT_GOAL := check
.DELETE_ON_ERROR:

# A Python to make the virtual environment with. Left empty, the first fitting one is taken.
PYTHON ?=
CANDIDATES := python3 python3.11 python3.12 python3.13 python

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
UV_VENV := $(VENV)/uv

DATASET := fixtures/demo_small
RESULT := out/demo_small.analysis
WORKERS ?= 2
BENCH_ACCOUNTS ?= 20000
# Sizes to time, in accounts, and how often.
BENCH ?= 100000
ROUNDS ?= 5
FUZZ_SECONDS ?= 600
FUZZ_TARGETS ?= $(notdir $(wildcard tests/fuzz/corpus/*))

COMPILE := pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: help check run test lint types format docs lock bench tiers rates fuzz kills clean distclean chromium \
	java neo4j hdfs postgresql promtool \
	neo4j-up neo4j-down

check: test lint types ## Test, lint and check types (the default)

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.installed ## Decide the sample accounts, and show one decision
	@mkdir -p $(dir $(RESULT))
	@$(BIN)/graphrisk analyze $(DATASET) --out $(RESULT) || { code=$$?; test $$code -eq 3; }

test: $(VENV)/.developing chromium neo4j hdfs postgresql promtool ## Run all tests
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

lint: $(VENV)/.developing ## Check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.developing ## Check types, strictly
	$(BIN)/mypy
	$(BIN)/mypy docs/generate.py docs/bad_input.py docs/examples.py docs/picture.py scripts \
		benchmarks/*.py benchmarks/speed
	$(BIN)/mypy -p benchmarks.finbench

format: $(VENV)/.developing ## Put the code in its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.installed ## Write the generated pages again
	$(BIN)/python docs/generate.py

bench: $(VENV)/.benching ## Time everything beside its peers: make bench BENCH=100000,1000000 ROUNDS=5,3
	$(BIN)/python benchmarks/speed/run.py --accounts $(BENCH) --rounds $(ROUNDS) --write

tiers: $(VENV)/.installed ## Draw a sample book, decide it, count what was found and who was wronged
	$(BIN)/graphrisk demo out/bench.book --accounts $(BENCH_ACCOUNTS) --seed 1
	$(BIN)/graphrisk analyze out/bench.book --out out/bench.analysis || { code=$$?; test $$code -eq 3; }
	$(BIN)/python benchmarks/tiers.py out/bench.analysis out/bench.book/truth

fuzz: $(VENV)/.developing ## Search each parser for inputs that break it, FUZZ_SECONDS each
	@mkdir -p out && cd out && for target in $(FUZZ_TARGETS); do \
		echo "Fuzzing $$target"; \
		../$(BIN)/python ../tests/fuzz/run.py $$target --seconds $(FUZZ_SECONDS) || exit 1; \
	done

rates: $(VENV)/.installed neo4j ## Time stores on a book of 100,000 accounts; writes docs/stores.md
	test -d out/rates.book || $(BIN)/graphrisk demo out/rates.book --accounts 100000 --seed 1
	@set -e; $(NEO4J_SERVER) up --home out/rates.neo4j --heap 2g --page-cache 1g >out/rates.json; \
	of() { $(BIN)/python -c "import json; print(json.load(open('out/rates.json'))['$$1'])"; }; \
	export GRAPHRISK_NEO4J_PASSWORD_FILE="$$(of password_file)"; \
	for store in "$$(of uri)" embedded:out/rates.store; do \
		$(BIN)/python benchmarks/stores.py out/rates.book --store "$$store" --batches 10000 \
			--server-pid "$$(of pid)" --write; \
		$(BIN)/python benchmarks/questions.py out/rates.book --store "$$store" --write; \
	done; \
	$(NEO4J_SERVER) down --home out/rates.neo4j

kills: $(VENV)/.installed ## Kill scheduled runs at every step and at random; writes docs/operations.md
	$(BIN)/python benchmarks/batch_kills.py --seeds 5 --random 20 --write
	$(BIN)/python benchmarks/batch_kills.py --seeds 1 --random 8 --store --write

lock: $(UV_VENV)/bin/uv ## Resolve the dependencies again, newest that fit
	$(UV_VENV)/bin/uv $(COMPILE) --upgrade pyproject.toml --extra dev requirements/build.in \
		-o requirements/dev.txt
	$(UV_VENV)/bin/uv $(COMPILE) -c requirements/dev.txt pyproject.toml -o requirements/run.txt
	$(UV_VENV)/bin/uv $(COMPILE) -c requirements/dev.txt pyproject.toml --extra embedded \
		-o requirements/embedded.txt
	$(UV_VENV)/bin/uv $(COMPILE) -c requirements/dev.txt requirements/build.in \
		-o requirements/build.txt

clean: ## Remove results and caches
	rm -rf out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find graphrisk tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## Remove the virtual environment and the fetched servers too
	rm -rf $(VENV) .neo4j .hdfs

# ── What tests run against: installed where apt may, said where not ──────────────────────

# Debian's package, what it is for, the tests that fail without it.
define install
if [ "$$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing $(1), $(2)"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends $(1) >/dev/null \
			|| echo "apt-get could not; $(3) will fail" >&2; \
	else \
		echo "$(1), $(2), is not installed: $(3) will fail." >&2; \
		echo "On Debian: sudo apt-get update && sudo apt-get install $(1)" >&2; \
	fi
endef

# ── A browser, in which tests open the report ─────────────────────────────────────────────

chromium:
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
		if command -v "$$name" >/dev/null; then exit 0; fi; \
	done; \
	$(call install,chromium,in which tests open the report,tests/report/test_browser.py)

# ── PostgreSQL, in which tests keep a ledger ─────────────────────────────────────────────

postgresql:
	@if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null; then \
		exit 0; \
	fi; \
	$(call install,postgresql,in which tests keep a ledger,tests/batch/test_postgresql.py)

# ── Prometheus' own tool, by which tests check metrics and alert rules ────────────────────

promtool:
	@if command -v promtool >/dev/null; then exit 0; fi; \
	$(call install,prometheus,by which tests check metrics,tests/batch/test_alerts.py)

# ── A Neo4j server, against which stores and statements are tested ───────────────────────

# lts or newest, for tests too: make test NEO4J_RELEASE=newest ARGS=tests/stores. That needs Java 21.
NEO4J_RELEASE ?= lts
export NEO4J_RELEASE
NEO4J_SERVER := $(BIN)/python scripts/neo4j_server.py --release $(NEO4J_RELEASE)

neo4j-up: $(VENV)/.made neo4j ## Start Neo4j on loopback; prints where, and the password's file
	@$(NEO4J_SERVER) up

neo4j-down: $(VENV)/.made ## Stop it
	@$(NEO4J_SERVER) down

# What can't be had is said; the tests that need a server fail and say it again.
neo4j: $(VENV)/.made java
	@if [ -n "$$GRAPHRISK_NEO4J_URL" ]; then exit 0; fi; \
	$(NEO4J_SERVER) fetch || echo "Tests against Neo4j will fail" >&2

# ── An HDFS, of which Spark reads and to which it writes ─────────────────────────────────

hdfs: $(VENV)/.made java
	@$(BIN)/python scripts/hdfs_jar.py >/dev/null || echo "Tests against HDFS will fail" >&2

# ── Java and Maven, with which tests fetch and start servers, where apt may install them ─

java:
	@if ! command -v java >/dev/null || ! command -v mvn >/dev/null; then \
		if [ "$$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing Java and Maven, with which tests fetch and start servers"; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
				apt-get install -y -qq --no-install-recommends default-jre-headless maven \
				>/dev/null || echo "apt-get could not; tests of servers will fail" >&2; \
		fi; \
	fi

# ── Environments: each stamp stands for an installed lock ────────────────────────────────

$(VENV)/.made:
	@for python in $(if $(PYTHON),"$(PYTHON)",$(CANDIDATES)); do \
		if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
			2>/dev/null; then found="$$python"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "No Python 3.11 or newer with venv found (tried: $(or $(PYTHON),$(CANDIDATES)))." >&2; \
		echo "Install one (Debian and Ubuntu: apt install python3 python3-venv), or name one:" >&2; \
		echo "    make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; \
		exit 1; \
	fi; \
	echo "Making $(VENV) with $$found"; \
	"$$found" -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.made requirements/build.txt requirements/run.txt requirements/embedded.txt \
		pyproject.toml
	@echo "Installing graphrisk and what it runs on, as locked in requirements/"
	@$(PIP) install --quiet --require-hashes -r requirements/build.txt -r requirements/run.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --no-index -e .
	@$(PIP) install --quiet --require-hashes -r requirements/embedded.txt \
		|| echo "The embedded graph can't be installed here; graphrisk query needs a Neo4j" >&2
	@touch $@

$(VENV)/.developing: $(VENV)/.installed requirements/dev.txt
	@echo "Installing what tests need, as locked in requirements/dev.txt"
	@$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.benching: $(VENV)/.installed
	@echo "Installing the libraries to compare with"
	@$(PIP) install --quiet --no-build-isolation -e ".[bench]"
	@touch $@

$(UV_VENV)/bin/uv: $(VENV)/.made
	@$(BIN)/python -m venv $(UV_VENV)
	@$(UV_VENV)/bin/python -m pip --disable-pip-version-check install --quiet uv
