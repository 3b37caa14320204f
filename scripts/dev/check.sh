# shellcheck shell=sh
# What must hold besides the tests: format, lints, licences, shell, generated files.

OPENAPI=control-plane/openapi.json

dev_check() {
    install_for build
    use_node
    say "- cargo fmt"
    cargo fmt --all --check
    say "- cargo clippy"
    cargo clippy --workspace --all-targets --locked -- -D warnings
    if have cargo-deny; then
        say "- cargo deny (no advisories: their database is not everywhere in reach)"
        cargo deny --offline check --config .deny.toml bans licenses sources
    else
        say "- cargo deny skipped, it is not installed: cargo install --locked cargo-deny"
    fi
    if have shellcheck; then
        say "- shellcheck"
        shellcheck -x dev scripts/dev/apt-install.sh scripts/bench.sh scripts/soak/*.sh migrations/test.sh tests/browser/run tests/clients/run tests/clients/verify tests/conformance/run tests/conformance/run-client tests/idp/run tests/s3/run tests/servers/run compose/secrets.sh compose/answers compose/demo/idp.sh compose/observability/dashboards.sh
    else
        say "- shellcheck skipped, it is not installed: apt-get install shellcheck"
    fi
    say "- generated files"
    mkdir -p "$DEV_DIR"
    generate "$DEV_DIR/openapi.json"
    cmp "$DEV_DIR/openapi.json" "$OPENAPI" || die "$OPENAPI is stale: ./dev gen, and commit it"
    check_dashboard
    check_docs
    check_helm
    say "all checks passed"
}

dev_gen() {
    install_for build
    generate "$OPENAPI.new"
    mv "$OPENAPI.new" "$OPENAPI"
    say "wrote $OPENAPI"
    use_node
    gen_dashboard
    say "wrote dashboard/lib/api/schema.ts"
}

generate() {
    build
    "$BINARIES/control-plane" openapi >"$1"
}

dev_soak() {
    [ $# -gt 0 ] || {
        say "long runs, ./dev soak NAME:"
        for run in scripts/soak/*.sh; do [ ! -e "$run" ] || say "  $(basename "$run" .sh)"; done
        return
    }
    [ -x "scripts/soak/$1.sh" ] || die "no long run named $1: ./dev soak lists them"
    run=scripts/soak/$1.sh
    shift
    exec "./$run" "$@"
}
