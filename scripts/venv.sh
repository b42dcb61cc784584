#!/usr/bin/env bash
# Makes a virtual environment with the first Python that is new enough.  Usage: [PYTHON=python3.13] venv.sh FOLDER
# That of the system comes first: distributions build theirs with optimisations that version managers mostly leave out,
# and without them everything takes a quarter longer.
set -eu
folder=$1
without=

for python in ${PYTHON:-/usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11}; do
  command -v "$python" >/dev/null || continue
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || continue
  [ -x "$folder/bin/python" ] && "$folder/bin/python" -c 'import pip' 2>/dev/null && exit 0
  if "$python" -m venv "$folder" >/dev/null 2>&1; then
    echo "Made $folder with $("$python" --version)"
    exit 0
  fi
  rm -rf "$folder"
  without="$without $python"
done

[ -z "$without" ] || echo "No working venv module:$without. On Debian and Ubuntu: apt-get install python3-venv" >&2
echo 'Accord needs Python 3.11 or newer with venv, and none was found. Install it, then run the command again.' >&2
exit 1
