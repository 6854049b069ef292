# Everything the project does stands here; `make help` lists it.
#
# `.venv` is made by the first target that needs it: with uv where it is on the PATH, else with Python's own venv and
# pip. What goes in is pinned with hashes in requirements/dev.txt; nothing else is fetched, nothing needs root.

PYTHON  ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
DOCS    ?=
OUT     ?= out
DATA    ?= data
ARGS    ?=

VENV    := .venv
BIN     := $(VENV)/bin
READY   := $(VENV)/.ready
LOCKED  := requirements/dev.txt

export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# A virtual environment knows its own place: in a folder that was moved it is made anew.
ifneq ($(wildcard $(READY)),)
ifneq ($(shell cat $(READY)),$(CURDIR))
$(shell rm -rf $(READY) $(BIN))
endif
endif

.DEFAULT_GOAL := help
.PHONY: help venv run up test test-long test-stack lint format types bench quality soak chaos stack lock clean distclean

help: ## list these commands
	@echo 'make run does the whole job on the sample documents; the other commands:'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(READY) ## make .venv, and bring it up to date

$(READY): $(LOCKED) pyproject.toml
	@test -n '$(PYTHON)' && '$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'Wireroom needs Python 3.11 or newer$(if $(PYTHON),; $(PYTHON) is older or does not start). Name one: make PYTHON=/path/to/python3.11 …' >&2; exit 1; }
	@echo 'Setting up $(VENV): the first time takes a minute or two.' >&2
	@set -e; \
	works() { $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }; \
	if command -v uv >/dev/null; then \
		works || uv venv --quiet --clear --python '$(PYTHON)' $(VENV); \
		install='uv pip install --quiet --python $(BIN)/python'; \
	else \
		works || '$(PYTHON)' -m venv --clear $(VENV) >/dev/null 2>&1 \
			|| '$(PYTHON)' -m venv --clear --without-pip $(VENV); \
		install='$(BIN)/python -m pip install -qq'; \
		$(BIN)/python -m pip --version >/dev/null 2>&1 \
			|| install='$(PYTHON) -m pip --python $(BIN)/python install -qq'; \
	fi; \
	$$install --require-hashes -r $(LOCKED); \
	$$install --no-deps --no-build-isolation -e .
	@echo '$(CURDIR)' > $@

# The sample has dead links and a forbidden page on purpose, so status 1 (something was given up) is a success here.
run: $(READY) ## the whole job on the sample documents; DOCS=path takes yours (OUT=folder for the result)
ifeq ($(strip $(DOCS)),)
	@WIREROOM_FETCH_ALLOW_PRIVATE=127.0.0.0/8 WIREROOM_FETCH_DELAY=0.2 \
		$(BIN)/python examples/newsroom.py -- $(BIN)/wireroom run examples/documents --out '$(OUT)' $(ARGS) || { \
		status=$$?; test $$status -eq 1 || exit $$status; \
		echo 'Some addresses were given up: the sample has dead links on purpose, so this is as it should be.'; }
	@echo 'The documents are in $(OUT)/. Your own: make run DOCS=path, or $(BIN)/wireroom run path --out folder'
else
	@$(BIN)/wireroom run '$(DOCS)' --out '$(OUT)' $(ARGS) || { status=$$?; \
		test $$status -ne 1 || echo 'Status 1: something was given up; the summary says what and why. The rest is in $(OUT)/.' >&2; \
		exit $$status; }
endif

up: $(READY) ## the whole service here, until Ctrl-C; kept in DATA=folder
	@$(BIN)/wireroom up --data '$(DATA)' $(ARGS)

test: $(READY) ## the quick tests, with a real embedded server
	@$(BIN)/pytest -q -n auto -m 'not long and not stack' $(ARGS)

test-long: $(READY) ## the long tests
	@$(BIN)/pytest -q -m 'long and not stack' $(ARGS)

test-stack: $(READY) ## the tests of the compose stack; needs a Docker engine
	@$(BIN)/pytest -q -m stack $(ARGS)

lint: $(READY) ## ruff: every rule but the few that pyproject.toml gives a reason against
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(READY) ## put the code into its form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only .

types: $(READY) ## mypy, strict
	@$(BIN)/mypy wireroom services workers

bench: $(READY) ## documents per second and CPU per document, beside trafilatura alone
	@$(BIN)/python benchmarks/run.py $(ARGS)

quality: $(READY) ## how good the enrichment is: a score, its speed and the failures of each task
	@$(BIN)/python benchmarks/quality.py $(ARGS)

soak: $(READY) ## thousands of documents through a small Redis; ARGS='--documents 20000'
	@$(BIN)/python benchmarks/soak.py $(ARGS)

chaos: $(READY) ## kill and freeze every process at random; ARGS='--minutes 60 --seed 7' replays
	@$(BIN)/python tests/crash/chaos.py $(ARGS)

stack: ## the compose stack; needs a Docker engine
	docker compose up --build $(ARGS)

# Each file is whole by itself and holds the one before it. The pins that are there stay, unless ARGS=--upgrade.
lock: ## make the pinned requirements anew from pyproject.toml; needs uv
	@set -e; PATH="$(CURDIR)/$(BIN):$$PATH"; \
	command -v uv >/dev/null || { echo 'make lock needs uv: https://docs.astral.sh/uv/' >&2; exit 1; }; \
	lock() { \
		file=requirements/$$1.txt; shift; \
		uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-annotate \
			--custom-compile-command 'make lock' "$$@" pyproject.toml --output-file "$$file"; \
		echo "$$file: $$(grep -c '^[a-z]' "$$file") packages"; \
	}; \
	lock dev --all-extras --group dev $(ARGS); \
	lock base --constraint requirements/dev.txt $(ARGS); \
	lock workers --extra workers --constraint requirements/dev.txt $(ARGS); \
	lock entities --extra workers --extra entities --constraint requirements/dev.txt $(ARGS)

clean: ## remove what tools leave behind
	rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean ## clean, and remove .venv; documents and data stay
	rm -rf $(VENV)
