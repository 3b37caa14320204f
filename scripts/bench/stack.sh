# shellcheck shell=sh
# The stack of one measurement: a Postgres, a Redis, both planes, the cheap upstream and the floor, all private, on free
# ports, gone at the end. Sourced by bench.sh and by the long runs; PROFILE=dev takes the debug build.

cd "$(dirname "$0")"
until [ -e Cargo.lock ]; do cd ..; done
ROOT=$(pwd -P)
TOOLS_DIR=$ROOT/.dev
DEV_DIR=$TOOLS_DIR/bench.$$
export ROOT TOOLS_DIR DEV_DIR
unset DATABASE_URL REDIS_URL

. ./scripts/dev/say.sh
. ./scripts/dev/install.sh
. ./scripts/dev/toolchains.sh
. ./scripts/dev/ports.sh
. ./scripts/dev/dashboard.sh
. ./scripts/dev/settings.sh
. ./scripts/dev/process.sh
. ./scripts/dev/postgres.sh
. ./scripts/dev/redis.sh
. ./scripts/bench/calls.sh
. ./scripts/bench/books.sh

PROFILE=${PROFILE:-release}
case $PROFILE in
    dev) BIN=${CARGO_TARGET_DIR:-$ROOT/target}/debug ;;
    *) BIN=${CARGO_TARGET_DIR:-$ROOT/target}/$PROFILE ;;
esac
PROCESSES='proxy control-plane floor upstream redis postgres'

# open_stack: builds and starts everything, and returns after the first call through it was answered. What $prepare names
# is run before anything is started; it may change settings.
open_stack() {
    install_for up
    # Each client is a descriptor here, two in a proxy, one in the upstream.
    ulimit -n "$(ulimit -Hn)"
    build_binaries
    mkdir -p "$DEV_DIR"
    trap 'close_stack' EXIT
    trap 'exit 130' INT TERM HUP
    choose_settings
    ${prepare:-:}
    for name in postgres redis upstream floor control-plane proxy; do
        start "$name"
    done
    await_first_call
}

build_binaries() {
    [ -z "${BUILT:-}" ] || return 0
    say "- cargo build --profile $PROFILE"
    cargo build --profile "$PROFILE" --workspace --bins --examples --locked </dev/null || die "the build failed"
}

choose_settings() {
    CONTROL_LISTEN=127.0.0.1:$(free_port)
    CONTROL_ADMIN_LISTEN=127.0.0.1:$(free_port)
    CONTROL_GRPC_LISTEN=127.0.0.1:$(free_port)
    PROXY_LISTEN=127.0.0.1:$(free_port)
    PROXY_ADMIN_LISTEN=127.0.0.1:$(free_port)
    UPSTREAM=127.0.0.1:$(free_port)
    FLOOR=127.0.0.1:$(free_port)
    unset PUBLIC_URL PUBLIC_PROXY_URL CONTROL_PLANE_GRPC_URL CONFIG_CACHE_PATH EVENT_SPOOL_DIR
    load_settings
    load_store_urls
    BOOTSTRAP_API_KEY=$("$BIN/control-plane" keygen)
    export GATEWAYOPS_API_KEY="$BOOTSTRAP_API_KEY"
}

start() {
    case $1 in
        postgres)
            make_postgres "$POSTGRES_PASSWORD" 'createrole createdb'
            # As people set it up who have this much to store; the rest is Postgres's own defaults, fsync included.
            start_postgres "$POSTGRES_PORT" shared_buffers=1GB max_wal_size=4GB
            ;;
        redis) start_redis "$REDIS_PORT" "$REDIS_PASSWORD" 'appendonly yes' 'appendfsync everysec' ;;
        upstream)
            spawn upstream "$BIN/upstream" --listen "$UPSTREAM"
            wait_ready upstream 20 http_answers "http://$UPSTREAM/count"
            ;;
        floor)
            spawn floor "$BIN/floor" --listen "$FLOOR" --upstream "$UPSTREAM" --threads 2
            wait_ready floor 20 http_answers "http://$FLOOR/count"
            ;;
        control-plane)
            (export_for_control_plane && spawn control-plane "$BIN/control-plane" serve)
            wait_ready control-plane 60 http_ok "$(url_of "$CONTROL_ADMIN_LISTEN")/ready"
            allow_any_rate
            ;;
        proxy)
            mkdir -p "$DEV_DIR/proxy/spool"
            (export_proxy && export PROXY_WORKERS=2 && spawn proxy "$BIN/proxy")
            wait_ready proxy 60 http_ok "$(url_of "$PROXY_ADMIN_LISTEN")/ready"
            ;;
    esac
}

export_for_control_plane() {
    export_common
    export DATABASE_URL JWT_SECRET ENCRYPTION_KEY CONTROL_LISTEN CONTROL_ADMIN_LISTEN CONTROL_GRPC_LISTEN
    export BOOTSTRAP_ADMIN_EMAIL BOOTSTRAP_ADMIN_PASSWORD BOOTSTRAP_API_KEY
    export COOKIE_SECURE=false MCP_SERVER_BENCH_URL="http://$UPSTREAM/mcp"
}

# The last log lines stay with us when a run ends badly; everything else goes.
close_stack() {
    closing_status=$?
    trap '' INT TERM HUP
    [ -z "${load_pid:-}" ] || kill "$load_pid" 2>/dev/null || :
    for name in $PROCESSES; do stop "$name"; done
    if [ "$closing_status" -ne 0 ] && [ -d "$DEV_DIR/logs" ]; then
        kept=$TOOLS_DIR/bench-logs
        rm -rf "$kept"
        cp -r "$DEV_DIR/logs" "$kept"
        say "logs: $kept"
    fi
    for store in postgres redis standby; do
        [ ! -L "$DEV_DIR/$store" ] || rm -rf "$(readlink "$DEV_DIR/$store")"
    done
    rm -rf "$DEV_DIR"
    exit "$closing_status"
}
