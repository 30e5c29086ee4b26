#!/usr/bin/env bash
# Debian's Chromium with what it needs beside it, in the cache: nothing is installed on the machine,
# and nothing takes more rights than to read from its package sources.
set -eu -o pipefail

cache=${RETROFIT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/otel-retrofit}
place=$cache/chromium
if [ -x "$place/usr/lib/chromium/chromium-headless-shell" ] && [ -e "$place/complete" ]; then
  exit 0
fi
mkdir -p "$place"
cd "$place"
startedAt=$SECONDS
rm -f ./*.deb

# The machine's own lists may be missing, or too old for what the mirror has by now.
own=()
private=(-o "Dir::State::lists=$place/apt/lists" -o "Dir::Cache=$place/apt/cache" -o APT::Sandbox::User=)
fetch() {
  local needed
  needed=$(apt-get "${own[@]}" -s install --no-install-recommends chromium-headless-shell fonts-inter fonts-jetbrains-mono |
    awk '/^Inst / {print $2}') && [ -n "$needed" ] || return 1
  # shellcheck disable=SC2086
  apt-get "${own[@]}" download $needed
}
if ! fetch; then
  own=("${private[@]}")
  mkdir -p apt/lists/partial apt/cache/archives/partial
  apt-get "${own[@]}" update
  fetch
fi

for package in ./*.deb; do
  dpkg -x "$package" .
done
rm -rf ./*.deb apt
touch complete
echo "Chromium is unpacked after $((SECONDS - startedAt)) s."
