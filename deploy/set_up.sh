#!/bin/sh
# Fills .venv from the hashed lock: `deploy/set_up.sh run` or `deploy/set_up.sh test`.
#
# A stamp in .venv tells what was installed; while it fits, this is done in milliseconds. The
# stamp goes first and comes back last, so an interrupted set-up is simply done again.
set -eu
cd "$(dirname "$0")/.."

TORCH_VERSION=2.13.0
kind=$1
case $kind in
    run) lock=requirements.lock ;;
    test) lock=requirements-test.lock ;;
    *) echo "Say what for: deploy/set_up.sh run|test" >&2; exit 2 ;;
esac

say() { printf '%s\n' "$*" >&2; }
refuse() { say "$*"; exit 1; }

case ${TORCH:-} in
    '') torch=with ;;
    none) torch=none ;;
    *) refuse "TORCH=$TORCH is not known: leave it out, or say TORCH=none." ;;
esac

# The folder counts too: a .venv does not work in any other place than where it was made.
key_of() { { cat "$1" pyproject.toml deploy/set_up.sh; pwd; echo "$torch"; } | cksum; }
key=$(key_of "$lock")
stamp=.venv/.set-up-$kind
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$key" ]; then exit 0; fi

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; }

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        fits "$PYTHON" && printf '%s' "$PYTHON"
        return
    fi
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if fits "$name"; then printf '%s' "$name"; return; fi
    done
    return 1
}

make_venv() {
    python=$(find_python) || refuse "PeerQA needs Python 3.11 to 3.14, and ${PYTHON:-python3} is $(
        "${PYTHON:-python3}" --version 2>/dev/null || echo 'not there'
    ). Install one, or name it: make $kind PYTHON=/path/to/python3.11"
    "$python" -c 'import ensurepip, venv' 2>/dev/null || refuse \
        "This Python cannot make virtual environments: install its venv package (on Debian and Ubuntu: apt-get install python3-venv), then try again."
    say "Making .venv with $("$python" --version) ..."
    rm -rf .venv
    if ! "$python" -m venv .venv; then
        rm -rf .venv
        refuse "$python -m venv failed; nothing was left behind."
    fi
    pwd >.venv/.made-in
}

usable_venv() {
    [ -x .venv/bin/python ] && fits .venv/bin/python || return 1
    [ ! -f .venv/.made-in ] || [ "$(cat .venv/.made-in)" = "$(pwd)" ] || return 1
    .venv/bin/python -m pip --version >/dev/null 2>&1
}

pip() { .venv/bin/python -m pip --disable-pip-version-check --no-input "$@"; }

has_torch() {
    .venv/bin/python -c "from importlib.metadata import version
import sys
sys.exit(version('torch').split('+')[0] != '$TORCH_VERSION')" 2>/dev/null
}

# After the lock, so that all torch finds missing is what its own build brings (CUDA or nothing).
install_torch() {
    if has_torch; then return; fi
    say "Installing torch $TORCH_VERSION; it prepares the model and is not used while serving."
    if [ -n "${TORCH_INDEX:-}" ]; then
        pip install --index-url "$TORCH_INDEX" "torch==$TORCH_VERSION"
        return
    fi
    if [ "$(uname -s)" = Linux ]; then
        say "On Linux this may fetch several GB of CUDA. The CPU index named on PyTorch's Get Started"
        say "page avoids it: make $kind TORCH_INDEX=<address>. TORCH=none goes without torch."
    fi
    pip install "torch==$TORCH_VERSION"
}

# Without torch its own absence is the only thing that may be amiss.
check() {
    if [ "$torch" = with ]; then pip check >&2; return; fi
    missing=$(pip check | grep -v -e 'requires torch, which is not installed' \
        -e 'No broken requirements found' || true)
    [ -z "$missing" ] || refuse "$missing"
}

usable_venv || make_venv
rm -f .venv/.set-up-*
say "Installing the packages of $lock (about a minute) ..."
pip install --quiet --require-hashes --no-deps -r "$lock"
if [ "$torch" = with ]; then install_torch; fi
pip install --quiet --no-deps --no-build-isolation --editable .
check

if [ "$kind" = test ]; then key_of requirements.lock >.venv/.set-up-run; fi
echo "$key" >"$stamp"
