# shellcheck shell=sh
# What the developer sees: a line when a step begins, its seconds when it ends, one line when something is wrong.

say() { printf '%s\n' "$*"; }

die() {
    printf 'dev: %s\n' "$*" >&2
    exit 1
}

seconds() { date +%s; }

# step WHAT COMMAND...: runs it quietly; when it fails, the end of what it printed and where the rest is.
step() {
    step_what=$1
    shift
    step_log=$DEV_DIR/logs/steps.log
    mkdir -p "$DEV_DIR/logs"
    step_began=$(seconds)
    say "- $step_what"
    heartbeat "$step_began" &
    step_heartbeat=$!
    step_status=0
    "$@" </dev/null >"$step_log" 2>&1 || step_status=$?
    kill "$step_heartbeat" 2>/dev/null || :
    [ "$step_status" -eq 0 ] || {
        tail -n 20 "$step_log" >&2
        die "failed: $step_what; log: $step_log"
    }
    say "  $(($(seconds) - step_began)) s"
}

heartbeat() {
    while sleep 15 >/dev/null 2>&1 9>&-; do
        say "  … $(($(seconds) - $1)) s"
        kill -0 $$ 2>/dev/null || exit 0
    done
}
