#!/usr/bin/env bash
# Prints the folder of PostgreSQL's programs for the tests, which start a server of their own; as
# root on Debian it installs them if none are there.
set -euo pipefail

find_programs() {
    local found
    found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
    if [ -z "$found" ] && command -v initdb >/dev/null; then found=$(dirname "$(command -v initdb)"); fi
    if [ -x "$found/initdb" ]; then echo "$found"; else return 1; fi
}

if ! find_programs; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "error: no PostgreSQL for the tests; install it" \
            "(Debian: sudo apt-get install postgresql)." >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2
    apt-get install -y -qq --no-install-recommends postgresql </dev/null >&2
    find_programs
fi
