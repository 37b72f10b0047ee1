# `make renew` shows the main job on the embedded lab, `make test` tests everything, `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

# ANSIBLE_CORE='2.20.*' runs any target with that ansible-core, in an environment of its own
export ANSIBLE_CORE
VENV := .venv$(if $(ANSIBLE_CORE),-core-$(ANSIBLE_CORE:.*=))
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export PYTHON
# Some machines switch it on; then every one of Ansible's processes compiles its libraries anew, which doubles a run
unexport PYTHONDONTWRITEBYTECODE

help: ## Show this list
	@sed -nE -e 's/^## (.*)/\n\1/p' -e 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 22

## The main job

renew: lab-up ## Renew the licenses of the lab's fleet, one server at a time (ARGS='--check --diff' only shows it)
	@eval "$$(python -m lab env)"; ansible-playbook renew_license.yml -i inventories/lab $(ARGS)

validate: lab-up ## Validate the license of the lab's three environments, case by case, into one page of reports
	@scripts/validate-lab $(ARGS)

lab-up: environment ## Start the lab: emulated Neo4j servers and an AWS endpoint, on loopback
	@python -m lab up

lab-down: environment ## Stop the lab and forget it
	@python -m lab down

## Tests

test: environment ## Run what this machine can run, and some of the operations (LEVELS='unit operations' runs these)
	@python tests/run.py $(LEVELS)

lint: environment ## Run the linters and type checks
units: environment ## Run the unit tests of the collection
sanity: environment ## Run ansible-test sanity on a copy of the collection
static: environment ## Check the tree: rolling playbooks, roles, groups, links, what must not be committed
oracle: environment ## Ask Neo4j's own parser about every Cypher statement (node, npm)
application: environment ## Let Node.js use the connection module for the application (node, npm, Java, Maven)
contract: environment ## Ask a real Neo4j Community server and the emulator the same (Java, Maven)
spaces: environment ## Load, damage and read pairs of real LedgerSpaces and SearchSpaces (Java, Maven)
molecule: environment ## Install a real Neo4j and renew licenses on systemd nodes, over ssh (podman, root)
importer: environment ## Build the collection and check it as Ansible Galaxy would
fresh: environment ## Copy the tree elsewhere and run `make renew` there, twice

lint units sanity static oracle application contract spaces molecule importer fresh:
	@python tests/run.py $(@:units=unit)

molecule-cluster: environment ## Patch and reboot the systemd nodes of a cluster while an application writes, which `make molecule` leaves out
	@molecule reset --scenario-name default && flock /run/lock/credex-ops-nodes molecule test --scenario-name cluster

crash-test: environment ## Kill operations at every point, on a lab of the test's own, and run them again (some 1.5 hours)
	@pytest tests/lab/operations/test_killed.py -v --whole --kill all $(ARGS)

whole-test: environment ## Run all operations, and all cases of which `make test` runs a sample (Java, Maven, some hours)
	@pytest --whole -v tests/lab/operations $(ARGS)
	@pytest -m sampled --whole -v tests --ignore=tests/lab/operations $(ARGS)

fuzz: environment ## Run the property tests with 100,000 made-up cases each, and a guided fuzzer (an hour)
	@scripts/environment fuzz
	@mkdir -p .cache
	@for reader in license bolt; do \
	    .venv-fuzz/bin/python tests/fuzz/guided.py $$reader -runs=1000000 -max_len=400 -verbosity=0 -artifact_prefix=.cache/; \
	done
	@pytest -m hypothesis --hypothesis-profile=fuzz $(ARGS)

bench: environment ## Measure speed and memory against their targets, as tables (ARGS='renewal' chooses one)
	@python -m benchmarks $(ARGS)

## Development

environment: ## Make .venv from the lock, or bring it up to date
	@scripts/environment

lock: environment ## Write the locks anew from requirements*.in (ARGS='--upgrade-package NAME' moves a pin)
	@for name in requirements*.in; do \
	    uv pip compile --quiet --python $(VENV)/bin/python --no-python-downloads --generate-hashes \
	        --custom-compile-command 'make lock' $(ARGS) --output-file "$${name%.in}.txt" "$$name"; \
	done
	@for folder in tests/oracle tests/application; do \
	    npm --prefix $$folder install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund; \
	done

hooks: environment ## Run the linters before each commit
	@pre-commit install

docs: environment ## Make the reference of modules, filters and roles as HTML
	@scripts/reference

build: environment ## Build the collection into dist/
	@ansible-galaxy collection build --force --output-path dist collections/credex/ops

.PHONY: help renew validate lab-up lab-down test lint units sanity static oracle application contract spaces molecule importer fresh molecule-cluster crash-test \
    whole-test fuzz bench environment lock hooks docs build
