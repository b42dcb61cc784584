#!/usr/bin/env bash
# Runs every test on SQLite, and beside them those marked `both` on a PostgreSQL: a part of many tests is waiting.
#   tests.sh [ARGUMENT OF PYTEST ...]   WORKERS processes take the tests on SQLite, one more those on PostgreSQL.
# What these say comes afterwards; the last line is pytest's about the tests on SQLite.
set -u -o pipefail

said=$(mktemp -d)
color=--color=no
[ ! -t 1 ] || color=--color=yes
test=(.venv/bin/python -m pytest "$color")

set -m # a group of its own, which ends as a whole
scripts/on_postgres.sh --unsynced "${test[@]}" -m both "$@" >"$said/postgresql" 2>&1 </dev/null &
beside=$!
set +m
trap 'kill -- -$beside 2>/dev/null; rm -rf "$said"' EXIT
trap 'exit 130' INT TERM

# A worker takes whole files, in the order in which tests/conftest.py puts them.
"${test[@]}" -n "${WORKERS:-2}" --dist loadfile --no-loadscope-reorder "$@" | tee "$said/sqlite"
status=$?
wait "$beside"
on_postgresql=$?
echo 'On PostgreSQL:'
cat "$said/postgresql"
echo 'On SQLite, as above:'
tail -n 1 "$said/sqlite"
# 5: none of the tests asked for is marked `both`.
[ "$status" != 0 ] || [ "$on_postgresql" = 5 ] || status=$on_postgresql
exit "$status"
