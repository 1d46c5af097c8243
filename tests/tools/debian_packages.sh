#!/usr/bin/env bash
# Make sure that Debian packages are there: root gets them installed, anybody else is told in one line which are missing.
# usage: debian_packages.sh WHO_NEEDS_THEM PACKAGE:PROOF ...
# PROOF is what the package brings, a program or a library (lib*.so*); where it is found, nothing is asked of apt at all.
# An empty PROOF means that the caller has looked already.
set -euo pipefail

is_there() {
    case $1 in
        '') return 1 ;;
        lib*.so*) ldconfig -p 2>/dev/null | grep -qF "$1" || /sbin/ldconfig -p 2>/dev/null | grep -qF "$1" ;;
        # Debian keeps PostgreSQL's server programs off the PATH, a folder for each version.
        initdb) compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

install_packages() {
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

who=$1
shift
missing=()
for pair in "$@"; do
    is_there "${pair#*:}" || missing+=("${pair%%:*}")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Missing for $who: ${missing[*]}. Install as root, on Debian: apt-get install ${missing[*]}" >&2
    exit 1
fi
echo "Installing the Debian packages needed for $who: ${missing[*]}"
# The package lists are fetched only where they are absent or have grown too old to serve.
install_packages "${missing[@]}" 2>/dev/null || { apt-get update -qq && install_packages "${missing[@]}"; }
