# Usher's verbs. CI calls these and nothing else. `make` alone lists them.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin

# pip asks nothing, warns of nothing that a reader can't act upon, and takes only what the lock names.
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_ROOT_USER_ACTION := ignore
PIP := $(BIN)/python -m pip
PIP_LOCKED := $(PIP) install --require-hashes --no-deps --requirement
PIP_PROJECT := $(PIP) install --quiet --no-deps --no-build-isolation --editable .

# Compiled modules are kept: some 150 processes of the suite import the whole application.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List the verbs
	@echo "Usage: make VERB"
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## /\1|/' \
		| while IFS='|' read -r verb what; do printf '  %-14s %s\n' "$$verb" "$$what"; done

# Installing. Each stamp is written last, so that an interrupted install is done again and a whole one is left alone.

.PHONY: install
install: $(VENV)/.installed ## Install what serving needs into .venv, from the hash-pinned lock

.PHONY: dev
dev: $(VENV)/.installed-dev $(VENV)/.installed-clients ## Install that, and what testing needs

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Usher needs Python 3.11 or newer: install it, or name it with PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv is missing: on Debian, apt install python3-venv" >&2; exit 1; }
	@touch $@

# The lock of development holds the other one, so either stamp is enough to serve.
$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/.made
	@if test -e $(VENV)/.installed-dev && $(MAKE) --no-print-directory --question $(VENV)/.installed-dev; then :; else \
		$(PIP_LOCKED) requirements.lock && $(PIP_PROJECT) && $(PIP) check; fi
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock requirements.lock pyproject.toml | $(VENV)/.made
	@$(PIP_LOCKED) requirements-dev.lock
	@$(PIP_PROJECT)
	@$(PIP) check
	@touch $@

# JavaScript clients that tests run against the server, where Node is; tests that need them say so where it isn't.
$(VENV)/.installed-clients: tests/e2e/clients/package-lock.json | $(VENV)/.installed-dev
	@$(BIN)/python -m tests.e2e.npm_clients
	@touch $@

# Serving

.PHONY: run
run: install ## Serve the demo schools on 127.0.0.1:8000 (PORT=, USHER_HOME=)
	@$(BIN)/usher run

# Checking

# First what takes seconds; then types, the Docker install and the tests side by side, since one core is enough for each check.
.PHONY: test
test: dev lint contracts schema-check ## Check everything, and run the tests on real PostgreSQL (PYTEST_ARGS=)
	@$(MAKE) --no-print-directory --jobs=3 --keep-going suite types docker-check

# No --dist worksteal: a worker that comes back to a module would make its schools a second time.
.PHONY: suite
suite: dev
	$(BIN)/pytest -n auto $(PYTEST_ARGS)

.PHONY: test-deep
test-deep: dev ## Run each property test a hundred times as far: hours (TESTS=tests/properties/reach PARTS=40-99 PYTEST_ARGS=)
	USHER_TEST_DEEP=1 USHER_TEST_PARTS=$(PARTS) $(BIN)/pytest -n auto --maxschedchunk=4 -v -m deep --durations=20 $(or $(TESTS),tests) $(PYTEST_ARGS)

.PHONY: lint
lint: dev ## Check style, and the rules that no import shows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/ast-grep test --skip-snapshot-tests
	$(BIN)/ast-grep scan --error

.PHONY: types
types: dev ## Check types
	$(BIN)/pyright

.PHONY: contracts
contracts: dev ## Check that imports point down
	$(BIN)/lint-imports

.PHONY: schema
schema: dev ## Print schema.graphql and the lists in docs/ from the code
	@$(BIN)/python -m tools.printed

.PHONY: schema-check
schema-check: dev ## Fail if one differs from what the code would print
	@$(BIN)/python -m tools.printed --check

.PHONY: docker-check
docker-check: dev ## Run the Dockerfile's install commands in an empty folder
	@$(BIN)/python -m tools.docker_install

.PHONY: bench
bench: dev ## Measure the roads side by side (SIZE=small or large)
	@$(BIN)/python -m tests.bench --size $(or $(SIZE),small)

.PHONY: drill
drill: dev ## Break things on purpose and show what it costs (DRILL=kills SEED=1)
	@$(BIN)/python -m tests.drills $(DRILL) --seed $(or $(SEED),1)

.PHONY: bench-peers
bench-peers: dev ## Measure Usher beside PostGraphile and Mercurius, same answers (SIZE=, RESULTS=)
	@$(BIN)/python -m tests.bench.peers --size $(or $(SIZE),small) $(if $(RESULTS),--results $(RESULTS))

# Maintaining

.PHONY: lock
lock: ## Write the locks anew from pyproject.toml (needs uv)
	uv pip compile --universal --generate-hashes --python-version 3.11 --custom-compile-command 'make lock' \
		--group build -o requirements.lock pyproject.toml
	uv pip compile --universal --generate-hashes --python-version 3.11 --custom-compile-command 'make lock' \
		--group build --group dev -c requirements.lock -o requirements-dev.lock pyproject.toml

.PHONY: sbom
sbom: dev ## Write a bill of materials of the locks, CycloneDX, to dist/usher.cdx.json
	@$(BIN)/python -m tools.sbom

.PHONY: audit
audit: dev ## Ask an advisory service about every locked package; fails when it could not ask (SERVICE=)
	@$(BIN)/python -m tools.audit $(if $(SERVICE),--service $(SERVICE))

.PHONY: clean
clean: ## Remove what the verbs made here; the data folder stays
	rm -rf $(VENV) dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache tests/e2e/clients/node_modules bench/peers/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
