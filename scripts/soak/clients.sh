#!/bin/sh
# clients.sh [SECONDS=60] [CLIENTS=1000] [CALLS_A_SECOND=1000]
# Many clients at once, half of them holding a stream of events: no error, and a proxy of less than 150 MB.
set -eu
# shellcheck source=scripts/bench/stack.sh
. "$(dirname "$0")/../bench/stack.sh"
duration=${1:-60} clients=${2:-1000} rate=${3:-1000}

open_stack
allow_many_calls
open_books
say "- $clients clients for $duration s, half of them on streams, the others make $rate calls a second"
begin_load --connections "$clients" --sse-share 0.5 --rate "$rate" --duration "$duration" --events 10 --interval-ms 1000
end_load
memory=$(number peak_rss_bytes "$report")
expect "the proxy's peak memory of $((memory / 1000000)) MB is at most 150 MB" [ "$memory" -le 150000000 ]
close_books "$report" 60
verdict
