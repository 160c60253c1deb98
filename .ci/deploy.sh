#!/usr/bin/env bash
# Prints where the programs are that read what docs/deploy holds: docker-compose, systemd-analyze,
# nginx. As root on Debian it installs what is missing, without an engine for containers.
set -euo pipefail

find_program() { PATH="$PATH:/usr/sbin" command -v "$1"; }

missing=()
find_program docker-compose >/dev/null || missing+=(docker-compose)
find_program systemd-analyze >/dev/null || missing+=(systemd)
find_program nginx >/dev/null || missing+=(nginx-light)
if [ "${#missing[@]}" != 0 ]; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "error: no ${missing[*]} for the tests; install it" \
            "(Debian: sudo apt-get install --no-install-recommends ${missing[*]})." >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2
    apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >&2
fi
find_program docker-compose
find_program systemd-analyze
find_program nginx
