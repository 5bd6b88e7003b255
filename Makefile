# Everything a person or a build machine calls. `make test` and `make demo` each set up a fresh machine.
PYTHON3 ?= python3
BIN := .venv/bin
NODE_BIN := .runtime/npm/node_modules/.bin

.PHONY: help setup setup-dev demo test check bench fmt lock clean

help:
	@echo "make demo     set up, start everything, phone in a citizen  (ONCE=1: one call, then a JSON line)"
	@echo "make test     set up and run all tests"
	@echo "make check    formatting, lint, types, import contracts, quick tests"
	@echo "make bench    measure; table on screen and build/bench.json"
	@echo "make fmt      format the code"
	@echo "make lock     pin the newest allowed packages"
	@echo "make clean    remove everything that set-up made"

setup:
	@$(PYTHON3) -m hotline.bootstrap

setup-dev:
	@$(PYTHON3) -m hotline.bootstrap --dev

demo: setup
	@$(BIN)/hotline demo $(if $(ONCE),--once)

test: setup-dev
	$(BIN)/python -m pytest $(TESTS)

check: setup-dev
	@$(BIN)/python -m hotline check

bench: setup-dev
	@$(BIN)/hotline bench

fmt: setup-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only --exit-zero .

lock: setup-dev
	@$(BIN)/hotline lock

clean:
	@if [ -x $(BIN)/hotline ]; then $(BIN)/hotline down; fi
	rm -rf .runtime .venv build node_modules agent_ui/static/vendor *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
