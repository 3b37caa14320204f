#!/bin/sh
# redis-outage.sh [SECONDS=60] [CALLS_A_SECOND=500]
# Redis is stopped under load: no call fails meanwhile, and no span is lost.
set -eu
# shellcheck source=scripts/bench/stack.sh
. "$(dirname "$0")/../bench/stack.sh"
away=${1:-60} rate=${2:-500}

open_stack
open_books
begin_load --connections 64 --rate "$rate" --duration $((away + 10))
sleep 5
stop redis
say "- Redis stopped for $away s at $rate calls a second"
sleep "$away"
start redis
say "- Redis back"
end_load
close_books "$report" $((60 + away))
verdict
