//! Whatever is folded and whatever is not: the sums are those of what happened.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Duration, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::{Rebuilt, fold, rebuild};
use crate::{
    id::{ApiKeyId, TeamId, UserId},
    service::retention,
    store::{
        costs::{self, Totals},
        dimensions::{Dimensions, Visible},
        metrics::{self, Rank, Ranking},
        page::{Count, Page, SortKey, Start, TimeRange},
        rollups::{self, Kind},
        traces::Stats,
    },
    testing::{TestApp, calls::Call},
};

mod dice;

use dice::Dice;

impl Call {
    fn without_cost_of_children(self) -> Self {
        let cost_usd = self.cost_usd.filter(|_| self.is_root);
        Self { cost_usd, ..self }
    }

    fn passes(&self, filter: &Dimensions) -> bool {
        let named = |names: &Option<Vec<String>>, name: &str| {
            names.as_ref().is_none_or(|all| all.iter().any(|one| one == name))
        };
        let user = self.user_id.map(UserId);
        let (team, api_key) = (self.team_id.map(TeamId), self.api_key_id.map(ApiKeyId));
        named(&filter.mcp_server, self.mcp_server)
            && named(&filter.tool_name, self.tool_name)
            && filter.team_id.as_ref().is_none_or(|all| team.is_some_and(|team| all.contains(&team)))
            && filter.api_key_id.as_ref().is_none_or(|all| api_key.is_some_and(|key| all.contains(&key)))
            && filter.user_id.as_ref().is_none_or(|all| user.is_some_and(|user| all.contains(&user)))
            && filter.visible.iter().all(|visible| visible.includes(user, None, None, self.mcp_server))
    }

    fn cost(&self) -> Decimal {
        self.cost_usd.map_or(Decimal::ZERO, |cost| cost.parse().unwrap())
    }
}

impl Visible {
    fn all() -> Self {
        Self { everything: true, ..Self::default() }
    }
}

type Span = (DateTime<Utc>, DateTime<Utc>);

/// The root spans among them.
fn within<'a>(calls: &'a [Call], filter: &Dimensions, (start, end): Span) -> Vec<&'a Call> {
    let within = |call: &&Call| call.is_root && start <= call.started_at && call.started_at < end;
    calls.iter().filter(within).filter(|call| call.passes(filter)).collect()
}

fn expected_stats(calls: &[&Call]) -> (i64, [usize; 5], i64, Decimal, Option<i64>) {
    let with = |status| calls.iter().filter(|call| call.status == status).count();
    let counts = ["success", "error", "timeout", "blocked", "cancelled"].map(with);
    let requests = calls.len() as i64;
    let durations: i64 = calls.iter().map(|call| call.duration_ms).sum();
    let average = (requests > 0).then(|| (durations as f64 / requests as f64).round() as i64);
    (requests, counts, 30 * requests, calls.iter().map(|call| call.cost()).sum(), average)
}

fn told_stats(stats: &Stats) -> (i64, [usize; 5], i64, Decimal, Option<i64>) {
    let counts = [
        stats.success_count,
        stats.error_count,
        stats.timeout_count,
        stats.blocked_count,
        stats.cancelled_count,
    ];
    let counts = counts.map(|count| usize::try_from(count).unwrap());
    let tokens = stats.input_tokens + stats.output_tokens;
    (stats.total_requests, counts, tokens, stats.total_cost, stats.avg_duration_ms)
}

fn is_near(calls: &[&Call], percentage: usize, told: Option<i32>) -> bool {
    let mut durations: Vec<_> = calls.iter().map(|call| call.duration_ms).collect();
    durations.sort_unstable();
    let place = (durations.len() * percentage).div_ceil(100);
    match (durations.get(place.saturating_sub(1)), told) {
        (None, None) => true,
        (Some(exact), Some(told)) => {
            let off = (exact - i64::from(told)).abs();
            off <= 1 || off * 10 <= *exact
        }
        _ => false,
    }
}

fn expected_totals(calls: &[&Call]) -> Totals {
    let charged: Vec<_> = calls.iter().filter(|call| call.cost_usd.is_some()).collect();
    let requests = charged.len() as i64;
    Totals {
        total_cost: charged.iter().map(|call| call.cost()).sum(),
        total_requests: requests,
        input_tokens: 10 * requests,
        output_tokens: 20 * requests,
    }
}

