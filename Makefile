# Everything starts here; `make` alone lists the commands. Needs Python 3.11 or newer.
PYTHON ?= python3
ARGS ?=
VENV = .venv/bin
STACK = $(VENV)/python -m crm.stack

.DEFAULT_GOAL := help
.PHONY: help bootstrap run up down servers stop test lint format bench env messages requirements

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 20

bootstrap: ## make the checkout ready: .venv, node_modules, translations
	@"$(PYTHON)" scripts/bootstrap.py

run: bootstrap ## start everything in the foreground; Ctrl-C ends it
	@exec $(STACK) run

up: bootstrap ## start everything in the background; prints where and with whom as one JSON line
	@exec $(STACK) up

down: bootstrap ## end what up or run started
	@exec $(STACK) down

servers: bootstrap ## start the embedded PostgreSQL and Valkey alone, in the background
	@exec $(STACK) servers

stop: bootstrap ## stop the embedded servers
	@exec $(STACK) stop

test: bootstrap ## run the test suite; ARGS="…" goes to pytest
	@exec $(STACK) with $(VENV)/pytest -n 2 --dist loadscope --no-loadscope-reorder $(ARGS)

lint: bootstrap ## check the code: ruff, mypy, import-linter, djlint, migrations, translations
	@exec $(STACK) with scripts/lint.sh

format: bootstrap ## format the code
	@$(VENV)/ruff check --quiet --fix . ; $(VENV)/ruff format --quiet .

bench: bootstrap ## measure; one JSON object per line
	@exec $(STACK) prepared $(VENV)/python manage.py bench $(ARGS)

env: ## write .env for docker compose, with new secrets
	@"$(PYTHON)" scripts/make_env.py

messages: bootstrap ## add new texts to the translation files
	@exec $(STACK) with $(VENV)/python scripts/check_translations.py --update

requirements: bootstrap ## compile requirements.in into requirements.txt with pins and hashes
	@exec scripts/compile_requirements.sh $(ARGS)
