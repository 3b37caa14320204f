# shellcheck shell=sh
# Processes by name: a log in $DEV_DIR/logs, a pid in $DEV_DIR/pids. A pid counts only with the start time it was
# noted with, so that after a crash or a reboot no stranger is taken for ours.

log_of() { echo "$DEV_DIR/logs/$1.log"; }

# spawn NAME COMMAND...: in a session of its own, so that Ctrl-C reaches ./dev alone, which then stops things in order.
spawn() {
    spawn_name=$1
    shift
    mkdir -p "$DEV_DIR/logs" "$DEV_DIR/pids"
    own_session=
    ! have setsid || own_session=setsid
    $own_session "$@" </dev/null >>"$(log_of "$spawn_name")" 2>&1 9>&- &
    echo "$! $(started "$!")" >"$DEV_DIR/pids/$spawn_name"
}

# started PID: its start time in ticks since boot; nothing when it is gone or a zombie. While any of its threads still
# ends, a zombie holds its ports.
started() (
    [ -d /proc/self ] || { kill -0 "$1" 2>/dev/null && echo unknown; return; }
    pid=$1
    stat=$(cat "/proc/$pid/stat" 2>/dev/null) || return 0
    # shellcheck disable=SC2086 # proc(5): after the name in parentheses come state (3) ... starttime (22)
    set -- ${stat##*) }
    case $1 in Z | X) [ -n "$(threads_beside "$pid")" ] || return 0 ;; esac
    echo "${20}"
)

threads_beside() { ls "/proc/$1/task" 2>/dev/null | grep -vx "$1"; }

pid_of() { cut -d' ' -f1 "$DEV_DIR/pids/$1" 2>/dev/null; }
noted() { [ -e "$DEV_DIR/pids/$1" ]; }
forget() { rm -f "$DEV_DIR/pids/$1"; }

alive() (
    [ -e "$DEV_DIR/pids/$1" ] || return 1
    read -r pid start <"$DEV_DIR/pids/$1" || return 1
    [ -n "$start" ] && [ "$(started "$pid")" = "$start" ]
)

# signalled NAME SIGNAL SECONDS: whether it was gone within that time.
signalled() {
    kill "-$2" "$(pid_of "$1")" 2>/dev/null || :
    signalled_at=$(seconds)
    while alive "$1"; do
        [ $(($(seconds) - signalled_at)) -lt "$3" ] || return 1
        sleep 0.05
    done
}

# stop NAME: politely, then not. Postgres ends its sessions on INT and waits for them on TERM.
stop() {
    alive "$1" || { forget "$1"; return 0; }
    polite=TERM
    [ "$1" != postgres ] || polite=INT
    signalled "$1" "$polite" 45 || {
        say "$1 did not stop in 45 s and is killed; log: $(log_of "$1")"
        signalled "$1" KILL 10 || die "$1 (pid $(pid_of "$1")) cannot be killed"
    }
    forget "$1"
}

# wait_ready NAME SECONDS CHECK...: until the check holds; a child that dies meanwhile is reported at once.
wait_ready() {
    ready_name=$1
    ready_limit=$2
    shift 2
    ready_from=$(seconds)
    until "$@" >/dev/null 2>&1; do
        alive "$ready_name" || {
            forget "$ready_name"
            tail -n 5 "$(log_of "$ready_name")" >&2
            die "$ready_name stopped while starting; log: $(log_of "$ready_name")"
        }
        [ $(($(seconds) - ready_from)) -lt "$ready_limit" ] ||
            die "$ready_name is not ready after $ready_limit s; log: $(log_of "$ready_name")"
        sleep 0.1
    done
}

# http_answers URL: any answer; http_ok URL: a good one. Never through a proxy of the environment.
http_answers() { curl --noproxy '*' -s -m 2 -o /dev/null "$1"; }
http_ok() { curl --noproxy '*' -sf -m 2 -o /dev/null "$1"; }
