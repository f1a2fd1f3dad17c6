#!/bin/sh
# Style, types, who imports whom, templates. Stops at the first that complains.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"

ruff check --quiet .
ruff format --quiet --check .
mypy
lint-imports --no-logo
djlint --lint --quiet --profile jinja --extension html peerqa lti
