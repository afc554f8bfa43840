# make help lists what there is. Every target sets up first; a second time costs nothing.
# Settings: PYTHON=/path/to/python3.10 (for setup), PYTEST="-k name" (more for pytest), WORKERS=2, UPGRADE=1 (for lock).

SHELL := /bin/sh
.DEFAULT_GOAL := help
VENV := .venv/bin
WORKERS ?= 2
PYTEST ?=

# A job elsewhere may have set these for another project; this one takes nothing from them.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

run-pytest = $(VENV)/python -m pytest -n $(WORKERS) --dist loadgroup

# The first Python of 3.10 or later: the one asked for, the one that the last setup took, or one on PATH.
define find-python
for python in $(PYTHON) .venv/bin/python python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; do \
  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then \
    exec "$$python" tools/setup.py $(1); \
  fi; \
done; \
echo "make: no Python 3.10 or later on PATH. Install one (apt-get install python3, brew install python) or name it:" >&2; \
echo "      make setup PYTHON=/path/to/python3" >&2; \
exit 1
endef

.PHONY: help setup ready demo demo-publish demo-audit test test-unit test-contracts test-faults test-protocol test-engines test-e2e mutate mutate-readers lint format lock bench bench-audit clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' Makefile

setup: ## have every tool in place, in .venv and .tools, and list them
	@$(call find-python)

ready:
	@$(call find-python,--quiet)

demo: ready ## the whole chain on this machine: identity, credentials, a verified deploy, a rollback
	@$(VENV)/python -m chittylocal demo

demo-publish: ready ## one package on npm, R2 and Homebrew: published, again, killed half-way, finished, installed
	@$(VENV)/python -m chittylocal demo publish

demo-audit: ready ## 62 services audited over a local GitHub, changed, and audited again; and the dashboard
	@$(VENV)/python -m chittylocal demo audit

test: ready ## every test
	@$(run-pytest) $(PYTEST)

test-unit: ready ## the fast tests (under a minute)
	@$(run-pytest) -m "not contracts and not faults and not protocol and not engines and not e2e" $(PYTEST)

test-contracts: ready ## YAML, inputs and docs held to each other
	@$(run-pytest) -m contracts $(PYTEST)

test-faults: ready ## every fault of a service: refused, reset, hang, drip, 429, bad certificate ...
	@$(run-pytest) -m faults $(PYTEST)

test-protocol: ready ## actions started as GitHub's runner starts them
	@$(run-pytest) -m protocol $(PYTEST)

test-engines: ready ## against real wrangler, workerd and npm
	@$(run-pytest) -m engines $(PYTEST)

test-e2e: ready ## whole workflows through act
	@$(run-pytest) -m e2e $(PYTEST)

mutate: ready ## break the compliance checks in every small way; a test has to notice
	@$(VENV)/python tools/mutate.py checks

mutate-readers: ready ## the same with what reads the steps of workflows
	@$(VENV)/python tools/mutate.py readers

lint: ready ## every linter, all of them even when one fails
	@$(VENV)/python tools/lint.py

format: ready ## lay the Python code out as lint wants it
	@$(VENV)/ruff check --fix --exit-zero --quiet
	@$(VENV)/ruff format

lock: ready ## renew the locks from requirements/*.in and package.json; UPGRADE=1 moves every version
	@$(VENV)/python tools/lock.py

bench: ready ## measure exchange, check, audit and dashboard against their floors, and a publish against its slowest channel
	@$(VENV)/python -m benchmarks.exchange
	@$(VENV)/python -m benchmarks.check
	@$(VENV)/python -m benchmarks.publish
	@$(VENV)/python -m benchmarks.audit --quick
	@$(VENV)/python -m benchmarks.dashboard

bench-audit: ready ## what an audit of 62, 1,000 and 10,000 services costs, beside the bare requests
	@$(VENV)/python -m benchmarks.audit

clean: ## remove all that setup, tests and linters made
	@rm -rf .venv .tools .cache .mypy_cache .pytest_cache .ruff_cache build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
