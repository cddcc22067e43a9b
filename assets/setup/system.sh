#!/usr/bin/env bash
# Installs the Debian packages that Qt and Chinese text need; without root it prints the exact command and stops.
set -euo pipefail
list=$1

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "Not a Debian system: the packages of $list are left to you." >&2
  exit 0
fi

wanted=()
while read -r package; do
  [ -n "$package" ] || continue
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || wanted+=("$package")
done <"$list"

# Debian keeps the module that makes environments in a package of its own.
if [ ! -x .venv/bin/python ] && ! "${PYTHON:-python3}" -c 'import ensurepip' 2>/dev/null; then
  wanted+=(python3-venv)
fi
[ ${#wanted[@]} -gt 0 ] || exit 0

command=(apt-get install -y --no-install-recommends "${wanted[@]}")
if [ "$(id -u)" != 0 ]; then
  echo "These system packages are missing. Please run, then start again:" >&2
  echo "  sudo ${command[*]}" >&2
  exit 1
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${command[@]}" >/dev/null
