#!/bin/sh
# Writes both locks: every package with its hashes, for every platform, no index address.
# What is pinned already stays; `make lock UPGRADE=1` takes the newest of everything.
set -eu
cd "$(dirname "$0")/.."

if ! command -v uv >/dev/null; then
    echo "make lock needs uv: https://docs.astral.sh/uv/" >&2
    exit 1
fi

compile() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --overrides deploy/overrides.txt ${UPGRADE:+--upgrade} "$@" pyproject.toml deploy/torch.in
}

compile --output-file requirements.lock
# The tests run on what is served: same versions, and some more packages.
compile --extra test --constraints requirements.lock --output-file requirements-test.lock
