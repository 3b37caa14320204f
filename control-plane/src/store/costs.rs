//! Cost rows as they are read and summed; the ingester writes them, one per charged call.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::dimensions::Dimensions;
use super::page::{self, Found, Page, TimeRange};
use super::rollups::{Columns, Kind, Reading};
use crate::id::{ApiKeyId, OrgId, PriceId, SpanRowId, TeamId, UserId};

#[derive(Clone, Debug, FromRow)]
pub struct Cost {
    pub id: Uuid,
    pub org_id: OrgId,
    /// The span's row, which may be gone while its cost stays.
    pub trace_id: Option<SpanRowId>,
    pub mcp_server: String,
    pub tool_name: Option<String>,
    pub user_id: Option<UserId>,
    pub team_id: Option<TeamId>,
    pub api_key_id: Option<ApiKeyId>,
    pub environment: Option<String>,
    pub input_tokens: i32,
    pub output_tokens: i32,
    pub cost_usd: Decimal,
    pub price_id: Option<PriceId>,
    pub created_at: DateTime<Utc>,
}

fn push_within(query: &mut QueryBuilder<Postgres>, org: OrgId, filter: &Dimensions, range: TimeRange) {
    filter.push(query, org);
    if let Some(start) = range.start {
        query.push(" and r.created_at >= ").push_bind(start);
    }
    if let Some(end) = range.end {
        query.push(" and r.created_at < ").push_bind(end);
    }
}

pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    page: &Page,
    filter: &Dimensions,
) -> sqlx::Result<Found<Cost>> {
    page::fetch(conn, page, "r.*", "r.id", |query| {
        query.push(" from costs r");
        filter.push(query, org);
    })
    .await
}

/// How many there are; counting stops behind `most`.
pub async fn count(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Dimensions,
    range: TimeRange,
    most: i64,
) -> sqlx::Result<i64> {
    let mut query = QueryBuilder::new("select count(*) from (select from costs r");
    push_within(&mut query, org, filter, range);
    query.push(" limit ").push_bind(most + 1).push(") counted");
    query.build_query_scalar().fetch_one(conn).await
}

/// Sums over cost rows.
#[derive(Clone, Copy, Debug, Default, Eq, FromRow, PartialEq)]
pub struct Totals {
    pub total_cost: Decimal,
    pub total_requests: i64,
    pub input_tokens: i64,
    pub output_tokens: i64,
}

const TOTALS: &str = "coalesce(sum(r.sign * r.cost_usd), 0) as total_cost,
    coalesce(sum(r.sign * r.charged), 0)::bigint as total_requests,
    coalesce(sum(r.sign * r.input_tokens), 0)::bigint as input_tokens,
    coalesce(sum(r.sign * r.output_tokens), 0)::bigint as output_tokens";

/// What a call was charged, wherever it is found.
const COLUMNS: Columns = Columns {
    sums: "r.charged, r.charged_input_tokens as input_tokens, r.charged_output_tokens as output_tokens, r.cost_usd",
    pending: "1 as charged, coalesce(r.input_tokens, 0) as input_tokens, coalesce(r.output_tokens, 0) as output_tokens,
        r.cost_usd",
    spans: "1 as charged, r.input_tokens, r.output_tokens, r.cost_usd",
    spans_from: "costs",
    span_time: "r.created_at",
    spans_where: "",
    pending_where: " and r.cost_usd is not null",
};

pub async fn totals(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Dimensions,
    span: (DateTime<Utc>, DateTime<Utc>),
) -> sqlx::Result<Totals> {
    let reading = Reading::new(org, filter, span, Kind::Organization);
    reading.keep_plan(conn).await?;
    let mut query = QueryBuilder::new(format!("select {TOTALS} from"));
    reading.push_all(&mut query, &COLUMNS);
    query.build_query_as().fetch_one(conn).await
}

