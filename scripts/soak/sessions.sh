#!/bin/sh
# sessions.sh [SESSIONS=100000], sessions.sh --quick (500 of them), sessions.sh idle [SESSIONS=20000]
# Many legacy sessions with a call each, half of them never ended: the proxy does not grow with them, and none is left
# at the upstream once they were idle for MCP_SESSION_IDLE (5s). `idle`: what a session costs that is only open.
set -eu
# shellcheck source=scripts/bench/stack.sh
. "$(dirname "$0")/../bench/stack.sh"
mode=
case ${1:-} in
    --quick) sessions=500 ;;
    idle)
        mode=--idle sessions=${2:-${SESSIONS:-20000}}
        MCP_SESSION_IDLE=${MCP_SESSION_IDLE:-1h}
        ;;
    *) sessions=${1:-${SESSIONS:-100000}} ;;
esac
export MCP_SESSION_IDLE="${MCP_SESSION_IDLE:-5s}"
# All of them belong to one key, which is more than one usually gets.
export MCP_SESSIONS_PER_KEY="${MCP_SESSIONS_PER_KEY:-10000000}"
PROCESSES="$PROCESSES stateful"

open_stack
stateful=127.0.0.1:$(free_port)
spawn stateful "$BIN/upstream" --stateful --listen "$stateful"
wait_ready stateful 20 http_ok "http://$stateful/sessions"
rest POST /v1/mcp-servers '{"name": "stateful", "url": "http://'"$stateful"'/mcp", "max_concurrency": 5000}' >/dev/null
say "- $sessions legacy sessions; the gateway ends those that are idle for $MCP_SESSION_IDLE"
"$BIN/sessions" "http://$PROXY_LISTEN/mcp/stateful" --upstream "$stateful" --pid "$(pid_of proxy)" \
    --sessions "$sessions" ${mode:+"$mode"}
