# Every target sets up what it needs; `make` alone says what there is.
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

.PHONY: help demo up down test test-full peers lint bench bench-full venv venv-dev venv-peers

help:
	@echo "make demo       play one story from a cancelled appointment to a booked one"
	@echo "make up         start Rebook with its sandbox and leave it running; Ctrl-C stops it"
	@echo "make down       stop it from another terminal"
	@echo "make test       the test suite        make test-full  the long tests as well"
	@echo "make peers      the vendors' own clients against the sandbox"
	@echo "make bench      what a case costs, beside plain Prefect; make bench-full in more sizes"
	@echo "make lint       ruff, mypy and the import rule"

demo: venv
	@$(BIN)/rebook demo

up: venv
	@$(BIN)/rebook up --sandbox

down: venv
	@$(BIN)/rebook down

test: venv-dev venv-peers
	$(BIN)/pytest -m "not full" --ignore=tests/flows -n 2 --dist loadfile
	$(BIN)/pytest -m "not full" tests/flows

test-full: venv-dev venv-peers
	$(BIN)/pytest

peers: venv-dev venv-peers
	$(BIN)/pytest tests/sandbox/test_peers.py

bench: venv-dev
	@$(BIN)/python -m tests.bench 200

bench-full: venv-dev
	@$(BIN)/python -m tests.bench 200 50 1000 --waiting 20000

lint: venv-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

venv:
	@$(call install,requirements.lock)

venv-dev:
	@$(call install,requirements-dev.lock)

venv-peers: venv-dev
	@$(call install,requirements-peers.lock)

define install
$(if $(PYTHON),,$(error Rebook needs Python 3.11 or newer and found none: install python3 and python3-venv))\
$(PYTHON) runtime/install.py $(1)
endef
