# shellcheck shell=sh
# Calls through a stack, and what became of them: in the answers, at the upstream, in Postgres.

gateway_url() { echo "http://$PROXY_LISTEN/mcp/bench"; }
floor_url() { echo "http://$FLOOR/mcp"; }
load() { "$BIN/load" "$@"; }

# number NAME JSON: the number of that name in one flat line of JSON.
number() { printf '%s\n' "$2" | sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p"; }

await_first_call() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
        first=$(load "$(gateway_url)" --connections 1 --requests 1 --timeout 5 2>"$DEV_DIR/logs/load.log")
        [ "$(number ok "$first")" != 1 ] || return 0
        sleep 1
    done
    cat "$DEV_DIR/logs/load.log" >&2
    die "no call through the gateway is answered; logs: $(log_of proxy) $(log_of control-plane)"
}

# rest METHOD PATH JSON: as the administrator.
rest() {
    curl --noproxy '*' -sf -m 20 -X "$1" "$(url_of "$CONTROL_LISTEN")$2" -H 'Content-Type: application/json' \
        -H @- -d "$3" <<HEADER || die "$1 $2 failed; log: $(log_of control-plane)"
Authorization: Bearer $BOOTSTRAP_API_KEY
HEADER
}

# Half of many clients are more than a server usually gets at once.
allow_many_calls() { rest PATCH /v1/mcp-servers/bench '{"max_concurrency": 5000}' >/dev/null; }

sql() {
    PGPASSWORD=$POSTGRES_PASSWORD "$(postgres_bin)/psql" -h 127.0.0.1 -p "$POSTGRES_PORT" -U gatewayops -d gatewayops \
        -AtqX -v ON_ERROR_STOP=1 -c 'set role gatewayops_worker' -c "$1"
}

upstream_count() { curl --noproxy '*' -s -m 5 "http://$UPSTREAM/count"; }

# --- the books: every call made is one answer, one call at the upstream, one trace and one cost

open_books() {
    settle_traces 60
    books_since=$(sql 'select clock_timestamp()')
    books_upstream=$(upstream_count)
}

traces() { sql "select count(*) from traces where operation_name = 'tools/call' and is_root and started_at >= '$books_since'"; }
costs() { sql "select count(*) from costs where created_at >= '$books_since'"; }

# settle_traces SECONDS: until no event waits for its ingestion any more.
settle_traces() {
    settle_began=$(seconds)
    until [ "$(waiting_events)" = 0 ]; do
        [ $(($(seconds) - settle_began)) -lt "$1" ] || return 1
        sleep 0.1
    done
}

# Events in the stream that the group has not been given, or has not acknowledged.
waiting_events() {
    REDISCLI_AUTH=$REDIS_PASSWORD redis-cli -h 127.0.0.1 -p "$REDIS_PORT" xinfo groups gwo:events 2>/dev/null |
        awk 'last == "pending" || last == "lag" { sum += $1; seen = 1 } { last = $1 } END { print seen ? sum : 0 }'
}

# close_books REPORT SECONDS: waits until the books agree with what the load generator reports, and prints them.
close_books() {
    made=$(number calls "$1")
    books_began=$(seconds)
    while :; do
        in_traces=$(traces) in_costs=$(costs)
        [ "$in_traces" -lt "$made" ] || [ "$in_costs" -lt "$made" ] || break
        [ $(($(seconds) - books_began)) -lt "$2" ] || break
        sleep 0.5
    done
    books_seconds=$(($(seconds) - books_began))
    at_upstream=$(($(upstream_count) - books_upstream))
    money=$(sql "select coalesce(sum(cost_usd), 0) from costs where created_at >= '$books_since'")
    expected_money=$(sql "select $made * 0.001000")
    say "calls made $made, answered well $(number ok "$1"), seen by the upstream $at_upstream," \
        "rows in traces $in_traces, rows in costs $in_costs ($money USD of $expected_money)," \
        "after $books_seconds s"
    expect "no call failed" [ "$(number errors "$1")" = 0 ]
    expect "the upstream saw each call once" [ "$at_upstream" = "$made" ]
    expect "each call is one trace" [ "$in_traces" = "$made" ]
    expect "each call is one cost" [ "$in_costs" = "$made" ]
    expect "the money adds up" [ "$(sql "select $money = $expected_money")" = t ]
}

# expect WHAT COMMAND...: PASS or FAIL in one line; `verdict` ends with it.
failures=0
expect() {
    expectation=$1
    shift
    if "$@"; then
        say "PASS $expectation"
    else
        failures=$((failures + 1))
        say "FAIL $expectation"
    fi
}

verdict() {
    if [ "$failures" -eq 0 ]; then
        say "PASS"
    else
        say "FAIL: $failures of the above"
        exit 1
    fi
}

# --- load in the background, while something happens to the stack

# begin_load ARGUMENTS...
begin_load() {
    "$BIN/load" "$(gateway_url)" "$@" --pid "$(pid_of proxy)" >"$DEV_DIR/report" 2>"$DEV_DIR/logs/load.log" &
    load_pid=$!
}

# end_load: waits for it and leaves its line in $report.
end_load() {
    wait "$load_pid" || die "the load generator failed: $(cat "$DEV_DIR/logs/load.log")"
    load_pid=
    report=$(cat "$DEV_DIR/report")
    grep 'first' "$DEV_DIR/logs/load.log" || :
    say "$report"
}
