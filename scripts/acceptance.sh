#!/usr/bin/env bash
# The acceptance run on real data: DIRECTORY holds the files its README names. Uses servers of its own.
set -eu
cd "$(dirname "$0")/.."
exec .venv/bin/python scripts/acceptance.py "${1:?which directory holds the data?}"
