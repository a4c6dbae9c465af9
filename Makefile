# Everything starts here; `make` alone lists the commands. Needs Python 3.11 or newer.
PYTHON ?= python3
ARGS ?=
STACK = .venv/bin/python -m crm.stack

.DEFAULT_GOAL := help
.PHONY: help bootstrap servers stop

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

bootstrap: ## make the checkout ready: .venv, node_modules, translations
	@"$(PYTHON)" scripts/bootstrap.py

servers: bootstrap ## start the embedded PostgreSQL and Valkey in the background
	@$(STACK) servers

stop: bootstrap ## stop the embedded servers
	@$(STACK) stop
