#!/bin/sh
# rollups.sh [CALLS=1000000]
# A day of so many calls, one in twenty of them late. The product folds them, and then the sums, the rows, what REST says
# and what it exports are the same: counts, tokens and money exactly, percentiles within 10 %.
set -eu
# shellcheck source=scripts/bench/stack.sh
. "$(dirname "$0")/../bench/stack.sh"
calls=${1:-1000000}
day=$(date -u -d yesterday +%F)
next=$(date -u +%F)

get() { curl --noproxy '*' -sS -m 120 -H "Authorization: Bearer $BOOTSTRAP_API_KEY" "$(url_of "$CONTROL_LISTEN")$1"; }
# field NAME JSON: a number or a text of the answer's first level.
field() { printf %s "$2" | sed -n "s/.*\"$1\":\"\{0,1\}\([0-9.]*\).*/\1/p"; }
near() { sql "select abs($1 - $2) <= greatest(1, 0.1 * $2)" | grep -qx t; }

# What happened from $1 until before $2, from single rows.
rows() {
    sql "select concat_ws(' ', count(*), count(*) filter (where status = 'error'), count(*) filter (where status = 'timeout'),
            count(*) filter (where status = 'blocked'), count(*) filter (where status = 'cancelled'), sum(input_tokens),
            sum(output_tokens), sum(cost_usd))
         from traces where is_root and started_at >= '$1' and started_at < '$2'"
}
rest_of() {
    stats=$(get "/v1/traces/stats?start_time=$1&end_time=$2")
    for name in total_requests error_count timeout_count blocked_count cancelled_count input_tokens output_tokens total_cost; do
        printf '%s ' "$(field $name "$stats")"
    done | sed 's/ $//'
}
same() { [ "$2" = "$3" ] || { say "$1: $2, not $3"; return 1; }; }

open_stack
await_folding 600
say "- a day of $calls calls, without the late ones"
generate "$day" "$calls" false >/dev/null
await_folding 600
say "- the late ones"
generate "$day" "$calls" true >/dev/null
await_folding 600

start=${day}T00:00:00Z end=${next}T00:00:00Z
happened=$(rows "$start" "$end")
say "calls, errors, timeouts, blocked, cancelled, tokens in and out, USD: $happened"
expect "there are $calls calls" [ "${happened%% *}" = "$calls" ]
for table in rollup_minute rollup_server_hour rollup_server_day rollup_hour rollup_day; do
    sums=$(sql "select concat_ws(' ', sum(requests), sum(errors), sum(timeouts), sum(blocked), sum(cancelled),
                   sum(input_tokens), sum(output_tokens), sum(cost_usd))
                from $table where bucket >= '$start' and bucket < '$end'")
    expect "$table has the same" same "$table" "$sums" "$happened"
done
for table in rollup_share_hour rollup_share_day; do
    shares=$(sql "select distinct concat_ws(' ', sum(requests), sum(errors), sum(timeouts), sum(blocked), sum(cancelled),
                      sum(input_tokens), sum(output_tokens), sum(cost_usd))
                  from $table where bucket >= '$start' and bucket < '$end' group by kind")
    expect "$table has the same of each kind" same "$table" "$shares" "$happened"
done
expect "REST says the same" same stats "$(rest_of "$start" "$end")" "$happened"
ragged=${day}T01:23:45.678Z until=${day}T17:48:12.5Z
expect "and of a part of the day" same part "$(rest_of "$ragged" "$until")" "$(rows "$ragged" "$until")"

charged=$(sql "select concat_ws(' ', count(*), sum(input_tokens), sum(output_tokens), sum(cost_usd)) from costs
               where created_at >= '$start' and created_at < '$end'")
summary=$(get "/v1/costs/summary?start_time=$start&end_time=$end")
expect "the cost summary is the sum of the cost rows" same summary "$charged" \
    "$(field total_requests "$summary") $(field input_tokens "$summary") $(field output_tokens "$summary") $(field total_cost "$summary")"
exported=$(get "/v1/costs/export?start_time=$start&end_time=$end" | tr -d '\r' | awk -F, '
    NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
    { rows++; asked += $column["input_tokens"]; answered += $column["output_tokens"]; sub(/\./, "", $column["cost_usd"])
      money += $column["cost_usd"] }
    # Not %d: some awks stop at 31 bits.
    END { printf "%d %.0f %.0f %.0f.%06.0f", rows, asked, answered, int(money / 1000000), money % 1000000 }')
expect "the CSV export adds up to the same" same export "$exported" "$charged"

stats=$(get "/v1/traces/stats?start_time=$start&end_time=$end")
for percentage in 50 95 99; do
    exact=$(sql "select percentile_disc($percentage / 100.0) within group (order by duration_ms) from traces
                 where is_root and started_at >= '$start' and started_at < '$end'")
    told=$(field "p${percentage}_duration_ms" "$stats")
    expect "p$percentage is told as $told ms and is $exact ms" near "$told" "$exact"
done
verdict
