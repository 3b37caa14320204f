//! Which spans are asked for.

use rust_decimal::Decimal;
use sqlx::{Postgres, QueryBuilder};

use crate::{
    id::OrgId,
    store::{
        dimensions::{Dimensions, Visible, push_any},
        page::{TimeRange, contains},
    },
};

/// Which spans; none means any.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub dimensions: Dimensions,
    /// Only what a client sent: trace list items.
    pub roots: bool,
    pub operation_name: Option<Vec<String>>,
    pub status: Option<Vec<String>>,
    pub error_type: Option<Vec<String>>,
    pub session_id: Option<Vec<String>>,
    pub trace_id: Option<Vec<String>>,
    pub span_id: Option<Vec<String>>,
    pub client_name: Option<Vec<String>>,
    pub min_duration_ms: Option<i32>,
    pub max_duration_ms: Option<i32>,
    pub min_cost_usd: Option<Decimal>,
    /// Text in the tool's name or the error message.
    pub q: Option<String>,
}

impl Filter {
    /// All spans of one trace that a caller may see.
    #[must_use]
    pub fn trace(trace_id: &str, visible: Visible) -> Self {
        let dimensions = Dimensions { visible: vec![visible], ..Dimensions::default() };
        Self { dimensions, trace_id: Some(vec![trace_id.to_owned()]), ..Self::default() }
    }

    /// Its dimensions, if it asks for root spans and for nothing else about them: then rollups can answer.
    pub(super) fn of_rollups(&self) -> Option<&Dimensions> {
        let Self { dimensions, roots, operation_name, status, error_type, session_id, .. } = self;
        let Self { trace_id, client_name, min_duration_ms, max_duration_ms, min_cost_usd, q, .. } = self;
        let texts = [operation_name, status, error_type, session_id, trace_id, client_name];
        let bounded = min_duration_ms.is_some() || max_duration_ms.is_some() || min_cost_usd.is_some();
        let alone = *roots && texts.iter().all(|text| text.is_none()) && !bounded && q.is_none();
        alone.then_some(dimensions)
    }

    pub(super) fn push(&self, query: &mut QueryBuilder<Postgres>, org: OrgId) {
        self.push_all_but_q(query, org);
        if self.q.is_some() {
            query.push(" and ");
            self.push_q(query);
        }
    }

    /// What is searched for.
    pub(super) fn push_q(&self, query: &mut QueryBuilder<Postgres>) {
        let text = contains(self.q.as_deref().unwrap_or_default());
        query.push("(r.tool_name ilike ").push_bind(text.clone());
        query.push(" or r.error_message ilike ").push_bind(text).push(")");
    }

    pub(super) fn push_all_but_q(&self, query: &mut QueryBuilder<Postgres>, org: OrgId) {
        self.dimensions.push(query, org);
        if self.roots {
            query.push(" and r.is_root");
        }
        push_any(query, "r.operation_name", self.operation_name.as_ref());
        push_words(query, "r.status", self.status.as_deref());
        push_any(query, "r.error_type", self.error_type.as_ref());
        push_any(query, "r.session_id", self.session_id.as_ref());
        push_any(query, "r.trace_id", self.trace_id.as_ref());
        push_any(query, "r.span_id", self.span_id.as_ref());
        push_any(query, "r.client_name", self.client_name.as_ref());
        if let Some(least) = self.min_duration_ms {
            query.push(" and r.duration_ms >= ").push_bind(least);
        }
        if let Some(most) = self.max_duration_ms {
            query.push(" and r.duration_ms <= ").push_bind(most);
        }
        if let Some(least) = self.min_cost_usd {
            query.push(" and r.cost_usd >= ").push_bind(least);
        }
    }

    /// The same within a range of time: what aggregates read.
    pub(super) fn push_within(&self, query: &mut QueryBuilder<Postgres>, org: OrgId, range: TimeRange) {
        self.push(query, org);
        if let Some(start) = range.start {
            query.push(" and r.started_at >= ").push_bind(start);
        }
        if let Some(end) = range.end {
            query.push(" and r.started_at < ").push_bind(end);
        }
    }
}

/// As [`push_any`], with the words in the statement itself: what an index holds only rows of must be known when it is
/// planned. What is no plain word is found nowhere.
fn push_words(query: &mut QueryBuilder<Postgres>, column: &'static str, words: Option<&[String]>) {
    let Some(words) = words else { return };
    let plain = |word: &&String| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let quoted: Vec<_> = words.iter().filter(plain).map(|word| format!("'{word}'")).collect();
    match quoted.as_slice() {
        [] => query.push(" and false"),
        quoted => query.push(format_args!(" and {column} in ({})", quoted.join(", "))),
    };
}
