#!/bin/sh
# Runs pytest with the arguments given, then asks for coverage where mistakes cost most.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"

rm -f .coverage .coverage.*
# Four processes and all that they start would else compile every test each time.
unset PYTHONDONTWRITEBYTECODE
# -v takes back the -q of pyproject.toml: the closing line is pytest's usual one. -rs: why skipped.
# Three workers on two cores: a test with a browser or a process waits half of its time.
python -m pytest -v -rs -n 3 --dist loadgroup --cov --cov-report= "$@"

# A chosen part of the tests (make test ARGS=tests/web) says nothing about coverage.
for argument in "$@"; do
    case $argument in tests* | -k | --lf) exit 0 ;; esac
done
status=0
for folder in peerqa/services indexer; do
    [ -d "$folder" ] || continue
    coverage report --include="$folder/*" --skip-covered --show-missing --fail-under=95 || status=1
done
exit $status
