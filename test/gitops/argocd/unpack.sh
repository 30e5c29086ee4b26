#!/usr/bin/env bash
# Debian's Redis with what it needs beside it, in the folder that is named: nothing is installed on the
# machine, and nothing takes more rights than to read from its package sources.
set -eu -o pipefail
cd "$1"

# The machine's own lists may be missing, or too old for what the mirror has by now.
own=()
fetch() {
  local needed
  needed=$(apt-get "${own[@]}" -s install --no-install-recommends redis-server |
    awk '/^Inst / {print $2}') && [ -n "$needed" ] || return 1
  # shellcheck disable=SC2086
  apt-get "${own[@]}" download $needed
}
if ! fetch; then
  own=(-o "Dir::State::lists=$PWD/apt/lists" -o "Dir::Cache=$PWD/apt/cache" -o APT::Sandbox::User=)
  mkdir -p apt/lists/partial apt/cache/archives/partial
  apt-get "${own[@]}" update
  fetch
fi

for package in ./*.deb; do
  dpkg -x "$package" .
done
rm -rf ./*.deb apt
