# `make` lists what there is. Every target works in .venv, which `make install` keeps up to date.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=
# For which every wheel of the course exists, the best tested first. For the last one pyssht has no
# wheel, and the tests leave out what compares with it.
SUPPORTED := 3.13 3.12 3.11 3.14
PYTHONS := $(or $(PYTHON),$(SUPPORTED:%=python%) python3)
LAB_ARGS ?=
BOOK_DIR ?= book
BENCH_ARGS ?=
BENCH := .venv-bench

# What a process compiles, the next one reads. Tests start a hundred.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install lab edit test test-unit test-notebooks test-browser book bench constraints clean
.PHONY: .has-npm
.DELETE_ON_ERROR:

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(VENV)/.has-all ## create .venv with everything (PYTHON=... chooses the interpreter)

# Measured on Linux x86-64 with Python 3.13.
SIZE_course := 300 MB to download, 1.4 GB on disk
SIZE_book := 320 MB to download, 1.5 GB on disk
SIZE_test := 410 MB to download, 1.8 GB on disk
SIZE_all := 420 MB to download, 1.9 GB on disk

# .has-EXTRA: what the extra names is installed. pip runs only when that has changed.
$(VENV)/.has-%: pyproject.toml constraints.txt $(VENV)/pyvenv.cfg
	@echo "Installing the extra '$*' into $(VENV): at most $(SIZE_$*)."
	@echo "The first time takes minutes; pip shows nothing in the last of them, while it unpacks."
	$(BIN)/python -m pip install -c constraints.txt -e '.[$*]'
	@touch $@

# An environment whose interpreter is gone is made anew, and then filled anew.
$(VENV)/pyvenv.cfg: | $(BIN)/python ;

$(BIN)/python:
	@for candidate in $(PYTHONS); do \
	  version=$$("$$candidate" -c 'import ensurepip, sys; print("%d.%d" % sys.version_info[:2])' \
	    2>/dev/null) || continue; \
	  case " $(SUPPORTED) " in *" $$version "*) \
	    echo "Creating $(VENV) with Python $$version"; \
	    exec "$$candidate" -m venv --clear $(VENV) ;; \
	  esac; \
	done; \
	echo "sphere_toolkit needs one of Python $(SUPPORTED), with its module venv." >&2; \
	echo "None of these is one: $(PYTHONS)." >&2; \
	echo "Install one (Debian: also python3-venv), or name it: make PYTHON=/path/to/python3" >&2; \
	exit 1

lab: $(VENV)/.has-course ## open the course in JupyterLab (LAB_ARGS="--no-browser --port=8888" is passed on)
	$(BIN)/python scripts/open_course.py $(LAB_ARGS)

edit: $(VENV)/.has-course ## open the chapters themselves; make lab opens copies, in my_course/
	$(BIN)/python scripts/open_course.py --edit $(LAB_ARGS)

test: $(VENV)/.has-test .has-npm ## check the style, then run every test, notebook and browser check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python -m pytest -n 2

# What takes long: a browser, chapters, types, whole studies, runs of the pipeline that are killed.
LONG := tests/browser tests/test_notebooks.py tests/test_types.py tests/experiments \
        tests/pipeline/test_stopped.py

test-unit: $(VENV)/.has-test .has-npm ## run the tests of single functions, and the examples of docstrings
	$(BIN)/python -m pytest -n 2 $(LONG:%=--ignore=%)

test-notebooks: $(VENV)/.has-test ## execute the chapters
	$(BIN)/python -m pytest -n 2 tests/test_notebooks.py

test-browser: $(VENV)/.has-test ## build the book, and drive it and the explorers in Chromium
	$(BIN)/python -m pytest tests/browser

# Where there is npm, the tests check the explorers' JavaScript with it. Nothing else needs npm.
.has-npm:
	@if command -v npm >/dev/null 2>&1; then \
	  cmp -s package-lock.json node_modules/.sphere-lock.json && exit 0; \
	  npm ci --no-audit --no-fund && cp package-lock.json node_modules/.sphere-lock.json; \
	else echo "No npm: the explorers' JavaScript is not checked by itself."; fi

book: $(VENV)/.has-book ## build the book into book/_build/html; a warning is an error
	$(BIN)/jupyter-book build . --config book/_config.yml --toc book/_toc.yml \
	  --path-output $(BOOK_DIR) -W -n --keep-going

bench: $(BENCH)/.installed ## measure us beside our peers (BENCH_ARGS="--quick" is passed on)
	$(BENCH)/bin/python benchmarks/side_by_side.py $(BENCH_ARGS)

# Peers pin what is old, and are heavy: they have an environment of their own.
$(BENCH)/.installed: pyproject.toml benchmarks/requirements.txt benchmarks/constraints.txt | $(BIN)/python
	$(BIN)/python -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet -c benchmarks/constraints.txt -e '.[nn,scale]' packaging
	$(BENCH)/bin/python benchmarks/install_peers.py
	@touch $@

constraints: $(VENV)/.has-all ## write the versions installed in .venv to constraints.txt
	$(BIN)/python scripts/pin.py

clean: ## remove what the other targets built, but keep .venv and my_course
	rm -rf book/_build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . \( -path ./$(VENV) -o -path ./$(BENCH) -o -path ./my_course \) -prune -o -type d \
	  \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +
