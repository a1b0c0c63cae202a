# `make` lists what there is. Every target works in .venv, which `make install` keeps up to date.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYTHON ?=
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11
LAB_ARGS ?=
BOOK_DIR ?= book
BENCH_ARGS ?=
BENCH := .venv-bench

.DEFAULT_GOAL := help
.PHONY: help install lab test book bench constraints clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## create .venv with everything (PYTHON=... chooses the interpreter)

# Only when what is to be installed has changed. The first interpreter that is new enough is used.
$(STAMP): pyproject.toml constraints.txt
	@set -e; \
	if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  found=; \
	  for candidate in $(or $(PYTHON),$(PYTHONS)); do \
	    if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	      found="$$candidate"; break; \
	    fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "sphere_toolkit needs Python 3.11 or newer; tried: $(or $(PYTHON),$(PYTHONS))." >&2; \
	    echo "Install one, or name it: make $(or $(MAKECMDGOALS),install) PYTHON=/path/to/python3" >&2; \
	    exit 1; \
	  fi; \
	  "$$found" -m venv --clear $(VENV); \
	fi
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[all]'
	@touch $@

lab: $(STAMP) ## open the course in JupyterLab (LAB_ARGS="--no-browser --port=8888" is passed on)
	$(BIN)/jupyter lab --ip=127.0.0.1 $$(test "$$(id -u)" -ne 0 || echo --allow-root) \
	  --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb $(LAB_ARGS)

test: $(STAMP) ## check style and types, then run every test, notebook and browser check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2

book: $(STAMP) ## build the book into book/_build/html; a warning is an error
	$(BIN)/jupyter-book build . --config book/_config.yml --toc book/_toc.yml \
	  --path-output $(BOOK_DIR) -W -n --keep-going

bench: $(BENCH)/.installed ## measure us beside our peers (BENCH_ARGS="--quick" is passed on)
	$(BENCH)/bin/python benchmarks/side_by_side.py $(BENCH_ARGS)

# Peers pin what is old, and are heavy: they have an environment of their own.
$(BENCH)/.installed: pyproject.toml benchmarks/requirements.txt benchmarks/constraints.txt | $(STAMP)
	$(BIN)/python -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet -c benchmarks/constraints.txt -e '.[nn,scale]' packaging
	$(BENCH)/bin/python benchmarks/install_peers.py
	@touch $@

constraints: $(STAMP) ## write the versions installed in .venv to constraints.txt
	$(BIN)/python -m pip freeze --exclude-editable | { sed -n '/^#/p' constraints.txt; cat; } \
	  > constraints.tmp && mv constraints.tmp constraints.txt

clean: ## remove what the other targets built, but keep .venv
	rm -rf book/_build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -path ./$(VENV) -prune -o -type d -name __pycache__ -print0 | xargs -0 rm -rf
