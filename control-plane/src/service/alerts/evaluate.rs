//! Evaluates the rules of all organizations: measures each, decides, and writes down what follows in one transaction
//! (contract 3.13). One replica does it, but two at once do no harm: whoever comes second finds the rule evaluated.

use chrono::{DateTime, Duration, Utc};
use futures::{StreamExt, stream};
use rust_decimal::Decimal;
use sqlx::PgConnection;

use super::{
    decide::{self, Open, Standing, State, Step, Terms},
    message,
    open::{Opening, open},
    silence::{About, covers},
    telling,
};
use crate::{
    app::App,
    error::Result,
    id::AlertRuleId,
    notify::Event,
    service::alert_rules::{AlertFilters, measure_of},
    store::{
        alert_measures, alert_rules,
        alert_rules::{AlertRuleRow, Evaluated},
        alert_silences, alerts,
        alerts::AlertRow,
        timeout,
    },
    word::{text, word},
};

/// Rules read at a time.
const PAGE: i64 = 500;
/// Measured at the same time.
const AT_ONCE: usize = 4;
/// No figure takes longer; the rule is evaluated the next time.
const LONGEST_MEASURE_MS: u32 = 5_000;

/// How many rules could be evaluated, and how many could not.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Run {
    pub evaluated: usize,
    pub failed: usize,
}

/// # Errors
/// The rules cannot be read. One that cannot be evaluated keeps no other from it.
pub async fn evaluate_all(app: &App, now: DateTime<Utc>) -> Result<Run> {
    let (mut run, mut after) = (Run::default(), None);
    loop {
        let rules = page(app, after).await?;
        let Some(last) = rules.last() else { break };
        after = Some(last.id);
        let outcomes = stream::iter(rules).map(|rule| evaluate_logged(app, rule, now));
        let outcomes: Vec<bool> = outcomes.buffer_unordered(AT_ONCE).collect().await;
        run.evaluated += outcomes.iter().filter(|done| **done).count();
        run.failed += outcomes.iter().filter(|done| !**done).count();
    }
    count_firing(app).await?;
    Ok(run)
}

async fn page(app: &App, after: Option<AlertRuleId>) -> Result<Vec<AlertRuleRow>> {
    let mut tx = app.database.worker().await?;
    Ok(alert_rules::list_enabled(&mut tx, after, PAGE).await?)
}

async fn count_firing(app: &App) -> Result<()> {
    let mut tx = app.database.worker().await?;
    let counted = alerts::count_firing(&mut tx).await?;
    app.metrics.alerts_firing.reset();
    for (severity, count) in counted {
        app.metrics.alerts_firing.with_label_values(&[severity.as_str()]).set(count);
    }
    Ok(())
}

async fn evaluate_logged(app: &App, rule: AlertRuleRow, now: DateTime<Utc>) -> bool {
    let outcome = evaluate(app, &rule, now).await;
    let result = match &outcome {
        Ok(Some(state)) => text(state),
        Ok(None) => "skipped".to_owned(),
        Err(error) => {
            tracing::warn!(%error, rule.id = %rule.id, org.id = %rule.org_id, "an alert rule cannot be evaluated");
            "failed".to_owned()
        }
    };
    app.metrics.alert_evaluations.with_label_values(&[result.as_str()]).inc();
    outcome.is_ok()
}

