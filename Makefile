# Everything from nothing: Python 3.11 or newer, make and git are enough.
#
#   make demo        a whole help desk lives before your eyes, in a minute
#   make test        all tests (on Debian and Ubuntu, missing servers are installed)
#   make test-quick  the everyday part, under two minutes
#   make several     three nodes, 2,000 mails, one node killed every few seconds
#   make faults      kill the program at every named point, on both databases (about ten minutes)
#   make faults-all  the same, and blindly: every call to the disk and the network killed or failed (an hour and a half)
#   make replies     every mail client in every language answers our notification
#   make soak        months of a busy desk with faults: what grows? (SOAK_MAILS=100000, an hour)
#   make machine     random walks of everything that may happen, INV1-INV10 after each (MACHINE_EXAMPLES=300)
#   make fuzz        mutated mails for minutes: blind, and bred by what they reach (FUZZ_SECONDS=600; CORPUS=folder of .eml files)
#   make check       every gate, each with its exit code
#   make format      let the formatter have its way
#   make lock        pin the dependencies anew from pyproject.toml (UPGRADE=1: to the newest)
#   make wheel       dist/*.whl
#   make clean       forget the virtual environment and everything built

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

# PYTHON=/path/to/python chooses another one for a new .venv.
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# A stamp is newer than what it was made from, so a changed lock or pyproject.toml installs again.
RUN_STAMP := $(VENV)/.installed-run
DEV_STAMP := $(VENV)/.installed-dev
# Every worker starts its own servers, so there are not more than a few.
PYTEST := $(BIN)/pytest -n auto --maxprocesses=4 --dist=worksteal
UV := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
      $(if $(UPGRADE),--upgrade)

.PHONY: help demo test test-quick several faults faults-all machine fuzz replies soak check format lock wheel clean servers

help:
	@sed -n '/^#   make/s/^#   //p' Makefile

demo: $(RUN_STAMP)
	$(BIN)/mailproc demo

test: $(DEV_STAMP) servers
	$(PYTEST) $(PYTEST_ARGS)

test-quick: $(DEV_STAMP)
	$(PYTEST) -m "not slow" $(PYTEST_ARGS)

several: $(DEV_STAMP) servers
	$(BIN)/python -m tests.faults.several $(SEVERAL_ARGS)

faults: $(DEV_STAMP) servers
	$(BIN)/python -m tests.faults.sweep $(FAULTS_ARGS)

faults-all: faults
	$(BIN)/python -m tests.faults.blind_sweep $(BLIND_ARGS)

replies: $(DEV_STAMP)
	REPLIES=all $(BIN)/pytest tests/replies

soak: $(DEV_STAMP)
	$(BIN)/python -m bench.soak --mails $${SOAK_MAILS:-100000}

machine: $(DEV_STAMP) servers
	MACHINE_EXAMPLES=$${MACHINE_EXAMPLES:-300} $(BIN)/pytest tests/faults/test_machine.py

fuzz: $(DEV_STAMP)
	FUZZ_SECONDS=$${FUZZ_SECONDS:-120} $(BIN)/pytest tests/faults/test_fuzz.py tests/mime/test_parse_hostile.py
	LINEAR=8 $(BIN)/pytest tests/faults/test_linear_time.py
	-$(BIN)/pip install --quiet --disable-pip-version-check atheris==3.0.0
	$(BIN)/python -m tests.faults.guided_fuzz $${FUZZ_SECONDS:-120}

check: $(DEV_STAMP)
	@$(BIN)/python tools/check.py

format: $(DEV_STAMP)
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

# The three files agree with each other: what runs and what builds is pinned as in the widest of them.
lock: $(DEV_STAMP)
	$(UV) pyproject.toml --all-extras --group dev --group build --output-file requirements-dev.lock
	$(UV) pyproject.toml --all-extras --constraint requirements-dev.lock --output-file requirements.lock
	$(UV) --group build --constraint requirements-dev.lock --output-file requirements-build.lock

wheel: $(DEV_STAMP)
	rm -rf dist/*.whl
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

servers:
	@sh tools/servers.sh

$(BIN)/python:
	@sh tools/venv.sh "$(VENV)" "$(PYTHON)"

$(RUN_STAMP): $(BIN)/python requirements.lock requirements-build.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock -r requirements-build.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_STAMP): $(BIN)/python requirements-dev.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
