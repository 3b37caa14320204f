#!/bin/sh
# limits.sh
# Two proxies, one limit of 600 calls a minute and 3,000 offered, for three minutes: what passes is within 5 % of the
# limit. Then the same with Redis killed midway: calls stay limited, and none fails.
set -eu
cd "$(dirname "$0")/../.."
LIMITS=long exec ./dev test two_proxies_let_through -- --nocapture
