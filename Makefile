# credex.ops. `make renew` shows the main job on the embedded lab, `make test` tests everything.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# ANSIBLE_CORE=2.20.* runs any target with another ansible-core, in an environment of its own
export ANSIBLE_CORE
VENV := .venv$(if $(ANSIBLE_CORE),-core-$(ANSIBLE_CORE:.*=))
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

LAB := python -m lab
ARGS ?=
LEVELS ?=

help: ## Show the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

##@ The main job

renew: lab-up ## Renew the licenses of the lab's fleet, one server at a time (ARGS='--check --diff' only shows it)
	@eval "$$($(LAB) env)"; ansible-playbook renew_license.yml -i inventories/lab $(ARGS)
	@echo "Report: $$(ls -td reports/*/ 2>/dev/null | head -1)"

lab-up: environment ## Start the lab: emulated Neo4j servers and an AWS endpoint, on loopback
	@$(LAB) up

lab-down: environment ## Stop the lab and remove what it kept
	@$(LAB) down

##@ Tests

test: environment ## Run every level that this machine can run (LEVELS='unit static' for some)
	@python tests/run.py $(LEVELS)

lint units static oracle contract sanity importer: environment
	@python tests/run.py $(@:units=unit)

##@ Development

environment: ## Make .venv from the lock, or bring it up to date
	@scripts/environment

lock: environment ## Write the locks anew from requirements*.in (ARGS='--upgrade-package NAME' moves a pin)
	@for name in requirements*.in; do \
	    uv pip compile --quiet --python $(VENV)/bin/python --generate-hashes --custom-compile-command 'make lock' \
	        $(ARGS) --output-file "$${name%.in}.txt" "$$name"; \
	done

.PHONY: help renew lab-up lab-down test lint units static oracle contract sanity importer environment lock
