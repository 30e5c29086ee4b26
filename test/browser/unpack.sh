#!/usr/bin/env bash
# Debian's Chromium with what it needs beside it, in the cache: nothing is installed on the machine.
set -eu -o pipefail

cache=${RETROFIT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/otel-retrofit}
place=$cache/chromium
if [ -x "$place/usr/lib/chromium/chromium-headless-shell" ] && [ -e "$place/complete" ]; then
  exit 0
fi
mkdir -p "$place"
cd "$place"
needed() {
  apt-get -s install --no-install-recommends chromium-headless-shell fonts-inter fonts-jetbrains-mono |
    awk '/^Inst / {print $2}'
}
# shellcheck disable=SC2046
apt-get download $(needed) || { apt-get update && apt-get download $(needed); }
for package in ./*.deb; do
  dpkg -x "$package" .
done
rm -f ./*.deb
touch complete
