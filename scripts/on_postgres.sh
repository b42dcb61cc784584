#!/usr/bin/env bash
# Runs a command with DATABASE_URL naming a PostgreSQL of its own, which is gone afterwards.
#   on_postgres.sh [--unsynced] COMMAND [ARGUMENT ...]
# --unsynced: nothing waits for the disk, for tests in which only programs end and never the machine.
# Where the machine has no PostgreSQL and none could be had (.tools/missing names it), it says so and leaves it out.
set -eu

with=
[ "$1" != --unsynced ] || { with='-c fsync=off'; shift; }

if grep -qw postgresql .tools/missing 2>/dev/null; then
  echo 'PostgreSQL is missing on this machine: the tests marked `both` run on SQLite alone.' >&2
  exit 0
fi
folder=$(mktemp -d)
url=$(scripts/postgres.sh start "$folder" "$with")
trap 'scripts/postgres.sh stop "$folder"' EXIT
DATABASE_URL=$url "$@"
