# The only door: a person and a machine build, test and start Omhu through the same targets.
# Nothing but python3 (3.11 or newer) and make has to be there; everything else is fetched into .tools/ and .venv/.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
# The installer is pinned like everything else; the lock file pins the rest.
UV_VERSION := 0.13.9
TOOLS := .tools/uv-$(UV_VERSION)
UV := $(TOOLS)/bin/uv
BIN := .venv/bin
READY := .venv/.omhu-ready
PACKAGES := tests/tools/debian_packages.sh

# Never a word to anybody outside, and never another Python or browser than the one that is here.
export MLFLOW_DISABLE_TELEMETRY := true
export DO_NOT_TRACK := true
export UV_PYTHON_DOWNLOADS := never
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
export NO_MKDOCS_2_WARNING := 1

.PHONY: help setup system demo serve test test-long check format docs bench stress wheel clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: $(READY) ## everything Omhu needs, into .venv/ (a second run does nothing)

demo: setup ## an invented municipality from drop to list, then the page on http://127.0.0.1:8000
	@exec $(BIN)/omhu demo

serve: setup ## the service on http://127.0.0.1:8000 over the state already there
	@exec $(BIN)/omhu serve

# Three workers on two cores: a fifth of the time one waits, for a server, a browser or a store. Each has one thread:
# numeric libraries that take every core would only get in each other's way.
test: export OMP_NUM_THREADS := 1
test: setup system ## all tests, PostgreSQL and browser included, and the coverage of models/
	@exec $(BIN)/pytest -n 3 --dist worksteal --cov --cov-report=term-missing:skip-covered

test-long: export OMP_NUM_THREADS := 1
test-long: setup system ## the property tests with many more examples (an hour, for the night)
	@exec $(BIN)/pytest -n 2 --dist worksteal --hypothesis-profile long

check: setup ## lint, format, types, import rules, Dockerfile, documents
	@echo "ruff: lint"       && $(BIN)/ruff check .
	echo "ruff: format"      && $(BIN)/ruff format --check .
	echo "import rules"      && $(BIN)/lint-imports --no-logo
	echo "Dockerfile"        && $(BIN)/hadolint Dockerfile && echo "No fault found."
	echo "documents"         && $(BIN)/mkdocs build --strict --quiet && echo "No fault found."
	echo "pyright: types"    && $(BIN)/pyright

format: setup ## put the code in the house's format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

docs: setup ## write the pages made from the code, then the documents as a site into site/
	@$(BIN)/python tests/tools/write_reference.py
	$(BIN)/mkdocs build --strict --quiet && echo "Open site/index.html"

bench: setup ## the measurements: each as a time and as a multiple of its floor
	@exec $(BIN)/python tests/tools/run_benches.py

stress: export OMP_NUM_THREADS := 1
stress: setup system ## load, kill -9 and a PostgreSQL that goes away (half an hour; MINUTES=1 MOMENTS=5 for a first look)
	@exec $(BIN)/python tests/tools/run_stress.py

wheel: setup ## the distribution, as dist/*.whl
	@$(UV) build --wheel

# libatomic is what the program between the tests and the browser is linked against.
system: ## the Debian packages the tests need
	@$(PACKAGES) "the tests" postgresql:initdb chromium:chromium libatomic1:libatomic.so.1

clean: ## away with all that make can make again; .local/ (your data) stays
	@rm -rf .venv .tools dist site htmlcov .coverage .coverage.* .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	if [ -d .local ]; then echo "Kept: .local/ with the data and models of this machine."; fi

# LightGBM is built against the system's OpenMP library, which a small Debian does not have.
$(READY): pyproject.toml uv.lock $(UV)
	@$(PACKAGES) "LightGBM" libgomp1:libgomp.so.1
	echo "Setup 2/2: the libraries named in uv.lock, into .venv/ (about a minute the first time)"
	$(UV) sync --frozen --python $(TOOLS)/bin/python
	touch $@
	echo "Setup done."

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
	    echo "Omhu needs Python 3.11 or newer; '$(PYTHON)' is older or missing. Name another: make setup PYTHON=python3.12" >&2
	    exit 1
	}
	echo "Setup 1/2: the installer uv $(UV_VERSION), into .tools/"
	rm -rf .tools
	$(PYTHON) -c 'import ensurepip' 2>/dev/null || $(PACKAGES) "setup" python3-venv:
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