impl Kind {
    /// What groups are made of besides the organization.
    fn columns(self) -> &'static str {
        match self {
            Self::Organization => "",
            Self::Server => ", r.mcp_server",
            Self::Team => ", r.team_id",
            Self::User => ", r.user_id",
            Self::Tool => ", r.mcp_server, r.tool_name",
            Self::ApiKey => ", r.api_key_id",
        }
    }

    /// Every group as a [`Share`]: its identity, the name behind an id, and a key of its own for paging.
    fn identity(self) -> &'static str {
        match self {
            Self::Organization => {
                "null::text as mcp_server, null::text as tool_name, org_id as of, null::text as name, org_id as id"
            }
            Self::Server => {
                "mcp_server, null::text as tool_name, null::uuid as of, null::text as name, md5(mcp_server)::uuid as id"
            }
            Self::Tool => {
                "mcp_server, tool_name, null::uuid as of, null::text as name,
                md5(mcp_server || '/' || coalesce(tool_name, ''))::uuid as id"
            }
            Self::Team => {
                "null::text as mcp_server, null::text as tool_name, team_id as of,
                (select name from teams n where n.org_id = s.org_id and n.id = s.team_id) as name,
                coalesce(team_id, md5('')::uuid) as id"
            }
            Self::User => {
                "null::text as mcp_server, null::text as tool_name, user_id as of,
                (select email::text from users n where n.org_id = s.org_id and n.id = s.user_id) as name,
                coalesce(user_id, md5('')::uuid) as id"
            }
            Self::ApiKey => {
                "null::text as mcp_server, null::text as tool_name, api_key_id as of,
                (select name from api_keys n where n.org_id = s.org_id and n.id = s.api_key_id) as name,
                coalesce(api_key_id, md5('')::uuid) as id"
            }
        }
    }
}

/// One group's part. What nothing is attributed to is a group too, without identity.
#[derive(Clone, Debug, FromRow)]
pub struct Share {
    pub mcp_server: Option<String>,
    pub tool_name: Option<String>,
    pub of: Option<Uuid>,
    pub name: Option<String>,
    #[sqlx(flatten)]
    pub totals: Totals,
}

pub async fn shares(
    conn: &mut PgConnection,
    org: OrgId,
    page: &Page,
    by: Kind,
    filter: &Dimensions,
    span: (DateTime<Utc>, DateTime<Utc>),
) -> sqlx::Result<Found<Share>> {
    let (columns, identity) = (by.columns(), by.identity());
    let reading = Reading::new(org, filter, span, by);
    reading.keep_plan(conn).await?;
    page::fetch_worked_out(conn, page, "g.id", |query| {
        query.push(format_args!(
            "select {identity}, total_cost, total_requests, input_tokens, output_tokens
            from (select r.org_id{columns}, {TOTALS} from"
        ));
        reading.push_all(query, &COLUMNS);
        // Who has nothing left once the ragged ends are taken away was not there.
        query.push(format_args!("group by r.org_id{columns} having sum(r.sign * r.charged) <> 0) s"));
    })
    .await
}

#[derive(Clone, Debug, FromRow)]
pub struct Day {
    pub date: NaiveDate,
    #[sqlx(flatten)]
    pub totals: Totals,
}

/// Every UTC day the range touches, those without cost too.
pub async fn by_day(
    conn: &mut PgConnection,
    org: OrgId,
    filter: &Dimensions,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
) -> sqlx::Result<Vec<Day>> {
    let reading = Reading::new(org, filter, (start, end), Kind::Organization);
    reading.keep_plan(conn).await?;
    let mut query = QueryBuilder::new(
        "select day::date as date, coalesce(total_cost, 0) as total_cost, coalesce(total_requests, 0) as total_requests,
            coalesce(input_tokens, 0)::bigint as input_tokens, coalesce(output_tokens, 0)::bigint as output_tokens
        from generate_series(date_trunc('day', ",
    );
    query.push_bind(start).push(" at time zone 'UTC'), (").push_bind(end);
    query.push(format_args!(
        " at time zone 'UTC') - interval '1 microsecond', interval '1 day') as day
        left join (select date_trunc('day', r.time at time zone 'UTC') as day, {TOTALS} from"
    ));
    reading.push_all(&mut query, &COLUMNS);
    query.push("group by 1) sums using (day) order by day");
    query.build_query_as().fetch_all(conn).await
}
