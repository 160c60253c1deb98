#!/usr/bin/env bash
# Prints the path of a Chromium for the browser test; as root on Debian it installs one if none is
# there. It never downloads a browser build of its own.
set -euo pipefail

find_chromium() {
    local name
    for name in ${CHROMIUM:+"$CHROMIUM"} chromium chromium-browser google-chrome; do
        if command -v "$name"; then return 0; fi
    done
    return 1
}

if [ -n "${CHROMIUM:-}" ] && ! command -v "$CHROMIUM" >/dev/null; then
    echo "error: CHROMIUM names $CHROMIUM, which is no program; correct or unset it." >&2
    exit 1
fi
if ! find_chromium; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "error: no Chromium for the browser test; install it" \
            "(Debian: sudo apt-get install chromium fonts-noto-cjk) or set CHROMIUM to its path." >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2
    apt-get install -y -qq chromium fonts-noto-cjk </dev/null >&2
    find_chromium
fi