/// The state it is in now; none when somebody changed or evaluated the rule meanwhile.
async fn evaluate(app: &App, measured: &AlertRuleRow, now: DateTime<Utc>) -> Result<Option<State>> {
    let org = measured.org_id;
    let value = measure(app, measured, now).await?;
    let mut tx = app.database.worker().await?;
    let Some(rule) = alert_rules::get(&mut tx, org, measured.id, true).await? else { return Ok(None) };
    if (rule.version, rule.last_evaluated_at) != (measured.version, measured.last_evaluated_at) {
        return Ok(None);
    }
    let alert = alerts::lock_open(&mut tx, org, rule.id).await?;
    let silence = silence_of(&mut tx, &rule, now).await?;
    let verdict =
        decide::decide(&terms(&rule), &standing(&rule, alert.as_ref()), value, silence.is_some(), now);
    if let Some(step) = verdict.step {
        let value = value.unwrap_or_default();
        take(&mut tx, &rule, alert.as_ref(), step, value, silence.as_deref(), now).await?;
    }
    let evaluated = Evaluated { state: &text(verdict.state), since: verdict.since, value, at: now };
    alert_rules::record(&mut tx, org, rule.id, &evaluated).await?;
    tx.commit().await?;
    Ok(Some(verdict.state))
}

/// In a transaction of its own, that sees one organization only and holds nothing.
async fn measure(app: &App, rule: &AlertRuleRow, now: DateTime<Utc>) -> Result<Option<Decimal>> {
    let mut tx = app.database.tenant(rule.org_id).await?;
    timeout::limit(&mut tx, LONGEST_MEASURE_MS).await?;
    let values = alert_measures::measure(&mut tx, rule.org_id, &measure_of(rule), &[now]).await?;
    Ok(values.first().copied().flatten())
}

async fn take(
    conn: &mut PgConnection,
    rule: &AlertRuleRow,
    alert: Option<&AlertRow>,
    step: Step,
    value: Decimal,
    silence: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    let org = rule.org_id;
    match (step, alert) {
        (Step::Open, _) => {
            let row = open(conn, &Opening { rule, value, is_test: false, silence, at: now }).await?;
            tracing::info!(alert.id = %row.id, rule.id = %rule.id, org.id = %org, "an alert fires");
        }
        (Step::Tell, Some(alert)) => {
            let event = if alert.notified_at.is_some() { Event::Renotified } else { Event::Firing };
            let row = alerts::mark_notified(conn, org, alert.id, value, &message(rule, value), now).await?;
            telling::fires(conn, rule, &row, event, None).await?;
        }
        (Step::Resolve, Some(alert)) => {
            let row = alerts::resolve(conn, org, alert.id, None, None, now).await?;
            telling::moved(conn, &row, Event::Resolved).await?;
            tracing::info!(alert.id = %row.id, rule.id = %rule.id, org.id = %org, "an alert is over");
        }
        (Step::Tell | Step::Resolve, None) => {}
    }
    Ok(())
}

/// Why nobody is told of the rule's alert now.
async fn silence_of(
    conn: &mut PgConnection,
    rule: &AlertRuleRow,
    now: DateTime<Utc>,
) -> Result<Option<String>> {
    let filters = AlertFilters::of(rule);
    let about = About {
        rule: Some(rule.id),
        severity: word(&rule.severity).unwrap_or_default(),
        mcp_servers: filters.mcp_servers.iter().map(String::as_str).collect(),
    };
    let active = alert_silences::list_active(conn, rule.org_id, now).await?;
    let silence = active.into_iter().find(|silence| covers(silence, &about));
    Ok(silence.map(|silence| format!("silenced: {}", silence.reason)))
}

fn terms(rule: &AlertRuleRow) -> Terms {
    Terms {
        condition: word(&rule.condition).unwrap_or_default(),
        threshold: rule.threshold,
        hold: Duration::minutes(rule.for_minutes.into()),
        renotify: rule.renotify_minutes.map(|minutes| Duration::minutes(minutes.into())),
    }
}

fn standing(rule: &AlertRuleRow, alert: Option<&AlertRow>) -> Standing {
    Standing {
        state: word(&rule.state).unwrap_or_default(),
        since: rule.state_since,
        fires_from: rule.fires_from,
        open: alert.map(|alert| Open {
            acknowledged: alert.status == "acknowledged",
            notified_at: alert.notified_at,
        }),
    }
}

#[cfg(test)]
mod tests;
