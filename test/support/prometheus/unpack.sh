#!/usr/bin/env bash
# Debian's Prometheus with its promtool, in the cache: nothing is installed on the machine, and nothing
# takes more rights than to read from its package sources. Elsewhere people install it themselves.
set -u -o pipefail

if command -v prometheus >/dev/null && command -v promtool >/dev/null; then exit 0; fi
place=${RETROFIT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/otel-retrofit}/prometheus
if [ -x "$place/usr/bin/prometheus" ] && [ -x "$place/usr/bin/promtool" ]; then exit 0; fi
command -v apt-get >/dev/null || exit 0
mkdir -p "$place" && cd "$place" || exit 1

# The machine's own lists may be missing, or too old for what the mirror has by now.
private=(-o "Dir::State::lists=$place/apt/lists" -o "Dir::Cache=$place/apt/cache" -o APT::Sandbox::User=)
fetch() { apt-get "$@" download prometheus; }
fetch_anew() {
  mkdir -p apt/lists/partial apt/cache/archives/partial
  apt-get "${private[@]}" update && fetch "${private[@]}"
}
if (fetch || fetch_anew) >/dev/null 2>&1 && dpkg -x prometheus_*.deb .; then
  echo "Prometheus is unpacked."
else
  echo "Prometheus cannot be had from Debian's package sources."
fi
rm -rf prometheus_*.deb apt
