#!/bin/sh
# bench.sh [--quick] [PHASE...]: the gateway against the floor, the least that a Pingora proxy can do, in interleaved
# rounds (A B, B A, ...), so that both see the same machine; ends with the table of the README. A run during which the
# host gave more than 2 % of the cores to others is made again after a rest. The phases are latency, clients, ingest,
# saturation and three of many servers and sessions, lists, federated (against the endpoint of one server instead) and
# idle-sessions; tokens is the gateway called with a token against itself called with a key; year is what people see
# after 20 million spans, and takes an hour and a half. Without a name all of them but year.
# --quick takes seconds and is for seeing that it works.
set -eu
# shellcheck source=scripts/bench/stack.sh
. "$(dirname "$0")/bench/stack.sh"
# shellcheck source=scripts/bench/many.sh
. ./scripts/bench/many.sh
# shellcheck source=scripts/bench/year.sh
. ./scripts/bench/year.sh

rounds=6 saturated=8 paced=10 clients=1000 held=60 spans=400000 sessions=100000 attempts=6 rest=60
year_spans=20000000 folded=600000 looked=10 looked_on=20 seen=100
case ${1:-} in
    --quick)
        shift
        rounds=2 saturated=1 paced=1 clients=100 held=4 spans=20000 sessions=500 attempts=1
        year_spans=200000 folded=20000 looked=1 looked_on=5 seen=10
        ;;
esac
known='latency clients ingest saturation federated lists idle-sessions tokens'
phases=${*:-$known}
for chosen in $phases; do
    case " $known year " in *" $chosen "*) ;; *) die "bench knows no phase $chosen" ;; esac
done

case " $phases " in *" year "*) install_for test && use_node && build_dashboard ;; esac
open_stack
allow_many_calls
results=$DEV_DIR/results

# measure PHASE TARGET ROUND ARGUMENTS...
measure() {
    phase=$1 target=$2 round=$3 credential=$BOOTSTRAP_API_KEY
    shift 3
    case $target in
        key | token) url=$(gateway_url) target_process=proxy ;;
        floor) url=$(floor_url) target_process=floor ;;
        gateway | transparent) url=$(gateway_url) target_process=proxy ;;
        federated) url=$(federated_url) target_process=proxy ;;
    esac
    [ "$target" != token ] || credential=$(mcp_token)
    GATEWAYOPS_API_KEY=$credential undisturbed call "$url" --pid "$(pid_of "$target_process")" "$@" \
        --label "phase=$phase" --label "target=$target" --label "round=$round"
}

# With nothing left to ingest from the run before. Where people run this, the record is kept on other machines than the
# one that proxies: here the control plane stands still meanwhile, and ingests what waits in Redis afterwards.
call() {
    settle_traces 120 || die "events of the last run are still waiting after 120 s"
    kill -STOP "$(pid_of control-plane)"
    run=$(load "$@") || run=
    kill -CONT "$(pid_of control-plane)"
    [ -n "$run" ] || die "the load generator failed"
}

# undisturbed COMMAND...: its $run is a result, if the host left us alone; else it is made again after a rest.
undisturbed() {
    attempt=1
    while :; do
        before=$(ticks)
        "$@"
        say "$run"
        was_disturbed "$before" "$(ticks)" || break
        [ "$attempt" -lt "$attempts" ] || break
        attempt=$((attempt + 1))
        say "  disturbed; again after $rest s of rest"
        sleep "$rest"
    done
    printf '%s\n' "$run" >>"$results"
}

# The time that the host gave to others, and all time, in ticks.
ticks() { awk '/^cpu / { for (i = 2; i <= 9; i++) all += $i; print $9, all }' /proc/stat; }

# was_disturbed BEFORE AFTER: by more than 2 %.
was_disturbed() {
    echo "$1 $2" | awk '{ exit !($3 - $1 > 0.02 * ($4 - $2)) }'
}

# in_rounds PHASE ONE OTHER ARGUMENTS...: both in turns.
in_rounds() {
    rounds_phase=$1 one=$2 other=$3
    shift 3
    round=1
    while [ "$round" -le "$rounds" ]; do
        order="$one $other"
        [ $((round % 2)) -eq 1 ] || order="$other $one"
        for turn in $order; do measure "$rounds_phase" "$turn" "$round" --tool "$(tool_at "$turn")" "$@"; done
        round=$((round + 1))
    done
}

# The ingester alone, from Redis into a database of its own, with all indexes and cost rows.
ingest() {
    settle_traces 120 || die "events of the last run are still waiting after 120 s"
    printed=$(DATABASE_URL=$DATABASE_URL REDIS_URL=$REDIS_URL "$BIN/examples/ingest_bench" "$spans") ||
        die "the ingest benchmark failed: $printed"
    run=$(printf '{"phase":"ingest","spans_per_second":%s,"drain_seconds":%s}' \
        "$(figure ingest)" "$(figure 'lag to zero')")
}

# figure NAME: what the ingest benchmark printed behind that name.
figure() { printf '%s\n' "$printed" | sed -n "s/^$1  *\([0-9.]*\) s.*/\1/p"; }

phase_ingest() {
    say "- $spans spans into Postgres"
    undisturbed ingest
}
phase_saturation() {
    say "- as fast as it goes, 32 connections"
    in_rounds saturation floor gateway --connections 32 --warm-up 1 --duration "$saturated"
}
phase_latency() {
    say "- 1,000 calls a second, 64 connections"
    in_rounds latency floor gateway --connections 64 --rate 1000 --warm-up 1 --duration "$paced"
}
phase_tokens() {
    say "- what it costs to know who calls, without the call"
    "$BIN/examples/token_bench"
    say "- calls with a token against calls with a key, as fast as it goes, 32 connections"
    in_rounds tokens key token --connections 32 --warm-up 1 --duration "$saturated"
}
phase_clients() {
    say "- $clients clients for $held s, half of them on streams"
    measure clients gateway 1 --connections "$clients" --sse-share 0.5 --rate 1000 --duration "$held"
}

for chosen in $phases; do
    case $chosen in idle-sessions) phase_idle_sessions ;; *) "phase_$chosen" ;; esac
done

say ""
"$BIN/bench_table" "$results"