async fn compare(app: &TestApp, calls: &[Call], filter: &Dimensions, span: Span) {
    let mut tx = app.app.database.tenant(app.org).await.unwrap();
    let what = format!("{span:?} {filter:?}");
    let happened = within(calls, filter, span);
    let stats = metrics::stats(&mut tx, app.org, filter, span).await.unwrap();
    assert_eq!(told_stats(&stats), expected_stats(&happened), "{what}");
    for (percentage, told) in
        [(50, stats.p50_duration_ms), (95, stats.p95_duration_ms), (99, stats.p99_duration_ms)]
    {
        assert!(is_near(&happened, percentage, told), "p{percentage} is not {told:?}: {what}");
    }
    let totals = costs::totals(&mut tx, app.org, filter, span).await.unwrap();
    assert_eq!(totals, expected_totals(&happened), "{what}");

    compare_servers(&mut tx, app, calls, filter, span).await;
    compare_points(&mut tx, app, calls, filter, span).await;
    for by in [Kind::Organization, Kind::Server, Kind::Tool, Kind::Team, Kind::User, Kind::ApiKey] {
        let told = shares(&mut tx, app, by, filter, span).await;
        assert_eq!(told, expected_shares(&happened, by), "{by:?} {what}");
    }
    let days = costs::by_day(&mut tx, app.org, filter, span.0, span.1).await.unwrap();
    assert_eq!(days.iter().map(|day| day.totals.total_cost).sum::<Decimal>(), totals.total_cost, "{what}");
}

/// What each group was charged, dearest first; of equal ones the one with fewer calls.
fn expected_shares(calls: &[&Call], by: Kind) -> Vec<Totals> {
    let mut groups: BTreeMap<String, Vec<&Call>> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.cost_usd.is_some()) {
        let group = match by {
            Kind::Organization => String::new(),
            Kind::Server => call.mcp_server.to_owned(),
            Kind::Tool => format!("{}/{}", call.mcp_server, call.tool_name),
            Kind::Team => format!("{:?}", call.team_id),
            Kind::User => format!("{:?}", call.user_id),
            Kind::ApiKey => format!("{:?}", call.api_key_id),
        };
        groups.entry(group).or_default().push(call);
    }
    dearest_first(groups.values().map(|calls| expected_totals(calls)).collect())
}

fn dearest_first(mut shares: Vec<Totals>) -> Vec<Totals> {
    shares.sort_by_key(|share| (Reverse(share.total_cost), share.total_requests));
    shares
}

async fn compare_servers(
    conn: &mut PgConnection,
    app: &TestApp,
    calls: &[Call],
    filter: &Dimensions,
    span: Span,
) {
    let ranking = Ranking { rank: Rank::Requests, descending: true, limit: 50 };
    let servers = metrics::servers(conn, app.org, filter, span, &ranking).await.unwrap();
    let happened = within(calls, filter, span);
    let all: i64 = servers.iter().map(|server| server.requests).sum();
    assert_eq!(all, happened.len() as i64, "{span:?} {filter:?}");
    for server in servers {
        let of_it: Vec<_> =
            happened.iter().copied().filter(|call| call.mcp_server == server.mcp_server).collect();
        let failed = of_it.iter().filter(|call| ["error", "timeout"].contains(&call.status)).count();
        assert_eq!((server.requests, server.errors), (of_it.len() as i64, failed as i64));
        assert_eq!(server.cost, of_it.iter().map(|call| call.cost()).sum::<Decimal>());
    }
}

async fn compare_points(
    conn: &mut PgConnection,
    app: &TestApp,
    calls: &[Call],
    filter: &Dimensions,
    (start, end): Span,
) {
    let step = match end - start {
        short if short < Duration::hours(3) => Duration::minutes(1),
        middle if middle < Duration::days(4) => Duration::hours(1),
        _ => Duration::days(1),
    };
    let points = metrics::points(conn, app.org, filter, (start, end), step).await.unwrap();
    for point in points {
        let part = (point.time.max(start), (point.time + step).min(end));
        let happened = within(calls, filter, part);
        let cost: Decimal = happened.iter().map(|call| call.cost()).sum();
        assert_eq!((point.requests, point.cost), (happened.len() as i64, cost), "{part:?} {filter:?}");
        assert!(is_near(&happened, 95, point.p95_ms), "{part:?}");
    }
}

async fn shares(
    conn: &mut PgConnection,
    app: &TestApp,
    by: Kind,
    filter: &Dimensions,
    span: Span,
) -> Vec<Totals> {
    let sort = SortKey { name: "total_cost", sql: "g.total_cost", cast: "numeric" };
    let page = Page {
        limit: 200,
        start: Start::First,
        sort,
        descending: true,
        count: Count::Exact,
        range: TimeRange::default(),
        range_sql: sort.sql,
    };
    let found = costs::shares(conn, app.org, &page, by, filter, span).await.unwrap();
    assert_eq!(found.total, Some(found.rows.len() as i64));
    dearest_first(found.rows.into_iter().map(|share| share.totals).collect())
}

