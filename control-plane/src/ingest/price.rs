//! Which price a call has: the one valid when it started, of the most specific glob that names its tool, else the
//! server's own, else nothing (contract 3.6, 5.1).

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use gatewayops_proto::{event::Span, glob, money};
use uuid::Uuid;

use crate::store::ingest::{Charge, PriceRow};

/// The prices of every server in a batch, read in the batch's own transaction: nothing can be stale.
pub(super) struct PriceBook(HashMap<(Uuid, String), Vec<Entry>>);

struct Entry {
    id: Uuid,
    /// The server's own price has none.
    glob: Option<String>,
    /// None: this glob's price was withdrawn.
    unit: Option<money::Price>,
    valid_from: DateTime<Utc>,
}

impl PriceBook {
    pub(super) fn new(rows: Vec<PriceRow>) -> Self {
        let mut servers: HashMap<_, Vec<Entry>> = HashMap::new();
        for row in rows {
            let unit = match (row.per_call, row.per_input_token, row.per_output_token) {
                (Some(per_call), Some(per_input_token), Some(per_output_token)) => {
                    Some(money::Price { per_call, per_input_token, per_output_token })
                }
                _ => None,
            };
            let entries = servers.entry((row.org_id, row.mcp_server)).or_default();
            if let (Some(id), Some(valid_from)) = (row.id, row.valid_from) {
                entries.push(Entry { id, glob: row.tool_name, unit, valid_from });
            }
        }
        for entries in servers.values_mut() {
            entries.sort_by(|a, b| {
                let rank = |entry: &Entry| (specificity(entry.glob.as_deref()), entry.valid_from);
                let [a_rank, b_rank] = [rank(a), rank(b)];
                (b_rank.0, &a.glob, b_rank.1).cmp(&(a_rank.0, &b.glob, a_rank.1))
            });
        }
        Self(servers)
    }

    /// What a charged root span costs; other spans cost nothing and have no row. A server deleted meanwhile has no
    /// prices to look up any more: then the proxy's own sum stands.
    pub(super) fn charge(&self, span: &Span<'_>) -> Option<Charge> {
        if !(span.charged && span.is_root) {
            return None;
        }
        let Some(entries) = self.0.get(&(span.org_id, span.mcp_server.to_string())) else {
            let cost_usd = money::six_digits(span.cost_usd.unwrap_or_default());
            return Some(Charge { cost_usd, price_id: span.price_id });
        };
        let valid = choose(entries, span.tool_name.as_deref(), span.started_at);
        let unit = valid.map(|(_, unit)| unit).unwrap_or_default();
        let cost_usd = unit.cost(span.input_tokens.unwrap_or(0), span.output_tokens.unwrap_or(0));
        Some(Charge { cost_usd, price_id: valid.map(|(id, _)| id) })
    }
}

/// `entries` go from the most specific glob to the server's own price, each from its newest to its oldest.
fn choose(entries: &[Entry], tool: Option<&str>, at: DateTime<Utc>) -> Option<(Uuid, money::Price)> {
    let mut withdrawn = None;
    for entry in entries.iter().filter(|entry| entry.valid_from <= at && covers(entry.glob.as_deref(), tool))
    {
        match entry.unit {
            _ if withdrawn == Some(&entry.glob) => {}
            Some(unit) => return Some((entry.id, unit)),
            None => withdrawn = Some(&entry.glob),
        }
    }
    None
}

fn covers(glob: Option<&str>, tool: Option<&str>) -> bool {
    glob.is_none_or(|glob| tool.is_some_and(|tool| glob::matches(glob, tool)))
}

/// A tool's own name before globs, a long glob before a short one, the server's own price last.
fn specificity(glob: Option<&str>) -> (bool, bool, usize) {
    let Some(glob) = glob else { return (false, false, 0) };
    (true, !glob.contains('*'), glob.bytes().filter(|byte| *byte != b'*').count())
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn at(hour: u32) -> DateTime<Utc> {
        format!("2026-01-15T{hour:02}:00:00Z").parse().unwrap()
    }

    fn price(tool_name: Option<&str>, per_call: Option<&str>, hour: u32) -> PriceRow {
        let per_call: Option<Decimal> = per_call.map(|amount| amount.parse().unwrap());
        let per_token = per_call.map(|_| Decimal::ZERO);
        PriceRow {
            org_id: Uuid::nil(),
            mcp_server: "github".into(),
            id: Some(Uuid::now_v7()),
            tool_name: tool_name.map(Into::into),
            per_call,
            per_input_token: per_token,
            per_output_token: per_token,
            valid_from: Some(at(hour)),
        }
    }

    fn chosen(book: &PriceBook, tool: Option<&str>, hour: u32) -> Option<String> {
        let entries = &book.0[&(Uuid::nil(), "github".to_owned())];
        choose(entries, tool, at(hour)).map(|(_, unit)| unit.per_call.to_string())
    }

    #[test]
    fn the_price_valid_at_the_time_of_the_call_counts() {
        let book = PriceBook::new(vec![
            price(None, Some("3"), 12),
            price(None, Some("1"), 6),
            price(None, Some("2"), 9),
        ]);
        let prices =
            [5, 6, 8, 9, 11, 12, 20].map(|hour| chosen(&book, Some("get"), hour).unwrap_or_default());
        assert_eq!(prices, ["", "1", "1", "2", "2", "3", "3"]);
    }

    #[test]
    fn the_most_specific_glob_wins_even_when_older() {
        let book = PriceBook::new(vec![
            price(None, Some("1"), 9),
            price(Some("*"), Some("2"), 8),
            price(Some("get_*"), Some("3"), 7),
            price(Some("get_issue*"), Some("4"), 6),
            price(Some("get_issue"), Some("5"), 5),
        ]);
        for (tool, expected) in [
            (Some("get_issue"), "5"),
            (Some("get_issues"), "4"),
            (Some("get_me"), "3"),
            (Some("put"), "2"),
            (None, "1"),
        ] {
            assert_eq!(chosen(&book, tool, 10).as_deref(), Some(expected), "{tool:?}");
        }
    }

    #[test]
    fn a_withdrawn_tool_price_gives_way_to_the_next_and_may_come_back() {
        let book = PriceBook::new(vec![
            price(None, Some("1"), 1),
            price(Some("get"), Some("5"), 2),
            price(Some("get"), None, 4),
            price(Some("get"), Some("6"), 6),
        ]);
        let prices = [1, 3, 5, 7].map(|hour| chosen(&book, Some("get"), hour).unwrap());
        assert_eq!(prices, ["1", "5", "1", "6"]);
    }
}
