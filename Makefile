# `make serve` and `make test` set up whatever they need. A second run finds it there and downloads nothing.

PORT ?= 8000
BIN := .venv/bin
export NO_MKDOCS_2_WARNING := 1

.PHONY: help setup serve build check lint test bench screenshot clean distclean

help:
	@echo 'make serve       the site with live reload, at http://127.0.0.1:8000/ (PORT=8001 for another)'
	@echo 'make test        every check and every test, in real browsers too'
	@echo 'make check       the quick ones: style, types and unit tests'
	@echo 'make build       the site in site/, any warning is an error'
	@echo 'make bench       measures speed and size, about 15 minutes (python -m tests.bench --help: parts, publishing)'
	@echo 'make screenshot  takes the picture in README.md anew'
	@echo 'make clean       deletes what builds made; distclean the environment too'

setup:
	@.ci/setup site

serve: setup
	@$(BIN)/mkdocs serve --livereload --dev-addr 127.0.0.1:$(PORT)

build: setup
	@$(BIN)/mkdocs build --strict

lint:
	@.ci/setup test
	@$(BIN)/pre-commit run --all-files

check: lint
	@$(BIN)/pytest -m 'not browser and not pyodide and not site'

test: lint
	@.ci/browsers $(BIN)/pytest

bench:
	@.ci/setup test
	@.ci/browsers $(BIN)/python -m tests.bench

screenshot:
	@.ci/setup test
	@.ci/browsers $(BIN)/python -m tests.browser.screenshot

clean:
	rm -rf site .cache dist test-results .pytest_cache .mypy_cache .ruff_cache .hypothesis

distclean: clean
	rm -rf .venv node_modules *.egg-info