#[tokio::test]
async fn sums_are_those_of_the_calls_however_much_of_them_is_folded() {
    let app = TestApp::start().await;
    let (mut dice, now) = (Dice(7), Utc::now());
    let mut calls = Vec::new();
    for round in 0..5 {
        let more: Vec<_> = (0..150).map(|_| dice.call(now)).collect();
        app.record(&more).await;
        calls.extend(more);
        // Of the last round nothing, of the one before a part, as when it is interrupted.
        match round {
            0..3 => assert!(fold(&app.app).await.unwrap() > 0),
            3 => {
                let mut tx = app.app.database.worker().await.unwrap();
                assert_eq!(rollups::fold(&mut tx, 50).await.unwrap(), 50);
                tx.commit().await.unwrap();
            }
            _ => {}
        }
        for _ in 0..12 {
            let (one, other) = (dice.time(now), dice.time(now));
            let span =
                if one == other { (one, one + Duration::hours(1)) } else { (one.min(other), one.max(other)) };
            compare(&app, &calls, &dice.filter(), span).await;
        }
        compare(&app, &calls, &dice.filter(), (now - Duration::days(30), Utc::now())).await;
    }
}

#[tokio::test]
async fn two_who_fold_while_calls_are_recorded_count_each_once() {
    let app = Arc::new(TestApp::start().await);
    let now = Utc::now();
    let folding = |most: i64| {
        let app = Arc::clone(&app);
        async move {
            let (mut folded, mut turns) = (0, 0);
            while folded < 600 {
                let mut tx = app.app.database.worker().await.unwrap();
                let taken = rollups::fold(&mut tx, most).await.unwrap();
                turns += 1;
                if turns % 3 == 0 {
                    // As if it had been killed.
                    tx.rollback().await.unwrap();
                    continue;
                }
                tx.commit().await.unwrap();
                folded += taken;
                let mut tx = app.app.database.worker().await.unwrap();
                let all: Decimal = sqlx::query_scalar("select coalesce(sum(requests), 0) from rollup_day")
                    .fetch_one(&mut *tx)
                    .await
                    .unwrap();
                if all == Decimal::from(600) {
                    break;
                }
            }
        }
    };
    let recording = async {
        let mut dice = Dice(3);
        let mut calls = Vec::new();
        for _ in 0..20 {
            let more: Vec<_> = (0..30).map(|_| Call { is_root: true, ..dice.call(now) }).collect();
            app.record(&more).await;
            calls.extend(more);
        }
        calls
    };
    let (calls, (), ()) = tokio::join!(recording, folding(17), folding(23));
    let everything = Dimensions { visible: vec![Visible::all()], ..Dimensions::default() };
    compare(&app, &calls, &everything, (now - Duration::days(30), Utc::now())).await;
    let mut tx = app.app.database.worker().await.unwrap();
    let pending: i64 =
        sqlx::query_scalar("select count(*) from rollup_pending").fetch_one(&mut *tx).await.unwrap();
    assert_eq!(pending, 0);
}

#[tokio::test]
async fn a_day_summed_anew_is_what_it_was_and_one_without_spans_stays() {
    let app = TestApp::start().await;
    let (mut dice, now) = (Dice(11), Utc::now());
    let calls: Vec<_> = (0..200).map(|_| dice.call(now)).collect();
    app.record(&calls).await;
    fold(&app.app).await.unwrap();
    app.record(&calls[..50]).await;
    let calls: Vec<_> = calls.iter().chain(&calls[..50]).cloned().collect();

    let today = now.date_naive();
    assert!(matches!(rebuild(&app.app, app.org, today).await.unwrap(), Rebuilt::From(spans) if spans > 0));
    let everything = Dimensions { visible: vec![Visible::all()], ..Dimensions::default() };
    compare(&app, &calls, &everything, (now - Duration::days(30), Utc::now())).await;

    let before = now - Duration::days(6);
    let mut tx = app.app.database.worker().await.unwrap();
    sqlx::query("delete from traces where started_at < $1").bind(before).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    for days in 7..12 {
        let day = today - Duration::days(days);
        assert_eq!(rebuild(&app.app, app.org, day).await.unwrap(), Rebuilt::NotAnyMore);
    }
    let midnight = |days| (today - Duration::days(days)).and_time(chrono::NaiveTime::MIN).and_utc();
    let mut tx = app.app.database.tenant(app.org).await.unwrap();
    let span = (midnight(12), midnight(6));
    let stats = metrics::stats(&mut tx, app.org, &everything, span).await.unwrap();
    assert_eq!(
        stats.total_requests,
        within(&calls, &everything, span).len() as i64,
        "spans are gone, sums stay"
    );
}

