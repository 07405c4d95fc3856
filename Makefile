# Every target sets up what it needs. PYTHON chooses the interpreter of a new environment.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up

.DEFAULT_GOAL := help
.PHONY: help setup check format test coverage demo bench chaos fuzz simulate lock clean

help: ## say what there is
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## create .venv with everything, from the locked versions

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "AWE needs Python 3.11 or later; set PYTHON=python3.x")'
	@$(PYTHON) -m venv $(VENV) || { echo "No virtual environment could be made: on Debian, install python3-venv." >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $(STAMP)

check: setup ## format, lint, types, layers, file length
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/loq
	$(BIN)/mypy
	$(BIN)/pyright

format: setup ## write what `check` wants to see
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: setup ## every test, on embedded servers, two files at a time
	$(BIN)/python -m pytest -n 2 --dist loadfile

coverage: setup ## branch coverage; fails below the limits
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -q
	$(BIN)/python -m coverage combine -q
	$(BIN)/python -m coverage report --skip-covered --include='domain/*' --fail-under=100
	$(BIN)/python -m coverage report --skip-covered --fail-under=90

demo: setup ## report on this repository: charts, DOCX and Markdown, on embedded servers
	@test -e .git || { \
	  echo "There is no .git here, and the demo reports on the history of a repository." >&2; \
	  echo "Run 'make demo' in a clone, or: $(BIN)/awe run examples/repo-report --input repo=FOLDER" >&2; \
	  exit 1; }
	@said=$$(env -u AWE_REDIS_URL -u AWE_POSTGRES_URL \
	  $(BIN)/awe run examples/repo-report --input "repo=$(CURDIR)"); code=$$?; \
	if [ $$code -ne 0 ]; then printf '%s\n' "$$said"; exit $$code; fi; \
	printf '%s\n' "$$said" | awk 'NR == 1 { print } \
	  /^  [^ ].*  \// { path = substr($$0, match($$0, /  \//) + 2); if (path ~ /\.(docx|md)$$/) last = last path "\n"; else print path } \
	  END { printf "%s", last }'

bench: setup ## ratios to floors of the same run (JSON=FILE EVENTS=)
	cd tests && ../$(BIN)/python -m benchmarks $(if $(JSON),--json $(abspath $(JSON))) $(if $(EVENTS),--events $(EVENTS))

fuzz: setup ## questions to the GraphQL schema, of a server of its own (EXAMPLES= SEEDS="1 2 3")
	cd tests && ../$(BIN)/python -m audits.fuzz $(if $(EXAMPLES),--examples $(EXAMPLES)) $(if $(SEEDS),--seeds $(SEEDS))

chaos: setup ## cut, kill and restart servers under load (RUNS= KILLS= SEED=)
	cd tests && ../$(BIN)/python -m chaos $(if $(RUNS),--runs $(RUNS)) $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED))

simulate: setup ## play seeds of the whole engine in memory (SEEDS= SEED= JOBS=)
	cd tests && ../$(BIN)/python -m simulation $(if $(SEEDS),--seeds $(SEEDS)) $(if $(SEED),--seed $(SEED)) $(if $(JOBS),--jobs $(JOBS))

lock: setup ## resolve requirements.lock anew
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 --group dev pyproject.toml --output-file requirements.lock

clean: ## take away what the targets made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info src/*.egg-info .coverage*
