#!/usr/bin/env bash
# Prints where nginx and Redis are, which the tests of several servers start for themselves; as root
# on Debian it installs what is missing.
set -euo pipefail

find_program() { PATH="$PATH:/usr/sbin" command -v "$1"; }

missing=()
find_program nginx >/dev/null || missing+=(nginx-light)
find_program redis-server >/dev/null || missing+=(redis-server)
if [ "${#missing[@]}" != 0 ]; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "error: no ${missing[*]} for the tests; install it" \
            "(Debian: sudo apt-get install ${missing[*]})." >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2
    apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >&2
fi
find_program nginx
find_program redis-server
