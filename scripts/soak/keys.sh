#!/bin/sh
# keys.sh [KEYS=100000]
# A proxy that knows many keys: what memory they take, and how soon it serves from the sealed snapshot alone.
set -eu
# shellcheck source=scripts/bench/stack.sh
. "$(dirname "$0")/../bench/stack.sh"
keys=${1:-100000}

# What the proxy says of itself under that name.
held() { curl --noproxy '*' -s -m 5 "$(url_of "$PROXY_ADMIN_LISTEN")/debug/config" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }
knows_them() { [ "$(held api_keys)" -gt "$keys" ]; }
has_kept_them() { [ "$(wc -c <"$DEV_DIR/proxy/config.bin")" -gt $((keys * 100)) ]; }
milliseconds() { date +%s%3N; }
answers_a_call() { load "$(gateway_url)" --connections 1 --requests 1 --timeout 5 2>/dev/null | grep -q '"ok":1,'; }

open_stack
say "- adding $keys keys"
sql "insert into api_keys (org_id, name, key_prefix, key_hash, pepper_id, permissions, servers, tools)
     select o.id, 'key ' || n, 'gwo_dev_' || lpad(n::text, 8, '0'), sha256(n::text::bytea), k.pepper_id, '{mcp:*}',
        array['bench', 'team-' || n % 100 || '-*'], array['*', '!*__delete_*']
     from generate_series(1, $keys) n, organizations o, (select pepper_id from api_keys limit 1) k"
wait_ready proxy 120 knows_them
wait_ready proxy 30 has_kept_them
memory=$(($(awk '/^VmRSS/ { print $2 }' "/proc/$(pid_of proxy)/status") / 1024))
expect "the proxy's memory of $memory MB with $keys keys is at most 200 MB" [ "$memory" -le 200 ]

say "- the control plane is gone, and the proxy starts again"
signalled control-plane KILL 10
signalled proxy KILL 10
began=$(milliseconds)
start proxy
until answers_a_call; do
    [ $(($(milliseconds) - began)) -lt 90000 ] || die "no call is answered: $(tail -n 3 "$(log_of proxy)")"
done
took=$(($(milliseconds) - began))
bar=2000
[ "$PROFILE" != dev ] || bar=90000 # the short form shows that it works, among other tests on the same cores
expect "a call is answered $took ms after the start from the sealed snapshot, at most $bar" [ "$took" -le "$bar" ]
verdict
