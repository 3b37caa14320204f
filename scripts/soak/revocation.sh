#!/bin/sh
# revocation.sh [TRIES=200]
# A revoked key is refused by a proxy within 2 s of the answer to the revocation (contract 1.3), 99 times of 100.
set -eu
# shellcheck source=scripts/bench/stack.sh
. "$(dirname "$0")/../bench/stack.sh"
tries=${1:-200}

open_stack
say "- revoking $tries keys, one after another"
report=$("$BIN/revocation" --rest "$(url_of "$CONTROL_LISTEN")" --mcp "$(gateway_url)" --tries "$tries")
say "$report"
expect "p99 of $(number p99_us "$report") µs is below 2 s" [ "$(number p99_us "$report")" -lt 2000000 ]
verdict
