#!/usr/bin/env bash
# A PostgreSQL of one's own for tests and benches, with nothing else on the machine touched.
#   postgres.sh start FOLDER [OPTIONS]   makes a cluster in FOLDER, starts it on a free port, prints its DATABASE_URL
#   postgres.sh stop FOLDER    stops it and removes FOLDER
#   postgres.sh where          prints the folder of the server's programs
# Durability stays as it is in production (fsync on) unless OPTIONS say otherwise: crash tests and benches depend on it.
set -eu

programs() {
  local folder
  for folder in "$(dirname "$(command -v initdb || echo /nowhere/initdb)")" /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin; do
    [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && found=$folder
  done
  [ -n "${found:-}" ] || { echo 'PostgreSQL is not installed on this machine.' >&2; exit 1; }
  echo "$found"
}

# The server refuses to run as root; any other user will do.
unprivileged() {
  if [ "$(id -u)" != 0 ]; then
    "$@"
  else
    setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups "$@"
  fi
}

start() {
  local folder=$1 options=${2:-} bin port
  bin=$(programs)
  mkdir -p "$folder"
  folder=$(cd "$folder" && pwd)
  chmod 700 "$folder"
  [ "$(id -u)" != 0 ] || chown "$owner" "$folder"
  cd "$folder"
  export LC_ALL=C.UTF-8
  unprivileged "$bin/initdb" --pgdata data --username accord --auth trust --encoding UTF8 --no-sync >log 2>&1 || { cat log >&2; exit 1; }
  for _ in 1 2 3 4 5; do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 40000))
    if unprivileged "$bin/pg_ctl" --pgdata data --log server.log --wait --silent start \
      --options "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200 -c shared_buffers=128MB -c timezone=UTC $options" >>log 2>&1; then
      echo "postgresql://accord@127.0.0.1:$port/postgres"
      return
    fi
  done
  cat log server.log >&2
  exit 1
}

stop() {
  local folder=$1 bin
  [ -d "$folder/data" ] || return 0
  bin=$(programs)
  folder=$(cd "$folder" && pwd)
  cd "$folder"
  unprivileged "$bin/pg_ctl" --pgdata data --mode immediate --silent stop >/dev/null 2>&1 || true
  cd / && rm -rf "$folder"
}

owner=postgres
id "$owner" >/dev/null 2>&1 || owner=nobody
case "${1:-}" in
  start) start "$2" "${3:-}" ;;
  stop) stop "$2" ;;
  where) programs ;;
  *) sed -n '2,6s/^# //p' "$0" >&2; exit 2 ;;
esac
