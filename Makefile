# One line each: what the commands do is written in docs/deploy.md and bin/.
.DEFAULT_GOAL := run
PYTHON := .venv/bin/python
COMPILE := uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.13

.PHONY: run setup assets test faults lint fmt lock

run: setup
	@CARTEIRA_DEMO=$${CARTEIRA_DEMO:-1} exec $(PYTHON) -m carteira.launcher

setup:
	@bin/setup

assets:
	@bin/setup --force-assets

test: setup
	@bin/test-deps
	@bin/check

faults: setup
	@bin/test-deps
	@bin/faults

lint: setup
	@bin/check lint

fmt: setup
	@$(PYTHON) -m ruff check --fix-only --quiet .
	@$(PYTHON) -m ruff format .
	@.venv/bin/djlint --reformat --quiet templates

lock:
	$(COMPILE) requirements/main.in -o requirements/main.txt
	$(COMPILE) requirements/dev.in -o requirements/dev.txt
	$(COMPILE) requirements/node.in -o requirements/node.txt
	$(COMPILE) requirements/uv.in -o requirements/uv.txt
