#!/bin/sh
# bench.sh [--quick]: the gateway against the floor, the least that a Pingora proxy can do, in interleaved rounds
# (A B, B A, ...), so that both see the same machine; ends with the table of the README. --quick takes seconds and is
# for seeing that it works, not for figures.
set -eu
# shellcheck source=scripts/bench/stack.sh
. "$(dirname "$0")/bench/stack.sh"

rounds=6 saturated=8 paced=10 clients=1000 held=60 spans=400000
case ${1:-} in
    '') ;;
    --quick) rounds=2 saturated=1 paced=1 clients=100 held=4 spans=20000 ;;
    *) die "bench knows --quick, not $1" ;;
esac

open_stack
allow_many_calls
results=$DEV_DIR/results

# measure PHASE TARGET ROUND ARGUMENTS...: with nothing left to ingest from the run before.
measure() {
    phase=$1 target=$2 round=$3
    shift 3
    settle_traces 120 || die "events of the last run are still waiting after 120 s"
    case $target in
        floor) url=$(floor_url) ;;
        gateway) url=$(gateway_url) && target_process=proxy ;;
    esac
    [ "$target" = gateway ] || target_process=floor
    load "$url" --pid "$(pid_of "$target_process")" "$@" \
        --label "phase=$phase" --label "target=$target" --label "round=$round" >>"$results"
    tail -n 1 "$results"
}

# in_rounds PHASE ARGUMENTS...
in_rounds() {
    rounds_phase=$1
    shift
    round=1
    while [ "$round" -le "$rounds" ]; do
        order='floor gateway'
        [ $((round % 2)) -eq 1 ] || order='gateway floor'
        for turn in $order; do measure "$rounds_phase" "$turn" "$round" "$@"; done
        round=$((round + 1))
    done
}

# The ingester alone, from Redis into a database of its own, with all indexes and cost rows.
ingest() {
    settle_traces 120 || die "events of the last run are still waiting after 120 s"
    printed=$(DATABASE_URL=$DATABASE_URL REDIS_URL=$REDIS_URL "$BIN/examples/ingest_bench" "$spans") ||
        die "the ingest benchmark failed: $printed"
    printf '{"phase":"ingest","spans_per_second":%s,"drain_seconds":%s}\n' "$(figure ingest)" "$(figure 'lag to zero')"
}

# figure NAME: what the ingest benchmark printed behind that name.
figure() { printf '%s\n' "$printed" | sed -n "s/^$1  *\([0-9.]*\) s.*/\1/p"; }

say "- as fast as it goes, 32 connections"
in_rounds saturation --connections 32 --warm-up 1 --duration "$saturated"
say "- 1,000 calls a second, 64 connections"
in_rounds latency --connections 64 --rate 1000 --warm-up 1 --duration "$paced"
say "- $clients clients for $held s, half of them on streams"
measure clients gateway 1 --connections "$clients" --sse-share 0.5 --rate 1000 --duration "$held"
say "- $spans spans into Postgres"
ingest >>"$results"
tail -n 1 "$results"

say ""
"$BIN/bench_table" "$results"
