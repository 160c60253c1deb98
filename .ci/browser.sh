#!/usr/bin/env bash
# Prints the path of a Chromium for the browser test: the one without windows if there is one, which
# draws with half the work. As root on Debian it is installed, or else the usual one if none is
# there. It never downloads a browser build of its own.
set -euo pipefail

find_chromium() {
    local name
    for name in "$@"; do
        if command -v "$name"; then return 0; fi
    done
    return 1
}

if [ -n "${CHROMIUM:-}" ]; then
    if ! find_chromium "$CHROMIUM"; then
        echo "error: CHROMIUM names $CHROMIUM, which is no program; correct or unset it." >&2
        exit 1
    fi
    exit
fi

windowless=chromium-headless-shell
usual=(chromium chromium-browser google-chrome)
install() { apt-get install -y -qq "$1" fonts-noto-cjk </dev/null >&2; }
if find_chromium "$windowless"; then exit; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    # Older releases do not have it; without a network the usual one does as well.
    apt-get update -qq >&2 && install "$windowless" || find_chromium "${usual[@]}" >/dev/null ||
        install chromium
fi
if ! find_chromium "$windowless" "${usual[@]}"; then
    echo "error: no Chromium for the browser test; install it" \
        "(Debian: sudo apt-get install chromium fonts-noto-cjk) or set CHROMIUM to its path." >&2
    exit 1
fi
