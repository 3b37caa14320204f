//! Budgets: what a proxy is told is right at once, and stays right while time passes.

use chrono::{DateTime, Datelike, NaiveTime, TimeDelta, Utc};

use super::*;

fn midnight() -> DateTime<Utc> {
    Utc::now().date_naive().and_time(NaiveTime::MIN).and_utc()
}

impl House {
    /// An enforced one of 10 USD a day.
    async fn add_budget(&self, name: &str) -> Uuid {
        let id = Uuid::now_v7();
        self.sql(
            "insert into budgets (id, org_id, name, scope_type, amount, period, enforce)
             select $1, id, 'b', 'organization', 10, 'daily', true from organizations",
            id,
        )
        .await;
        let mut conn = self.app().database.worker().await.unwrap();
        sqlx::query("update budgets set name = $2 where id = $1")
            .bind(id)
            .bind(name)
            .execute(&mut *conn)
            .await
            .unwrap();
        conn.commit().await.unwrap();
        id
    }

    /// What the ingester does once an amount was passed.
    async fn spend(&self, budget: Uuid, used: i64, thresholds: &[i32], period_start: DateTime<Utc>) {
        let mut conn = self.app().database.worker().await.unwrap();
        sqlx::query(
            "insert into budget_periods (org_id, budget_id, period_start, used, threshold_sent)
             select org_id, id, $2, $3::numeric, $4 from budgets where id = $1
             on conflict (budget_id, period_start) do update set used = excluded.used,
                threshold_sent = excluded.threshold_sent",
        )
        .bind(budget)
        .bind(period_start)
        .bind(used)
        .bind(thresholds)
        .execute(&mut *conn)
        .await
        .unwrap();
        conn.commit().await.unwrap();
    }
}

fn told(held: &Held, id: Uuid) -> Option<&Budget> {
    held.budgets.get(id.as_bytes().as_slice())
}

#[tokio::test]
async fn a_crossed_budget_arrives_as_exhausted_until_its_period_ends() {
    let house = House::open().await;
    let (id, other) = (house.add_budget("daily").await, house.add_budget("other").await);
    let mut proxy = house.proxy().await;
    proxy.settle(&house).await;
    let before = told(&proxy.held, id).unwrap().clone();
    assert_eq!(
        (before.amount.as_str(), before.used.as_str(), before.exhausted),
        ("10.000000", "0.000000", false)
    );
    assert!(before.scope_id.is_empty());
    assert_eq!(before.resets_at_ms, (midnight() + TimeDelta::days(1)).timestamp_millis());

    // Yesterday's does not count, and cents are no news.
    house.spend(id, 50, &[50, 100], midnight() - TimeDelta::days(1)).await;
    house.spend(id, 4, &[], midnight()).await;
    proxy.until(|held| told(held, id).unwrap().used == "4.000000").await;
    assert!(!told(&proxy.held, id).unwrap().exhausted);
    let revision = proxy.held.revision;
    house.spend(id, 9, &[], midnight()).await;
    house.spend(id, 10, &[50, 100], midnight()).await;
    proxy.until(|held| told(held, id).unwrap().exhausted).await;
    assert_eq!(
        (proxy.held.revision, proxy.held.changes.len()),
        (revision + 1, 1),
        "one change of one budget"
    );
    assert!(!told(&proxy.held, other).unwrap().exhausted);
    assert_eq!(house.proxy().await.held.budgets, proxy.held.budgets);

    house.sql("update budgets set amount = 20 where id = $1", id).await;
    proxy.until(|held| !told(held, id).unwrap().exhausted).await;
}

#[tokio::test]
async fn an_override_says_when_the_budget_is_exhausted_again() {
    let house = House::open().await;
    let id = house.add_budget("daily").await;
    house.spend(id, 11, &[100], midnight()).await;
    let mut proxy = house.proxy().await;
    assert!(told(&proxy.held, id).unwrap().exhausted);
    house
        .sql(
            "update budget_periods set overridden_until = now() + interval '1 minute' where budget_id = $1",
            id,
        )
        .await;
    proxy.until(|held| !told(held, id).unwrap().exhausted).await;
    let lifted = told(&proxy.held, id).unwrap();
    let left = lifted.exhausted_from_ms - Utc::now().timestamp_millis();
    assert!((1..=60_000).contains(&left), "{left}");
    assert_eq!(lifted.resets_at_ms, (midnight() + TimeDelta::days(1)).timestamp_millis());

    house
        .sql(
            "update budget_periods set overridden_until = now() - interval '1 second' where budget_id = $1",
            id,
        )
        .await;
    proxy.until(|held| told(held, id).unwrap().exhausted).await;
    assert_eq!(told(&proxy.held, id).unwrap().exhausted_from_ms, 0, "an override that is over says nothing");
}

#[tokio::test]
async fn weeks_begin_on_monday_and_months_on_their_first() {
    let house = House::open().await;
    let (week, month) = (house.add_budget("weekly").await, house.add_budget("monthly").await);
    house.sql("update budgets set period = name where period <> name and $1 is not null", house.org).await;
    let today = midnight();
    let monday = today - TimeDelta::days(today.weekday().num_days_from_monday().into());
    let first = today.with_day(1).unwrap();
    house.spend(week, 10, &[100], monday).await;
    house.spend(month, 10, &[100], first).await;
    let proxy = house.proxy().await;
    let next_first = (first + TimeDelta::days(31)).with_day(1).unwrap();
    for (id, end) in [(week, monday + TimeDelta::days(7)), (month, next_first)] {
        let told = told(&proxy.held, id).unwrap();
        assert!(told.exhausted && told.resets_at_ms == end.timestamp_millis(), "{told:?}");
    }
}

#[tokio::test]
async fn a_budget_that_stops_nobody_is_not_told() {
    let house = House::open().await;
    let id = house.add_budget("daily").await;
    house.spend(id, 11, &[100], midnight()).await;
    let mut proxy = house.proxy().await;
    for (off, on) in [
        (
            "update budgets set enforce = false where id = $1",
            "update budgets set enforce = true where id = $1",
        ),
        (
            "update budgets set enabled = false where id = $1",
            "update budgets set enabled = true where id = $1",
        ),
    ] {
        house.sql(off, id).await;
        proxy.until(|held| told(held, id).is_none()).await;
        house.spend(id, 12, &[100, 120], midnight()).await;
        assert!(house.proxy().await.held.budgets.is_empty());
        house.sql(on, id).await;
        proxy.until(|held| told(held, id).is_some_and(|budget| budget.exhausted)).await;
    }
    house.sql("delete from budgets where id = $1", id).await;
    proxy.until(|held| told(held, id).is_none()).await;
}
