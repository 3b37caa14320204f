# shellcheck shell=sh
# Every test, against a Postgres and a Redis that live only for this run and may forget everything.

dev_test() {
    install_for test
    use_node
    npm_packages demo
    npm_packages tests/browser
    npm_packages tests/clients
    npm_packages tests/clients/inspector
    npm_packages tests/conformance
    npm_packages tests/idp
    npm_packages tests/servers
    python_packages venv-mcp-2 tests/clients/python/requirements-mcp-2.txt
    python_packages venv-mcp-1 tests/clients/python/requirements-mcp-1.txt
    python_packages venv-fastmcp tests/servers/requirements-fastmcp.txt
    python_packages venv-otlp tests/otlp/requirements.txt
    python_packages venv-s3 tests/s3/requirements.txt
    build
    build_dashboard
    say "- npm test in dashboard"
    npm test --prefix dashboard --silent

    given_dev_dir=$DEV_DIR
    DEV_DIR=$DEV_DIR/test.$$ # of the two stores alone; a test that starts a stack says where
    mkdir -p "$DEV_DIR"
    trap 'end_test_stores' EXIT
    trap 'exit 130' INT TERM HUP
    start_test_stores

    [ ! -x migrations/test.sh ] || {
        say "- migrations/test.sh"
        ./migrations/test.sh </dev/null
    }
    say "- cargo test"
    DEV_DIR=$given_dev_dir cargo test --workspace --locked --no-fail-fast "$@" </dev/null
}

start_test_stores() {
    say "- starting the tests' Postgres and Redis"
    password=$(random_hex 16)
    POSTGRES_PORT=$(free_port)
    make_postgres "$password" superuser # the migrations' tests make owners of every kind
    PATH=$(postgres_bin):$PATH
    start_postgres "$POSTGRES_PORT" fsync=off synchronous_commit=off full_page_writes=off
    REDIS_PORT=$(free_port)
    start_redis "$REDIS_PORT" "$password" 'appendonly no'
    export DATABASE_URL="postgres://gatewayops:$password@127.0.0.1:$POSTGRES_PORT/gatewayops"
    export REDIS_URL="redis://default:$password@127.0.0.1:$REDIS_PORT/0"
}

end_test_stores() {
    trap '' INT TERM HUP
    for store in redis postgres; do
        stop "$store"
        drop_store "$store"
    done
    rm -rf "$DEV_DIR"
}
