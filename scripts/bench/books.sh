# shellcheck shell=sh
# The books of a run: every call made is one answer, one call at the upstream, one trace and one cost, and the money
# adds up to the last digit.

sql() {
    PGPASSWORD=$POSTGRES_PASSWORD "$(postgres_bin)/psql" -h 127.0.0.1 -p "$POSTGRES_PORT" -U gatewayops -d gatewayops \
        -AtqX -v ON_ERROR_STOP=1 -c 'set role gatewayops_worker' -c "$1"
}

# generate DAY CALLS LATE: a day of calls, see generate.sql.
generate() {
    PGPASSWORD=$POSTGRES_PASSWORD "$(postgres_bin)/psql" -h 127.0.0.1 -p "$POSTGRES_PORT" -U gatewayops -d gatewayops \
        -AtqX -v ON_ERROR_STOP=1 -c 'set role gatewayops_worker' -f scripts/bench/generate.sql \
        -c "select pg_temp.generate_calls((select id from organizations order by created_at limit 1), '$1', $2, $3, ${4:-null})"
}
pending_spans() { sql 'select count(*) from rollup_pending'; }
# Until the product has folded everything, in at most so many seconds; says how fast.
await_folding() {
    waiting=$(pending_spans) folding_began=$(date +%s%3N)
    until [ "$(pending_spans)" = 0 ]; do
        [ $(($(date +%s%3N) - folding_began)) -lt $(($1 * 1000)) ] || die "spans are still pending after $1 s"
        sleep 0.5
    done
    took=$(($(date +%s%3N) - folding_began + 1))
    say "- $waiting spans were folded in $took ms"
}

upstream_count() { curl --noproxy '*' -s -m 5 "http://$UPSTREAM/count"; }

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
    # What comes after that would be a call recorded twice.
    settle_traces 30 || say "events are still waiting after 30 s"
    in_traces=$(traces) in_costs=$(costs)
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
