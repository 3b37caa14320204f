#!/bin/sh
# postgres-restart.sh [SECONDS=30] [CALLS_A_SECOND=500]
# Postgres is restarted under load, then crashed, with so many seconds in between: no call fails, no span is lost.
set -eu
# shellcheck source=scripts/bench/stack.sh
. "$(dirname "$0")/../bench/stack.sh"
between=${1:-30} rate=${2:-500}

open_stack
open_books
begin_load --connections 64 --rate "$rate" --duration $((3 * between))
sleep "$between"
stop postgres
start postgres
say "- Postgres restarted at $rate calls a second"
sleep "$between"
signalled postgres QUIT 20
start postgres
say "- Postgres crashed and recovered"
end_load
close_books "$report" $((60 + between))
verdict
