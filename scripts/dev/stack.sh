# shellcheck shell=sh
# The product on this machine: up, down, status, logs, restart, kill.

dev_up() {
    detach='' fresh='' sso=''
    for option in "$@"; do
        case $option in
            --detach) detach=yes ;;
            --fresh) fresh=yes ;;
            --sso) sso=yes ;;
            *) die "up knows --detach, --fresh and --sso, not $option" ;;
        esac
    done
    up_began=$(seconds)
    one_at_a_time
    [ -z "$fresh" ] || wipe
    decide_sso
    [ -z "$(running)" ] || recall_given
    if everything_runs; then
        load_all
        say "already up; ./dev restart NAME takes a new build"
        print_screen
        return
    fi

    install_for up
    use_node
    npm_packages demo
    ! with_sso || npm_packages tests/idp
    build
    build_dashboard
    load_all
    make_api_key
    . "$DEV_DIR/secrets"
    [ -n "$(running)" ] || remember_given
    refuse_taken_ports
    start_missing
    ! with_sso || step "making the control plane trust the identity provider" join_idp
    write_env
    wait_first_call
    say "up after $(($(seconds) - up_began)) s"
    print_screen
    exec 9>&- # others may come now
    if [ -n "$detach" ]; then
        trap - EXIT INT TERM HUP
    else
        watch_over
    fi
}

# Two `up` at once would fight over the same ports and data.
one_at_a_time() {
    mkdir -p "$DEV_DIR"
    have flock || return 0
    exec 9>"$DEV_DIR/lock"
    flock -n 9 || die "another ./dev up is at work in $DEV_DIR"
}

load_all() {
    load_settings
    load_store_urls
}

# A stack that runs keeps what it has; --sso adds the provider, of which the control plane hears only when it starts.
decide_sso() {
    if [ -n "$sso" ]; then
        with_sso || stop control-plane
        : >"$DEV_DIR/sso"
    elif [ -z "$(running)" ]; then
        rm -f "$DEV_DIR/sso"
    fi
    ! with_sso || SERVICES=$SERVICES_WITH_SSO
}

join_idp() {
    ISSUER=$GATEWAYOPS_IDP_URL GATEWAYOPS_URL=$GATEWAYOPS_URL GATEWAYOPS_API_KEY=$BOOTSTRAP_API_KEY NO_PROXY='*' \
        tests/idp/run join.mjs
}

# With BUILT the binaries are taken as they are: a test runs on what was built for it.
build() {
    [ -z "${BUILT:-}" ] || return 0
    say "- cargo build"
    build_began=$(seconds)
    cargo build --workspace --locked </dev/null || die "the build failed"
    say "  $(($(seconds) - build_began)) s"
}

running() {
    for name in $SERVICES; do ! alive "$name" || echo "$name"; done
}

everything_runs() {
    [ -e "$DEV_DIR/env" ] || return 1
    for name in $SERVICES; do
        ! ours "$name" || alive "$name" || return 1
    done
}

start_missing() {
    began_here=
    trap 'stop_what_began' EXIT
    trap 'exit 130' INT TERM HUP
    for name in $SERVICES; do
        if ! ours "$name" || alive "$name"; then continue; fi
        say "- starting $name"
        began_here="$name $began_here"
        rotate_log "$name"
        start_service "$name"
    done
}

rotate_log() { [ ! -s "$(log_of "$1")" ] || mv "$(log_of "$1")" "$(log_of "$1").old"; }

stop_what_began() {
    trap '' INT TERM HUP # once is enough
    [ -z "$began_here" ] || say "stopping: $began_here"
    for name in $began_here; do stop "$name"; done
}

wait_first_call() {
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        first_call && return
        sleep 1
    done
    curl_line | no_proxy='*' sh >&2 || :
    die "everything runs, but a call through the gateway fails; logs: $(log_of proxy) $(log_of control-plane)"
}

# In the foreground: a child that dies is reported, the others go on; Ctrl-C stops them all.
watch_over() {
    trap 'exit 0' INT TERM HUP
    say "Ctrl-C stops everything; the data stays in $DEV_DIR"
    while :; do
        sleep 1 >/dev/null 2>&1 &
        wait $! || :
        left=
        for name in $SERVICES; do
            noted "$name" || continue # stopped on purpose
            if alive "$name"; then
                left=yes
                continue
            fi
            forget "$name"
            tail -n 5 "$(log_of "$name")" >&2
            say "$name died; log: $(log_of "$name"); ./dev restart $name starts it again" >&2
        done
        [ -n "$left" ] || { say "nothing runs any more"; exit 0; }
    done
}

dev_down() {
    stopped=
    for name in proxy control-plane idp demo everything redis postgres; do
        ! alive "$name" || stopped="$stopped $name"
        stop "$name"
    done
    say "stopped:${stopped:- nothing, nothing ran}"
}

wipe() {
    dev_down
    for store in postgres redis; do drop_store "$store"; done
    rm -rf "$DEV_DIR/proxy" "$DEV_DIR/env"
    private_postgres up || say "--fresh leaves the given DATABASE_URL as it is"
    private_redis up || say "--fresh leaves the given REDIS_URL as it is"
}

dev_status() {
    recall_given
    [ -e "$DEV_DIR/secrets" ] || die "nothing was started in $DEV_DIR yet: ./dev up"
    load_settings
    . "$DEV_DIR/ports"
    status=0
    for name in $SERVICES; do
        ours "$name" || continue
        if alive "$name"; then
            ports=$(listeners_of "$name" | sed 's/.* //' | tr '\n' ' ')
            printf '%-14s up    pid %-8s port %s\n' "$name" "$(pid_of "$name")" "$ports"
        else
            status=1
            printf '%-14s down  log %s\n' "$name" "$(log_of "$name")"
        fi
    done
    return $status
}

dev_logs() {
    [ $# -gt 0 ] || die "which one? $SERVICES"
    log=$(log_of "$1")
    [ -e "$log" ] || die "no log of $1 in $DEV_DIR/logs; there are: $(running | tr '\n' ' ')"
    if [ "${2:-}" = -f ]; then exec tail -n 100 -F "$log"; else exec tail -n 1000 "$log"; fi
}

dev_restart() {
    recall_given
    [ -e "$DEV_DIR/secrets" ] || die "nothing was started in $DEV_DIR yet: ./dev up"
    load_settings
    use_node
    for name in "$@"; do
        stop "$name"
        load_store_urls
        start_service "$name"
        say "$name restarted, pid $(pid_of "$name")"
    done
}

dev_kill() {
    for name in "$@"; do
        alive "$name" || die "$name does not run"
        read -r pid start <"$DEV_DIR/pids/$name"
        forget "$name" # on purpose: whoever watches need not report it
        kill -9 "$pid"
        while [ "$(started "$pid")" = "$start" ]; do sleep 0.05; done
    done
}
