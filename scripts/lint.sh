#!/usr/bin/env bash
# Every check of `make lint`; all of them run, and one failure fails the whole. Run through make.
cd "$(dirname "$0")/.." || exit 1
bin=.venv/bin
failed=0

check() { # NAME COMMAND…
    local name=$1
    shift
    if "$@"; then
        echo "lint: $name: fine"
    else
        echo "lint: $name: FAILED" >&2
        failed=1
    fi
}

check "ruff" $bin/ruff check --quiet .
check "format" $bin/ruff format --quiet --check .
check "mypy" $bin/mypy --no-error-summary
check "layers" $bin/lint-imports --no-cache --no-logo
check "templates" $bin/djlint --lint --quiet --allow-empty-input .
check "migrations" $bin/python manage.py makemigrations --check --dry-run
check "translations" $bin/python scripts/check_translations.py
exit $failed
