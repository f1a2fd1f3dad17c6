# Everything a checkout needs, from Python 3.11, make and git alone. `make help` lists it.

PORT ?= 8000
LMS_PORT ?= 9000
# Read by deploy/set_up.sh and deploy/lock.sh.
export TORCH TORCH_INDEX PYTHON UPGRADE

.DEFAULT_GOAL := help
.PHONY: help run serve test test-long lint lock clean

# exec: peerqa gets Ctrl-C and SIGTERM itself, with no shell in between.

run: ## The demo company, and a demo LMS beside it (PORT=8000 LMS_PORT=9000)
	@deploy/set_up.sh run
	@exec env PEERQA_DEMO=1 .venv/bin/peerqa demo --port "$(PORT)" --lms-port "$(LMS_PORT)"

serve: ## The service itself, without the demo (PORT=8000)
	@deploy/set_up.sh run
	@exec .venv/bin/peerqa serve --port "$(PORT)"

test: ## Style, types, imports, every test but the long ones, coverage (ARGS=… for pytest)
	@deploy/set_up.sh test
	@deploy/lint.sh
	@deploy/test.sh -m "not long" $(ARGS)

test-long: ## The same with the long tests and many more rounds
	@deploy/set_up.sh test
	@deploy/lint.sh
	@PEERQA_ROUNDS="$${PEERQA_ROUNDS:-200}" deploy/test.sh --timeout 3600 $(ARGS)

lint: ## Style, types and imports alone
	@deploy/set_up.sh test
	@deploy/lint.sh

lock: ## Write both locks anew (UPGRADE=1: with the newest of everything); needs uv
	@deploy/lock.sh

clean: ## Remove .venv and what the tools left; var/, the data, stays
	@rm -rf .venv build *.egg-info .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache \
		.hypothesis .import_linter_cache
	@find peerqa indexer lti migrations tests -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

help:
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | while IFS='|' read -r command text; do \
		printf '%-16s %s\n' "$$command" "$$text"; done
	@echo "Set-up: TORCH_INDEX=<address of the CPU index on PyTorch's Get Started page>, TORCH=none, PYTHON=python3.12"
