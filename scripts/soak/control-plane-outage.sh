#!/bin/sh
# control-plane-outage.sh [SECONDS=300] [CALLS_A_SECOND=500]
# The control plane is killed under load: no call fails meanwhile, and every span arrives after it is back.
set -eu
# shellcheck source=scripts/bench/stack.sh
. "$(dirname "$0")/../bench/stack.sh"
away=${1:-300} rate=${2:-500}

open_stack
open_books
begin_load --connections 64 --rate "$rate" --duration $((away + 10))
sleep 5
signalled control-plane KILL 10
say "- control plane killed for $away s at $rate calls a second"
sleep "$away"
start control-plane
say "- control plane back"
end_load
close_books "$report" $((60 + away))
verdict
