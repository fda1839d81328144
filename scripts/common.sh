# shellcheck shell=bash
# Shared by ./run and ./test: steps that tell their time, tools, Docker, the UI and the programs.
# Expects `root` (the checkout) and `profile` (release or dev).

: "${root:?}" "${profile:?}"
target=${CARGO_TARGET_DIR:-$root/target}
state=$root/.slipway
mkdir -p "$state"

say() { printf '%s\n' "$*" >&2; }
title() { if [ -t 2 ]; then printf '\n\033[1m== %s\033[0m\n' "$*" >&2; else printf '\n== %s\n' "$*" >&2; fi; }
fail() {
    say "error: $*"
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" = 0 ]; }

# step TITLE COMMAND...: runs it and tells how long it took.
step() {
    local name=$1 began=$SECONDS
    shift
    title "$name"
    "$@"
    say "   ($((SECONDS - began)) s)"
}

# changed NAME TEXT: whether TEXT differs from what `stamp NAME TEXT` kept last.
changed() { [ "$(cat "$state/$1.stamp" 2>/dev/null)" != "$2" ]; }
stamp() { printf '%s\n' "$2" >"$state/$1.stamp"; }

# One hash over the contents of the UI's sources.
ui_hash() {
    find "$root/frontend" \( -name node_modules -o -name dist \) -prune -o -type f -print0 |
        sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

# install_packages PACKAGE...: by apt as root, after saying so; else says what to do and stops.
install_packages() {
    if ! is_root || ! have apt-get; then
        say "missing: $*"
        say "  install them, for example: sudo apt-get update && sudo apt-get install --no-install-recommends $*"
        return 1
    fi
    say "installing with apt-get: $*"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$state/apt.log" 2>&1 || {
        tail -n 20 "$state/apt.log" >&2
        return 1
    }
}

check_tools() {
    local missing=()
    have cargo || fail "cargo is missing: install Rust from https://rustup.rs"
    if ! have node || ! have npm; then
        fail "Node.js and npm are missing: install Node.js 20.19 or later (https://nodejs.org)"
    fi
    node -e 'const [a, b] = process.versions.node.split(".").map(Number);
             process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)' ||
        fail "Node.js $(node --version) is too old: 20.19, 22.12 or later is needed"
    have cc || missing+=(gcc libc6-dev)
    [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}" || exit 1
}

# --- Docker -------------------------------------------------------------------------------------------

docker_socket=/var/run/docker.sock

# Debian's own client if it is there: others may need plugins that are not.
docker_path() { if [ -x /usr/bin/docker ]; then echo /usr/bin/docker; else command -v docker; fi; }
docker_cli() { "$(docker_path)" "$@"; }
docker_answers() { [ -n "$(docker_path)" ] && timeout 20 "$(docker_path)" info >/dev/null 2>&1; }

start_docker() {
    if [ -d /run/systemd/system ]; then
        say "starting Docker: systemctl start docker"
        systemctl start docker
    else
        say "starting Docker: dockerd (there is no service manager; its log is /var/log/dockerd.log)"
        setsid dockerd >/var/log/dockerd.log 2>&1 </dev/null &
    fi
    local tries=0
    until docker_answers; do
        tries=$((tries + 1))
        [ "$tries" -lt 60 ] || fail "Docker did not start within 30 seconds; look at /var/log/dockerd.log"
        sleep 0.5
    done
}

# Makes Docker usable, or says exactly what is to be done and stops.
ensure_docker() {
    [ -z "${DOCKER_HOST:-}" ] || return 0
    docker_answers && return 0
    # A client alone is no Docker: its engine may be elsewhere (then it answers), or missing.
    if ! have dockerd && [ ! -S "$docker_socket" ] && { is_root || ! have docker; }; then
        install_packages docker.io debootstrap iptables ca-certificates || {
            say "or start without containers: ./run --local"
            exit 1
        }
    fi
    docker_answers && return 0
    # What else is wrong, and what helps, the launcher says better; but nobody should build for minutes first
    # to hear this.
    if [ -S "$docker_socket" ] && [ ! -w "$docker_socket" ]; then
        say "error: you may not use Docker: permission denied at $docker_socket"
        say "  allow it: sudo usermod -aG docker $(id -un)   (then log in again)"
        say "  without it: ./run --local"
        exit 1
    fi
    if is_root && have dockerd; then start_docker; fi
}

# Where no image can be pulled the launcher makes the base image with debootstrap.
ensure_base_image() {
    local base=debian:bookworm-slim
    docker_cli image inspect "$base" >/dev/null 2>&1 && return 0
    say "pulling $base"
    timeout 300 "$(docker_path)" pull -q "$base" >/dev/null 2>&1 && return 0
    have debootstrap || ! is_root || {
        say "it cannot be pulled here; it will be made from Debian packages"
        install_packages debootstrap
    }
}

# --- Building -----------------------------------------------------------------------------------------

install_ui_packages() {
    local lock
    lock=$(sha256sum "$root/frontend/package-lock.json" | cut -d' ' -f1)-$(node --version)
    if [ -d "$root/frontend/node_modules" ] && ! changed npm "$lock"; then return 0; fi
    # Browsers for tests come from the system's packages.
    export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 PUPPETEER_SKIP_DOWNLOAD=1
    local quiet=(--no-audit --no-fund --loglevel=error)
    # A registry mirror that lacks packages for other platforms leaves them out of the lock file, which
    # `npm ci` refuses to use; `npm install --no-save` takes the same versions and changes no file.
    (cd "$root/frontend" && npm ci "${quiet[@]}" >"$state/npm.log" 2>&1) ||
        (cd "$root/frontend" && npm install --no-save "${quiet[@]}") || {
        tail -n 20 "$state/npm.log" >&2
        return 1
    }
    stamp npm "$lock"
}

build_ui() {
    local hash
    hash=$(ui_hash)
    if [ -f "$root/frontend/dist/index.html" ] && ! changed ui "$hash"; then
        say "   unchanged"
        return 0
    fi
    install_ui_packages || return 1
    (cd "$root/frontend" && npm run --silent build) || return 1
    stamp ui "$hash"
}

# cargo_workspace COMMAND ARGUMENTS...: with the features that everything is built with, so that nothing
# is built twice.
cargo_workspace() {
    local -a command=("$1")
    shift
    # Options of `cargo nextest` belong behind its own command.
    if [ "${command[0]}" = nextest ]; then
        command+=("$1")
        shift
    fi
    (cd "$root" && cargo "${command[@]}" --locked --workspace --features slipway-gateway/ui "$@")
}

# The directory in which cargo puts the programs.
programs() { if [ "$profile" = dev ]; then echo "$target/debug"; else echo "$target/release"; fi; }

build_programs() {
    if [ "$profile" = dev ]; then
        cargo_workspace build --bins
        return
    fi
    # The launcher embeds the other programs, so that it alone can be copied elsewhere: it is built again
    # when they have changed.
    local payload=$state/payload
    mkdir -p "$payload/bin"
    export SLIPWAY_PAYLOAD=$payload
    cargo_workspace build --release --bins || return 1
    local program fresh=no
    for program in slipway-gateway slipway-toolhost slipway-engine; do
        cmp -s "$(programs)/$program" "$payload/bin/$program" && continue
        install -m 0755 "$(programs)/$program" "$payload/bin/$program"
        fresh=yes
    done
    [ "$fresh" = no ] || cargo_workspace build --release --bins
}
