# shellcheck shell=sh
# Calls through a stack, and its REST interface.

gateway_url() { echo "http://$PROXY_LISTEN/mcp/bench"; }
floor_url() { echo "http://$FLOOR/mcp"; }
load() { "$BIN/load" "$@"; }

# number NAME JSON: the number of that name in one flat line of JSON.
number() { printf '%s\n' "$2" | sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p"; }

await_first_call() { until_answered "no call through the gateway" "$(gateway_url)"; }

# until_answered NOTHING URL ARGUMENTS...: gives up with NOTHING when the load generator gets no right answer.
until_answered() {
    nothing=$1
    shift
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
        first=$(load "$@" --connections 1 --requests 1 --timeout 5 2>"$DEV_DIR/logs/load.log")
        [ "$(number ok "$first")" != 1 ] || return 0
        sleep 1
    done
    cat "$DEV_DIR/logs/load.log" >&2
    die "$nothing is answered; logs: $(log_of proxy) $(log_of control-plane)"
}

# rest METHOD PATH JSON: as the administrator.
rest() {
    curl --noproxy '*' -sf -m 20 -X "$1" "$(url_of "$CONTROL_LISTEN")$2" -H 'Content-Type: application/json' \
        -H @- -d "$3" <<HEADER || die "$1 $2 failed; log: $(log_of control-plane)"
Authorization: Bearer $BOOTSTRAP_API_KEY
HEADER
}

# One of ours, of whoever the key is; good for an hour.
mcp_token() {
    rest POST /v1/auth/token '{"ttl_seconds": 3600}' | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p'
}

# What is measured is not how fast calls are refused.
allow_any_rate() {
    rest PATCH /v1/settings '{"rate_limits": {"prd_rpm": 1000000, "stg_rpm": 1000000, "dev_rpm": 1000000,
        "user_rpm": 1000000, "org_rpm": 10000000, "ip_rpm": 1000000}}' >/dev/null
}

# Half of many clients are more than a server usually gets at once.
allow_many_calls() { rest PATCH /v1/mcp-servers/bench '{"max_concurrency": 5000}' >/dev/null; }

# --- load in the background, while something happens to the stack

# begin_load ARGUMENTS...
begin_load() {
    "$BIN/load" "$(gateway_url)" "$@" --pid "$(pid_of proxy)" >"$DEV_DIR/report" 2>"$DEV_DIR/logs/load.log" &
    load_pid=$!
}

# end_load: waits for it and leaves its line in $report.
end_load() {
    wait "$load_pid" || die "the load generator failed: $(cat "$DEV_DIR/logs/load.log")"
    load_pid=
    report=$(cat "$DEV_DIR/report")
    grep 'first' "$DEV_DIR/logs/load.log" || :
    say "$report"
}
