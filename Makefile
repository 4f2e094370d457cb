# Everything goes through .venv; what is installed is what requirements.lock says, hash by hash.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made

LOCKING := --quiet --generate-hashes --strip-extras --allow-unsafe --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host

.PHONY: demo test quick coverage lint bench lock clean

demo: $(STAMP)  ## a famous incident comes back in a scratch repository, and the review it would get
	@$(BIN)/twiceshy demo

test: $(STAMP)  ## every test
	$(BIN)/pytest

quick: $(STAMP)  ## some of every room, in under a minute: what tests/lanes.py does not call slow
	$(BIN)/pytest -n 2 -m 'not slow'

coverage: $(STAMP)  ## every test, and which branches of app/ none of them takes
	rm -rf .coverage-data
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lint: $(STAMP)  ## formatting, mistakes, types, layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)  ## what a check costs, as ratios of one run
	$(BIN)/python benchmarks/check.py

lock:  ## choose exact versions anew
	$(PYTHON) -m venv .lock-venv
	.lock-venv/bin/pip install --quiet 'pip-tools>=7.5'
	.lock-venv/bin/pip-compile $(LOCKING) --extra service --extra calibrate --extra dev --output-file requirements.lock pyproject.toml
	echo 'scikit-learn>=1.6,<2' | .lock-venv/bin/pip-compile $(LOCKING) --output-file benchmarks/requirements.lock -
	rm -rf .lock-venv

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .coverage-data

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "twiceshy needs Python 3.11 or newer: install it, or name it with make PYTHON=..."; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
