#!/usr/bin/env bash
# Build the Dockerfile and ask the running container /healthz, on a Debian 12 that has neither an engine nor a registry.
# usage: tests/tools/docker_check.sh [PORT]      as root; some five minutes and 8 GB under $WORK the first time
#
# buildah does the building, in a chroot. The official Python image is stood in for by Debian's own python3.11 under the
# same name and the same paths, so the Dockerfile is taken as it is, word for word. Where there is an engine, use that:
#   docker build -t omhu . && docker run --rm --read-only --tmpfs /tmp -p 8000:8000 omhu
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
port=${1:-8000}
work=${WORK:-/var/tmp/omhu_docker_check}
image=localhost/omhu:check
# Found under this name before any registry would be asked, and none is.
base=localhost/$(sed -n 's/^FROM \(python:[^ ]*\) AS build$/\1/p' "$root/Dockerfile")
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot

say() { echo "docker_check: $*"; }
storage() { buildah --root "$work/storage" --runroot "$work/run" "$@"; }

have_the_tools() {
    "$root/tests/tools/debian_packages.sh" "docker_check" buildah:buildah debootstrap:debootstrap curl:curl
}

# Debian's python3 under the names and the path where the official image has its own.
make_base() {
    local tree=$work/base container name
    say "making a stand-in for $base"
    rm -rf "$tree"
    debootstrap --variant=minbase --include=python3,python3-pip,python3-venv,ca-certificates \
        bookworm "$tree" >"$work/base.log" 2>&1 || { tail -20 "$work/base.log"; return 1; }
    for name in python python3; do ln -sf /usr/bin/python3 "$tree/usr/local/bin/$name"; done
    ln -sf /usr/bin/pip3 "$tree/usr/local/bin/pip"
    rm -f "$tree/usr/lib/python3.11/EXTERNALLY-MANAGED"
    container=$(storage from scratch)
    storage add --quiet "$container" "$tree" / >/dev/null
    storage config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --env LANG=C.UTF-8 "$container"
    storage commit --quiet --rm "$container" "$base" >/dev/null
    rm -rf "$tree"
}

# A machine behind a proxy names its certificates in the surroundings; the build is told of them, by mount.
certificates() {
    [ -n "${SSL_CERT_FILE:-}" ] || return 0
    printf '%s\n' --volume "$SSL_CERT_FILE:$SSL_CERT_FILE:ro" --env "SSL_CERT_FILE=$SSL_CERT_FILE" --env "PIP_CERT=$SSL_CERT_FILE"
}

build() {
    local options
    mapfile -t options < <(certificates)
    say "building (log: $work/build.log)"
    storage build --network host --pull=never --layers --format docker "${options[@]}" \
        --ignorefile "$root/.dockerignore" --tag "$image" --file "$root/Dockerfile" "$root" >"$work/build.log" 2>&1 \
        || { tail -40 "$work/build.log"; say "the build failed"; return 1; }
}

# `buildah run` knows nothing of CMD: it is read from the image, so that what runs is what the Dockerfile says.
command_of_image() {
    storage inspect --type image "$image" | python3 -c '
import json, sys
config = json.load(sys.stdin)["OCIv1"]["config"]
print("\n".join(config.get("Entrypoint", []) + config["Cmd"]))'
}

answers() {
    local attempt
    for attempt in $(seq 120); do
        curl -sf "http://127.0.0.1:$port/healthz" && echo && return 0
        kill -0 "$1" 2>/dev/null || break
        sleep 0.5
    done
    say "no answer after $attempt attempts; the container's last words:"
    tail -30 "$work/run.log"
    return 1
}

run_and_ask() {
    local container command server verdict=0
    container=$(storage from --pull=never "$image")
    mapfile -t command < <(command_of_image)
    say "running: ${command[*]} --port $port"
    say "as $(storage run "$container" -- id)"
    buildah --root "$work/storage" --runroot "$work/run" run --network host "$container" -- \
        "${command[@]}" --port "$port" >"$work/run.log" 2>&1 &
    server=$!
    answers "$server" || verdict=1
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    storage rm "$container" >/dev/null
    return $verdict
}

main() {
    mkdir -p "$work"
    have_the_tools
    storage images --quiet "$base" 2>/dev/null | grep -q . || make_base
    build
    run_and_ask
    say "it builds, runs and answers"
}

main
