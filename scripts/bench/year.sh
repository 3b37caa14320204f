# shellcheck shell=sh
# What people see after a quarter of a year of traffic: pages, the newest call, and a day that goes. Sourced by bench.sh.

DAYS=90
# A tenth of the calls have a span more.
calls_a_day() { echo $((year_spans * 11 / 12 / DAYS)); }
days_ago() { date -u -d "$1 days ago" +%F; }

phase_year() {
    say "- $year_spans spans of $DAYS days"
    fill_year
    await_folding 3600
    phase_folding
    as_owner 'vacuum (analyze)'
    printf '{"phase":"year-size","target":"database","calls":%s}\n' "$(sql 'select count(*) from traces')" | tee -a "$results"
    say "- 20 people at the pages, $looked s at each, who look at an answer for a second"
    questions | "$BIN/readers" "$(url_of "$CONTROL_LISTEN")" --users 20 --seconds "$looked" >"$DEV_DIR/readers" ||
        die "a page is not answered; log: $(log_of control-plane)"
    tee -a "$results" <"$DEV_DIR/readers"
    phase_opened
    phase_visible
    phase_drop
}

# Straight into the tables, two days at a time, and the product folds them: how spans get there otherwise is measured by
# ingest.
fill_year() {
    filled=$DAYS
    while [ "$filled" -gt 0 ]; do
        fill_day "$filled" &
        other=$!
        fill_day $((filled - 1))
        wait "$other" || die "a day cannot be made"
        filled=$((filled - 2))
        [ $((filled % 10)) -ne 0 ] || say "  $filled days are still to come, $(pending_spans) spans to be folded"
    done
}

fill_day() {
    generate "$(days_ago "$1")" "$(calls_a_day)" false >/dev/null
    generate "$(days_ago "$1")" "$(calls_a_day)" true >/dev/null
}

# A minute's calls, which came while the control plane stood still, and are folded afterwards.
phase_folding() {
    kill -STOP "$(pid_of control-plane)"
    generate "$(days_ago 0)" "$folded" false "interval '1 minute'" >/dev/null
    kill -CONT "$(pid_of control-plane)"
    await_folding 600
    printf '{"phase":"folding","calls":%s,"spans_per_second":%s}\n' "$waiting" $((waiting * 1000 / took)) | tee -a "$results"
}

as_owner() {
    PGPASSWORD=$POSTGRES_PASSWORD "$(postgres_bin)/psql" -h 127.0.0.1 -p "$POSTGRES_PORT" -U gatewayops -d gatewayops \
        -AtqX -v ON_ERROR_STOP=1 -c "$1"
}

# What the pages ask, over a day, a week, a month and all there is.
questions() {
    start=$(days_ago $DAYS)T00:00:00Z
    somebody=$(sql "select user_id from traces where user_id is not null order by started_at desc limit 1")
    key=$(sql "select api_key_id from traces where api_key_id is not null order by started_at desc limit 1")
    one=$(sql "select trace_id from traces where is_root order by started_at desc limit 1 offset 1000")
    for range in period=day period=week period=month "start_time=$start"; do
        for page in metrics/overview metrics/requests-chart metrics/top-servers costs/summary costs/daily costs/by-server \
            costs/by-team costs/by-user costs/by-tool costs/by-key traces/stats; do
            echo "$page /v1/$page?$range"
        done
        echo "metrics/requests-chart /v1/metrics/requests-chart?$range&mcp_server=server-3"
        echo "costs/daily /v1/costs/daily?$range&mcp_server=server-3"
        echo "traces/stats /v1/traces/stats?$range&mcp_server=server-3&tool_name=tool-1"
        echo "traces /v1/traces?$range&limit=50"
        for filter in status=error mcp_server=server-3 tool_name=tool-1 "user_id=$somebody" "api_key_id=$key" \
            mcp_server=server-3\&status=timeout min_duration_ms=10000 q=tool-7; do
            echo "traces?… /v1/traces?$range&limit=50&$filter"
        done
        echo "costs /v1/costs?$range&limit=50"
    done
    echo "metrics/recent-traces /v1/metrics/recent-traces"
    echo "traces/{id} /v1/traces/$one"
}

# Somebody opens the dashboard, in a real browser.
phase_opened() {
    say "- the overview is opened"
    run=$(BASE_URL=$(url_of "$CONTROL_LISTEN") LOGIN_EMAIL=$BOOTSTRAP_ADMIN_EMAIL LOGIN_PASSWORD=$BOOTSTRAP_ADMIN_PASSWORD \
        node dashboard/e2e/opened.mjs) || die "the overview cannot be opened"
    say "$run"
    printf '%s\n' "$run" >>"$results"
}

# A call is answered: from when on does the live stream tell of it, and is it read over REST?
phase_visible() {
    say "- how soon a call is seen, at 2,000 calls a second"
    begin_load --connections 64 --rate 2000 --warm-up 1 --duration "$looked_on"
    run=$("$BIN/visible" --rest "$(url_of "$CONTROL_LISTEN")" --mcp "$(gateway_url)" --tries "$seen") ||
        die "a call is not seen"
    end_load
    say "$run"
    printf '%s\n' "$run" >>"$results"
}

phase_drop() {
    oldest=$(days_ago $DAYS)
    partition=traces_$(echo "$oldest" | tr -d -)
    held=$(sql "select count(*) from $partition")
    drop_began=$(date +%s%N)
    fate=$(sql "select drop_partition('traces', '$partition', '$(days_ago $((DAYS - 1)))')")
    micros=$((($(date +%s%N) - drop_began) / 1000))
    [ "$fate" = dropped ] || die "$partition is $fate"
    printf '{"phase":"drop","target":"day","calls":%s,"p99_us":%s}\n' "$held" "$micros" | tee -a "$results"
}
