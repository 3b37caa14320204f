//! What budgets count is what their calls cost: to the last digit, whatever comes twice, late or at the same moment, and
//! whatever is decided about budgets meanwhile.

use std::sync::atomic::{AtomicU64, Ordering};

use futures::future::join_all;

use super::*;
use crate::ingest::batch::Writer;
use crate::ingest::parse::{Event, Received};

/// Numbers that look drawn, the same in every run.
struct Dice(AtomicU64);

impl Dice {
    fn below(&self, most: u64) -> u64 {
        let drawn = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        let mixed = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33) % most
    }
}

/// An organization whose calls are written by several writers.
struct House {
    test: TestApp,
    writer: Writer,
    dice: Dice,
    team: Uuid,
    user: Uuid,
    key: Uuid,
    server: Uuid,
}

impl House {
    async fn open() -> Self {
        let test = TestApp::start().await;
        let user = test.user("ann", None).await;
        let team = test.add_team("a", &[user.0]).await;
        let (key, _) = test.personal_key(user.0).await;
        let writer = Writer::new(test.app.database.clone(), test.app.config.sealer());
        // With a price of its own from long ago; calls to others cost what their proxy said.
        let mut tx = test.app.database.worker().await.unwrap();
        let server: Uuid = sqlx::query_scalar(
            "insert into mcp_servers (org_id, name, url) values ($1, 'files', 'http://files') returning id",
        )
        .bind(test.org)
        .fetch_one(&mut *tx)
        .await
        .unwrap();
        sqlx::query(
            "insert into mcp_server_prices (org_id, server_id, per_call, per_input_token, per_output_token, valid_from)
             values ($1, $2, 0.0070001, 0, 0.0000003, '2020-01-01')",
        )
        .bind(test.org)
        .bind(server)
        .execute(&mut *tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
        Self { test, writer, dice: Dice(AtomicU64::new(7)), team, user: user.0, key, server }
    }

    /// A call of now, or of up to ten weeks ago.
    fn call(&self) -> String {
        let days = [0, 0, 0, 1, 8, 40, 70][usize::try_from(self.dice.below(7)).unwrap()];
        let mut call = span(self.test.org.0, Utc::now() - chrono::Duration::days(days));
        let mut maybe = |field: &str, id: Uuid| {
            if self.dice.below(2) == 0 {
                call[field] = json!(id);
            }
        };
        maybe("team_id", self.team);
        maybe("user_id", self.user);
        maybe("api_key_id", self.key);
        call["mcp_server"] = json!(["files", "github"][usize::try_from(self.dice.below(2)).unwrap()]);
        call["cost_usd"] = json!(format!("0.{:06}", self.dice.below(1_000_000)));
        call.to_string()
    }

    async fn deliver(&self, calls: &[String]) {
        let received = |(place, text)| {
            let span = serde_json::from_str(text).unwrap();
            (place, Received { org_id: self.test.org.0, event: Event::Span(Box::new(span)) })
        };
        let events: Vec<_> = calls.iter().map(String::as_str).enumerate().map(received).collect();
        let refused = self.writer.write(&events, &CancellationToken::new()).await.unwrap();
        assert_eq!(refused, []);
    }

    async fn make(&self, name: String, scope_type: &str, scope: Option<Uuid>, period: &str) -> Value {
        let body = json!({"name": name, "scope_type": scope_type, "scope_id": scope, "amount": "1", "period": period});
        self.test.post("/v1/budgets", body).await.expect(201)
    }

    fn scopes(&self) -> [(&'static str, Option<Uuid>); 5] {
        [
            ("organization", None),
            ("team", Some(self.team)),
            ("user", Some(self.user)),
            ("api_key", Some(self.key)),
            ("server", Some(self.server)),
        ]
    }

    /// Every budget's periods beside the sums of the cost rows it is about.
    async fn counts_and_sums(&self) -> Vec<(Uuid, Vec<Sum>, Vec<Sum>)> {
        type Budget = (Uuid, String, Option<Uuid>, String, DateTime<Utc>);
        let mut tx = self.test.app.database.worker().await.unwrap();
        let budgets: Vec<Budget> =
            sqlx::query_as("select id, scope_type, scope_id, period, counted_from from budgets order by id")
                .fetch_all(&mut *tx)
                .await
                .unwrap();
        let mut all = Vec::new();
        for (id, scope_type, scope, period, counted_from) in budgets {
            let counted: Vec<Sum> = sqlx::query_as(
                "select period_start, used from budget_periods where budget_id = $1 and used > 0 order by 1",
            )
            .bind(id)
            .fetch_all(&mut *tx)
            .await
            .unwrap();
            let unit = match period.as_str() {
                "daily" => "day",
                "weekly" => "week",
                _ => "month",
            };
            let sums: Vec<Sum> = sqlx::query_as(
                "select date_trunc($1, created_at at time zone 'UTC') at time zone 'UTC', sum(cost_usd) from costs
                 where created_at >= $2 and ($3 = 'organization' or $3 = 'team' and team_id = $4
                    or $3 = 'user' and user_id = $4 or $3 = 'api_key' and api_key_id = $4
                    or $3 = 'server' and mcp_server = 'files')
                 group by 1 having sum(cost_usd) > 0 order by 1",
            )
            .bind(unit)
            .bind(counted_from)
            .bind(scope_type)
            .bind(scope)
            .fetch_all(&mut *tx)
            .await
            .unwrap();
            all.push((id, counted, sums));
        }
        all
    }

    async fn number(&self, query: &'static str) -> i64 {
        let mut tx = self.test.app.database.worker().await.unwrap();
        sqlx::query_scalar(query).fetch_one(&mut *tx).await.unwrap()
    }
}

type Sum = (DateTime<Utc>, Decimal);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_budgets_count_is_what_their_calls_cost_whatever_happens_meanwhile() {
    let house = House::open().await;
    for period in ["daily", "weekly", "monthly"] {
        for (scope_type, scope) in house.scopes() {
            house.make(format!("before {scope_type} {period}"), scope_type, scope, period).await;
        }
    }
    // Periods that began before the budgets were made count too.
    house
        .test
        .sql("update budgets set counted_from = date_trunc('month', counted_from - interval '2 months')")
        .await;
    let writers = (0..4).map(|_| async {
        let mut known: Vec<String> = Vec::new();
        for _ in 0..12 {
            let mut batch: Vec<String> = (0..20).map(|_| house.call()).collect();
            // Some come again, within this batch's company.
            batch.extend(known.iter().rev().take(5).cloned());
            house.deliver(&batch).await;
            house.deliver(&batch[..10]).await;
            known = batch;
        }
    });
    let administrator = async {
        for (number, (scope_type, scope)) in house.scopes().iter().cycle().take(15).enumerate() {
            let budget = house.make(format!("during {number}"), scope_type, *scope, "monthly").await;
            let path = format!("/v1/budgets/{}", budget["id"].as_str().unwrap());
            match number % 3 {
                0 => {
                    let (scope_type, scope) = house.scopes()[(number + 1) % 5];
                    let body = json!({"scope_type": scope_type, "scope_id": scope, "period": "weekly"});
                    house.test.patch(&path, body).await.expect(200);
                }
                1 => {
                    house.test.patch(&path, json!({"amount": "1000", "enforce": true})).await.expect(200);
                    let body = json!({"until": budget["period_end"], "reason": "r"});
                    house.test.post(&format!("{path}/override"), body).await.expect(200);
                }
                _ => {
                    house.test.delete(&path).await.expect(204);
                }
            }
        }
    };
    tokio::join!(join_all(writers), administrator);

    let all = house.counts_and_sums().await;
    assert_eq!(all.len(), 25);
    for (id, counted, sums) in all {
        assert_eq!(counted, sums, "budget {id}");
        assert!(!sums.is_empty());
    }
    assert_eq!(house.number("select count(*) from costs").await, 4 * 12 * 20);
    let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
    assert_eq!(house.number(deadlocks).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_passed_threshold_is_told_once_whoever_passes_it() {
    let house = House::open().await;
    house.make("all".into(), "organization", None, "monthly").await;
    let month = span(house.test.org.0, Utc::now());
    let calls: Vec<_> = (0..12)
        .map(|_| {
            let call = with(month.clone(), "id", Uuid::now_v7().to_string());
            let call = with(call, "mcp_server", "github");
            with(call, "cost_usd", "0.100000").to_string()
        })
        .collect();
    join_all(calls.chunks(1).map(|call| house.deliver(call))).await;
    join_all(calls.chunks(3).map(|again| house.deliver(again))).await;

    let mut tx = house.test.app.database.worker().await.unwrap();
    let mut told: Vec<(String, i64, String)> = sqlx::query_as(
        "select event::text, (payload ->> 'threshold')::bigint, payload ->> 'used' from outbox
         where event like 'budget.%'",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    told.sort_by_key(|(_, percentage, _)| *percentage);
    let expected = [
        ("budget.threshold_reached", 50, "0.500000"),
        ("budget.threshold_reached", 80, "0.800000"),
        ("budget.exceeded", 100, "1.000000"),
    ];
    let expected = expected.map(|(event, percentage, used)| (event.to_owned(), percentage, used.to_owned()));
    assert_eq!(told, expected);
    let (used, sent): (Decimal, Vec<i32>) =
        sqlx::query_as("select used, threshold_sent from budget_periods").fetch_one(&mut *tx).await.unwrap();
    assert_eq!((used.to_string().as_str(), sent), ("1.200000", vec![50, 80, 100]));
    // One change when the period began, one for each percentage; cents are no news.
    let changes = "select count(*) from policy_changes where entity = 'budget_periods'";
    assert_eq!(house.number(changes).await, 4);
}

#[tokio::test]
async fn a_batch_that_fails_leaves_nothing_counted() {
    let house = House::open().await;
    house.make("all".into(), "organization", None, "monthly").await;
    let good = with(span(house.test.org.0, Utc::now()), "mcp_server", "github");
    let bad = with(with(good.clone(), "id", Uuid::now_v7().to_string()), "kind", "elephant");
    let texts = [good.to_string(), bad.to_string()];
    let events: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(place, text)| {
            let event = Event::Span(Box::new(serde_json::from_str(text).unwrap()));
            (place, Received { org_id: house.test.org.0, event })
        })
        .collect();
    let refused = house.writer.write(&events, &CancellationToken::new()).await.unwrap();
    assert_eq!(refused.len(), 1);
    let all = house.counts_and_sums().await;
    assert_eq!(all[0].1, all[0].2);
    assert_eq!(all[0].1[0].1.to_string(), "0.001000");
}
