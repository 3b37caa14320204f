# shellcheck shell=sh
# Many servers behind one endpoint, and many sessions that are only open. Sourced by bench.sh.

LISTED_SERVERS=50
TOOLS_OF_EACH=40
# As many as the gateway puts on one page: a shorter answer is an error.
TOOLS_OF_A_PAGE=250
PROCESSES="$PROCESSES listed"

federated_url() { echo "http://$PROXY_LISTEN/mcp"; }
# The name of the same tool there, and everywhere else.
tool_at() { case $1 in federated) echo bench__echo ;; *) echo echo ;; esac; }

phase_federated() {
    say "- the endpoint of all servers against that of one, as fast as it goes, 32 connections"
    in_rounds federated transparent federated --connections 32 --warm-up 1 --duration "$saturated"
}

phase_lists() {
    say "- the first page of $LISTED_SERVERS servers with $TOOLS_OF_EACH tools each, 24 connections"
    add_listed_servers
    lists_round=1
    while [ "$lists_round" -le "$rounds" ]; do
        measure lists federated "$lists_round" --list="$TOOLS_OF_A_PAGE" \
            --connections 24 --warm-up 1 --duration "$saturated"
        lists_round=$((lists_round + 1))
    done
}

# One process stands for all of them, under so many names. Only now: nobody else is to be measured among them.
add_listed_servers() {
    listed=127.0.0.1:$(free_port)
    spawn listed "$BIN/upstream" --listen "$listed" --tools "$TOOLS_OF_EACH"
    wait_ready listed 20 http_answers "http://$listed/count"
    added=1
    while [ "$added" -le "$LISTED_SERVERS" ]; do
        last=$(printf 'b%02d' "$added")
        rest POST /v1/mcp-servers '{"name": "'"$last"'", "url": "http://'"$listed"'/mcp"}' >/dev/null
        added=$((added + 1))
    done
    # A proxy learns of them in this order.
    until_answered "no call of the last server" "http://$PROXY_LISTEN/mcp/$last"
    until_answered "no list of all servers" "$(federated_url)" --list="$TOOLS_OF_A_PAGE"
}

# On a gateway of its own: memory that others gave back to the allocator would hide what sessions take.
phase_idle_sessions() {
    say "- $sessions idle sessions"
    said=$(BUILT=1 ./scripts/soak/sessions.sh idle "$sessions") || die "the run of idle sessions failed: $said"
    say "$said"
    bytes=$(printf '%s\n' "$said" | sed -n 's/.*: \(-\{0,1\}[0-9]*\) bytes a session$/\1/p')
    [ -n "$bytes" ] || die "the run of idle sessions gave no figure"
    printf '{"phase":"idle-sessions","sessions":%s,"bytes_per_session":%s}\n' "$sessions" "$bytes" >>"$results"
}
