# Sets up, runs and tests the project. `make help` lists the commands.

PYTHON ?= python3
VENV := .venv/bin
# Side by side, one file a core: the fast tests and those with a browser. Models take all cores
# themselves.
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile
STARTED := $(shell date +%s)
say = @echo "==> [$$(printf '%4d' $$(( $$(date +%s) - $(STARTED) ))) s] $(1)"

export TIAOWEN_STARTED := $(STARTED)
# They would have the virtual environment's Python look for modules elsewhere.
unexport PYTHONPATH PYTHONHOME PYTHONUSERBASE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run setup ocr test fast clean python

help:
	@echo "make run    set everything up and open the chat (HOST=, PORT=, MODEL= are passed on)"
	@echo "make test   set everything up, then lint, types, fast, slow and browser tests"
	@echo "make setup  virtual environment, packages, llama.cpp, weights, index"
	@echo "make ocr    add text recognition for scanned PDF files and photographs"
	@echo "make fast   lint, types and the fast tests alone"
	@echo "make clean  remove what was made in this folder (weights, wheel and index stay cached)"
	@echo "PYTHON=…    the Python to use, 3.11 or newer (now: $(PYTHON))"

python:
	@command -v "$(PYTHON)" >/dev/null || { \
		echo "error: there is no $(PYTHON); install Python 3.11 or newer, or run make PYTHON=/path/to/python3" >&2; \
		exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "error: $$("$(PYTHON)" --version 2>&1) is too old; run make PYTHON=/path/to/python3.11 (or newer)" >&2; \
		exit 1; }

setup: python
	@"$(PYTHON)" .ci/setup.py $(if $(MODEL),--own-model)

ocr: python
	@"$(PYTHON)" .ci/setup.py --packages --ocr
	$(call say,scanned documents can be added now)

run: setup
	$(call say,opening the chat)
	@exec $(VENV)/python app.py $(if $(HOST),--host "$(HOST)") $(if $(PORT),--port "$(PORT)") \
		$(if $(MODEL),--model "$(MODEL)")

define fast-checks
	$(call say,lint (ruff))
	@$(VENV)/ruff check .
	$(call say,types (mypy))
	@$(VENV)/mypy
	$(call say,fast tests)
	@$(VENV)/python -m pytest -q $(SIDE_BY_SIDE)
endef

fast: python
	@bash .ci/postgres.sh >/dev/null
	@bash .ci/servers.sh >/dev/null
	@bash .ci/deploy.sh >/dev/null
	@"$(PYTHON)" .ci/setup.py --dev --packages
	$(fast-checks)

# Browser, PostgreSQL, nginx and Redis are looked for first: a machine without says so before the long steps.
test: python
	@bash .ci/browser.sh >/dev/null
	@bash .ci/postgres.sh >/dev/null
	@bash .ci/servers.sh >/dev/null
	@bash .ci/deploy.sh >/dev/null
	@"$(PYTHON)" .ci/setup.py --dev
	$(fast-checks)
	$(call say,slow tests (real models))
	@$(VENV)/python -m pytest -q -m "slow and not browser"
	$(call say,browser test)
	@CHROMIUM="$$(bash .ci/browser.sh)" $(VENV)/python -m pytest -q -m browser $(SIDE_BY_SIDE)
	$(call say,all tests passed)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache build ./*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
