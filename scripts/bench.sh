#!/bin/sh
# bench.sh [--quick] [PHASE...]: the gateway against the floor, the least that a Pingora proxy can do, in interleaved rounds
# (A B, B A, ...), so that both see the same machine; ends with the table of the README. A run during which the host
# gave more than 2 % of the cores to others is made again. --quick takes seconds and is for seeing that it works.
# The phases are ingest, saturation, latency and clients; without a name all of them.
set -eu
# shellcheck source=scripts/bench/stack.sh
. "$(dirname "$0")/bench/stack.sh"

rounds=6 saturated=8 paced=10 clients=1000 held=60 spans=400000 attempts=6
case ${1:-} in
    --quick)
        shift
        rounds=2 saturated=1 paced=1 clients=100 held=4 spans=20000 attempts=1
        ;;
esac
phases=${*:-ingest saturation latency clients}
for chosen in $phases; do
    case $chosen in ingest | saturation | latency | clients) ;; *) die "bench knows no phase $chosen" ;; esac
done

open_stack
allow_many_calls
results=$DEV_DIR/results

# measure PHASE TARGET ROUND ARGUMENTS...: with nothing left to ingest from the run before.
measure() {
    phase=$1 target=$2 round=$3
    shift 3
    case $target in
        floor) url=$(floor_url) target_process=floor ;;
        gateway) url=$(gateway_url) target_process=proxy ;;
    esac
    attempt=1
    while :; do
        settle_traces 120 || die "events of the last run are still waiting after 120 s"
        run=$(load "$url" --pid "$(pid_of "$target_process")" "$@" \
            --label "phase=$phase" --label "target=$target" --label "round=$round")
        say "$run"
        was_disturbed "$run" || break
        [ "$attempt" -lt "$attempts" ] || break
        attempt=$((attempt + 1))
    done
    printf '%s\n' "$run" >>"$results"
}

was_disturbed() { awk "BEGIN { exit !($(number stolen_share "$1") > 0.02) }"; }

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
    printf '{"phase":"ingest","spans_per_second":%s,"drain_seconds":%s}\n' \
        "$(figure ingest)" "$(figure 'lag to zero')" >>"$results"
    tail -n 1 "$results"
}

# figure NAME: what the ingest benchmark printed behind that name.
figure() { printf '%s\n' "$printed" | sed -n "s/^$1  *\([0-9.]*\) s.*/\1/p"; }

# On a real installation the record is kept on other machines than the one that proxies: here it only gets the time
# that calls leave.
stand_back() {
    for name in postgres redis control-plane; do
        parent=$(pid_of "$name")
        for process in "$parent" $(awk -v parent="$parent" '$4 == parent { print $1 }' /proc/[0-9]*/stat); do
            chrt --all-tasks --idle --pid 0 "$process" 2>/dev/null || : # it has ended meanwhile
        done
    done
}

# Before the others: later its stores stand back.
phase_ingest() {
    say "- $spans spans into Postgres"
    ingest
}
phase_saturation() {
    say "- as fast as it goes, 32 connections"
    in_rounds saturation --connections 32 --warm-up 1 --duration "$saturated"
}
phase_latency() {
    say "- 1,000 calls a second, 64 connections"
    in_rounds latency --connections 64 --rate 1000 --warm-up 1 --duration "$paced"
}
phase_clients() {
    say "- $clients clients for $held s, half of them on streams"
    measure clients gateway 1 --connections "$clients" --sse-share 0.5 --rate 1000 --duration "$held"
}

for chosen in $phases; do
    [ "$chosen" = ingest ] || stand_back
    "phase_$chosen"
done

say ""
"$BIN/bench_table" "$results"
