# shellcheck shell=sh
# What must be on the machine. Debian and Ubuntu get what is missing; elsewhere one line says what to install.

have() { command -v "$1" >/dev/null 2>&1; }

# install_for build|up|test: a Rust toolchain and the packages that this job needs.
install_for() {
    have cargo || PATH=$HOME/.cargo/bin:$PATH
    have cargo || die "Rust is missing: curl -sSf https://sh.rustup.rs | sh -s -- -y   and run this again"
    packages=$(missing_for "$1" | sort -u | tr '\n' ' ')
    [ -z "$packages" ] || install_packages "$packages"
    [ "$1" = build ] || check_versions "$1"
}

# Debian's names of what is not there.
missing_for() {
    for tool in curl cmake gcc g++ make perl pkg-config; do have "$tool" || echo "$tool"; done
    [ -e /usr/include/openssl/ssl.h ] || echo libssl-dev
    [ "$1" = build ] && return
    private_postgres "$1" && [ -z "$(postgres_bin)" ] && echo postgresql
    private_redis "$1" && ! have redis-server && echo redis-server
    [ "$1" = test ] && ! have_chromium && echo chromium
    [ "$1" = test ] && ! have promtool && echo prometheus
    if [ "$1" = test ] || ! node_is_new; then
        python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    fi
}

# Where tests/browser/chromium.mjs looks for it.
have_chromium() {
    [ -n "${CHROMIUM:-}" ] || have chromium || have chromium-browser || have google-chrome
}

install_packages() {
    [ -e /etc/debian_version ] || die "please install (Debian's names): $1"
    root=
    if [ "$(id -u)" -ne 0 ]; then
        have sudo || die "please run as root: apt-get install $1"
        sudo -n true 2>/dev/null || sudo -v || die "please run as root: apt-get install $1"
        root=sudo
    fi
    # shellcheck disable=SC2086 # a list of names
    step "installing $1" $root sh "$ROOT/scripts/dev/apt-install.sh" $1
}

check_versions() {
    if private_postgres "$1" && [ -z "$(postgres_bin)" ]; then
        die "PostgreSQL 15 or newer is needed: install it (apt.postgresql.org), or set DATABASE_URL"
    fi
    private_redis "$1" || return 0
    redis_major=$(redis-server --version | sed 's/.* v=\([0-9]*\).*/\1/')
    [ "$redis_major" -ge 7 ] || die "Redis 7 or newer is needed, this is $redis_major: install it (packages.redis.io), or set REDIS_URL"
}

# Tests always use stores of their own; `up` does unless it is given some.
private_postgres() { [ "$1" = test ] || [ -z "$(given_url DATABASE_URL)" ]; }
private_redis() { [ "$1" = test ] || [ -z "$(given_url REDIS_URL)" ]; }
