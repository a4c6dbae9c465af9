#!/bin/sh
# Compile requirements.in into requirements.txt: every version pinned, every file hashed, for all Pythons at once.
# Pins that still fit stay; ARGS="--upgrade" renews them.
set -eu
cd "$(dirname "$0")/.."
if command -v uv >/dev/null; then
    uv=uv
else
    tools=$(mktemp -d)
    trap 'rm -rf "$tools"' EXIT
    .venv/bin/python -m venv "$tools"
    "$tools/bin/pip" --disable-pip-version-check install -q uv
    uv=$tools/bin/uv
fi
"$uv" pip compile requirements.in --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-header --quiet --output-file requirements.txt "$@"