#[tokio::test]
async fn minutes_that_are_deleted_are_not_missed() {
    let app = TestApp::start().await;
    let (mut dice, now) = (Dice(5), Utc::now());
    let calls: Vec<_> = (0..300).map(|_| dice.call(now)).collect();
    app.record(&calls).await;
    fold(&app.app).await.unwrap();
    let report = retention::purge(&app.app, now).await.unwrap();
    assert!(report.rows[&app.org].contains_key("rollup_minute"), "{report:?}");
    let everything = Dimensions { visible: vec![Visible::all()], ..Dimensions::default() };
    for _ in 0..20 {
        let start = now - Duration::days(12) + Duration::seconds(dice.roll(400_000) as i64);
        compare(&app, &calls, &everything, (start, start + Duration::seconds(dice.roll(700_000) as i64 + 1)))
            .await;
    }
}

/// The short form of `./dev soak rollups`.
#[tokio::test]
async fn a_generated_day_is_told_alike_by_rows_sums_answers_and_exports() {
    const CALLS: i64 = 20_000;
    let app = TestApp::start().await;
    let day = Utc::now().date_naive() - Duration::days(1);
    let mut tx = app.app.database.worker().await.unwrap();
    sqlx::raw_sql(include_str!("../../../../scripts/bench/generate.sql")).execute(&mut *tx).await.unwrap();
    for late in [false, true] {
        let made: i64 = sqlx::query_scalar("select pg_temp.generate_calls($1, $2, $3, $4)")
            .bind(app.org)
            .bind(day)
            .bind(CALLS)
            .bind(late)
            .fetch_one(&mut *tx)
            .await
            .unwrap();
        assert_eq!(made, if late { CALLS / 20 } else { CALLS - CALLS / 20 });
    }
    tx.commit().await.unwrap();
    assert_eq!(fold(&app.app).await.unwrap() as i64, CALLS);

    let mut tx = app.app.database.worker().await.unwrap();
    let rows: Value = sqlx::query_scalar(
        "select jsonb_build_object('total_requests', count(*), 'input_tokens', sum(input_tokens),
            'output_tokens', sum(output_tokens), 'total_cost', sum(cost_usd)::text,
            'p50_duration_ms', percentile_disc(0.5) within group (order by duration_ms),
            'p95_duration_ms', percentile_disc(0.95) within group (order by duration_ms),
            'p99_duration_ms', percentile_disc(0.99) within group (order by duration_ms))
         from traces where is_root",
    )
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    let range = format!("start_time={day}T00:00:00Z&end_time={}T00:00:00Z", day + Duration::days(1));
    let stats = app.get(&format!("/v1/traces/stats?{range}")).await.expect(200);
    for field in ["total_requests", "input_tokens", "output_tokens", "total_cost"] {
        assert_eq!(stats[field], rows[field], "{field}");
    }
    for field in ["p50_duration_ms", "p95_duration_ms", "p99_duration_ms"] {
        let (told, exact) = (stats[field].as_f64().unwrap(), rows[field].as_f64().unwrap());
        assert!((told - exact).abs() <= 0.1 * exact, "{field} is told as {told} and is {exact}");
    }

    let summary = app.get(&format!("/v1/costs/summary?{range}")).await.expect(200);
    let csv = app.get(&format!("/v1/costs/export?{range}")).await.text;
    let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let place = |name| header.iter().position(|column| *column == name).unwrap();
    let (asked, answered, cost) = (place("input_tokens"), place("output_tokens"), place("cost_usd"));
    let (mut count, mut tokens, mut money) = (0_i64, [0_i64; 2], Decimal::ZERO);
    for line in lines {
        count += 1;
        tokens[0] += line[asked].parse::<i64>().unwrap();
        tokens[1] += line[answered].parse::<i64>().unwrap();
        money += line[cost].parse::<Decimal>().unwrap();
    }
    assert!(count < CALLS, "what was blocked cost nothing");
    assert_eq!(summary["total_requests"], json!(count));
    assert_eq!([&summary["input_tokens"], &summary["output_tokens"]], [&json!(tokens[0]), &json!(tokens[1])]);
    assert_eq!(summary["total_cost"], json!(money.to_string()));
    assert_eq!(summary["total_cost"], rows["total_cost"]);
}
