# Everything one does with the project; `make` alone tells what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CLAIMTAG_DATA ?= ../shared/data
export CLAIMTAG_DATA

.DEFAULT_GOAL := help
.PHONY: help demo test check bench experiments experiment default-model labels format clean

help:  ## this list
	@grep -hE '^[a-z][a-z-]*:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-15s %s\n", $$1, $$2}'

demo: $(VENV)/.installed  ## install, tag the example articles, print what was found; the page is out/demo.html
	@$(BIN)/claimtag tag examples/test.jsonl --out out/demo.jsonl --quiet
	@$(BIN)/claimtag tag examples/test.jsonl --out out/demo.html
	@echo "Open it in a browser: file://$(CURDIR)/out/demo.html"

test: $(VENV)/.installed-dev  ## install the test extras and run every test
	$(BIN)/python -m pytest -n 2

check: $(VENV)/.installed-dev  ## style, types, layers, and that generated pages are current
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m claimtag.codebook | diff -u labels/README.md - || (echo "labels/README.md is stale: make labels"; exit 1)

bench: $(VENV)/.installed-dev  ## speed and size beside other tools, as ratios of one run
	$(BIN)/python -m benchmarks

experiments: $(VENV)/.installed-dev  ## run what is stale in experiments/, write RESULTS.md and results/index.html
	$(BIN)/claimtag experiment experiments/*.toml

experiment: $(VENV)/.installed-dev  ## run one experiment: make experiment NAME=examples
	@test -n "$(NAME)" || (echo "which one? make experiment NAME=$$(ls experiments/*.toml | head -1 | xargs basename -s .toml)"; exit 1)
	$(BIN)/claimtag experiment experiments/$(NAME).toml

default-model: $(VENV)/.installed-dev  ## train the bundles that ship (needs annotated data beside the project, see CONTRIBUTING.md)
	@test -f $(CLAIMTAG_DATA)/train.jsonl || (echo "$(CLAIMTAG_DATA)/train.jsonl is not there; set CLAIMTAG_DATA to the folder with train.jsonl"; exit 1)
	$(BIN)/claimtag train $(CLAIMTAG_DATA)/train.jsonl examples/train.jsonl --test examples/test.jsonl --model linear --name fast --out claimtag/bundles/fast
	$(BIN)/claimtag train $(CLAIMTAG_DATA)/train.jsonl examples/train.jsonl --test examples/test.jsonl --model blend --name default --out claimtag/bundles/default

labels: $(VENV)/.installed-dev  ## write labels/README.md anew from the scheme files
	$(BIN)/python -m claimtag.codebook > labels/README.md

format: $(VENV)/.installed-dev  ## bring the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## remove what the other commands made, the virtual environment too
	rm -rf $(VENV) out dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/.installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[encoder,html]"
	@touch $@

$(VENV)/.installed-dev: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $@ $(VENV)/.installed
