//! A way to Postgres on which the application forgets its filters: in transactions under the role of REST,
//! `org_id = $1` of every statement becomes true for every row. What still keeps organizations apart is row level
//! security alone, and the binary under test is the one that ships.
//!
//! Statements of the worker pass as they are: it acts for all organizations, and its policy lets it.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context, Result, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf},
};

/// What a client asks for TLS with, in place of a protocol version.
const SSL_REQUEST: u32 = 80_877_103;
const MAX_MESSAGE: usize = 64 << 20;

pub struct Forgetful {
    url: String,
    forgotten: Arc<AtomicU64>,
}

impl Forgetful {
    /// In front of the Postgres of that URL, for as long as the runtime lives.
    pub fn start(url: &str) -> Result<Self> {
        let (before, rest) = url.split_once('@').context("the URL names no user")?;
        let (address, database) = rest.split_once('/').context("the URL names no database")?;
        ensure!(!database.contains('?'), "the URL has settings of its own: {database}");
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        // Each statement is then sent with its text, in the transaction that runs it.
        let url = format!("{before}@{}/{database}?statement-cache-capacity=0", listener.local_addr()?);
        let forgotten = Arc::new(AtomicU64::new(0));
        tokio::spawn(serve(listener, address.to_owned(), forgotten.clone()));
        Ok(Self { url, forgotten })
    }

    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many statements have lost a filter so far.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::Relaxed)
    }
}

async fn serve(listener: TcpListener, address: String, forgotten: Arc<AtomicU64>) {
    while let Ok((client, _)) = listener.accept().await {
        let (address, forgotten) = (address.clone(), forgotten.clone());
        // Either side may go at any time; the other is told by the end of its connection.
        tokio::spawn(async move { drop(relay(client, &address, &forgotten).await) });
    }
}

async fn relay(client: TcpStream, address: &str, forgotten: &AtomicU64) -> io::Result<()> {
    let server = TcpStream::connect(address).await?;
    server.set_nodelay(true)?;
    client.set_nodelay(true)?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    // Asked for TLS, we say no: what is encrypted cannot be rewritten.
    let mut start = startup(&mut from_client).await?;
    while start.get(4..8) == Some(&SSL_REQUEST.to_be_bytes()) {
        to_client.write_all(b"N").await?;
        start = startup(&mut from_client).await?;
    }
    to_server.write_all(&start).await?;
    let requests = async {
        let mut is_tenant = false;
        loop {
            let (kind, body) = message(&mut from_client).await?;
            let (kind, body) = rewritten(kind, body, &mut is_tenant, forgotten);
            let length = u32::try_from(body.len() + 4).map_err(io::Error::other)?;
            let message = [&[kind], &length.to_be_bytes()[..], &body].concat();
            to_server.write_all(&message).await?;
        }
    };
    tokio::select! {
        ended = requests => ended,
        ended = copy(&mut from_server, &mut to_client) => ended.map(drop),
    }
}

/// The first message has no kind.
async fn startup(from: &mut OwnedReadHalf) -> io::Result<Vec<u8>> {
    let length = from.read_u32().await?;
    let mut message = length.to_be_bytes().to_vec();
    message.extend(rest(from, length).await?);
    Ok(message)
}

async fn message(from: &mut OwnedReadHalf) -> io::Result<(u8, Vec<u8>)> {
    let kind = from.read_u8().await?;
    let length = from.read_u32().await?;
    Ok((kind, rest(from, length).await?))
}

async fn rest(from: &mut OwnedReadHalf, length: u32) -> io::Result<Vec<u8>> {
    let length = length as usize;
    if !(4..=MAX_MESSAGE).contains(&length) {
        return Err(io::Error::other(format!("a message of {length} bytes")));
    }
    let mut body = vec![0; length - 4];
    from.read_exact(&mut body).await?;
    Ok(body)
}

/// `Parse` is the name of the statement, its text, and the types of its parameters.
fn rewritten(kind: u8, body: Vec<u8>, is_tenant: &mut bool, forgotten: &AtomicU64) -> (u8, Vec<u8>) {
    if kind != b'P' {
        return (kind, body);
    }
    let mut parts = body.splitn(3, |byte| *byte == 0);
    let (Some(name), Some(text), Some(types)) = (parts.next(), parts.next(), parts.next()) else {
        return (kind, body);
    };
    let text = String::from_utf8_lossy(text);
    // A role holds until the end of its transaction, and every transaction begins with one.
    if let Some(role) = text.strip_prefix("set local role ") {
        *is_tenant = role == "gatewayops_app";
    }
    if !*is_tenant {
        return (kind, body);
    }
    let without = without_filter(&text);
    if without != text {
        forgotten.fetch_add(1, Ordering::Relaxed);
    }
    (kind, [name, &[0], without.as_bytes(), &[0], types].concat())
}

/// `t.org_id = $1` becomes `(t.org_id = $1 or true)`: the parameter stays, so nothing else about the statement changes.
fn without_filter(text: &str) -> String {
    const FILTER: &str = "org_id = $";
    let (mut done, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(FILTER) {
        let named = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        let from = rest[..at].rfind(|c| !named(c)).map_or(0, |last| last + 1);
        let digits = rest[at + FILTER.len()..].find(|c: char| !c.is_ascii_digit());
        let to = digits.map_or(rest.len(), |digits| at + FILTER.len() + digits);
        let is_column = rest[from..at].is_empty() || rest[from..at].ends_with('.');
        let filter = &rest[from..to];
        done += &rest[..from];
        done += &if is_column { format!("({filter} or true)") } else { filter.to_owned() };
        rest = &rest[to..];
    }
    done + rest
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection, PgConnection};

    use super::*;

    #[test]
    fn only_the_filter_by_organization_is_taken_away() {
        for (text, expected) in [
            (
                "select 1 from t where org_id = $1 and id = $2",
                "select 1 from t where (org_id = $1 or true) and id = $2",
            ),
            ("where a.org_id = $12", "where (a.org_id = $12 or true)"),
            (
                "where (org_id = $1)\nor b.org_id = $2",
                "where ((org_id = $1 or true))\nor (b.org_id = $2 or true)",
            ),
            ("where m.org_id = t.org_id and id = $1", "where m.org_id = t.org_id and id = $1"),
            ("where not_org_id = $1", "where not_org_id = $1"),
            ("insert into t (org_id, id) values ($1, $2)", "insert into t (org_id, id) values ($1, $2)"),
        ] {
            assert_eq!(without_filter(text), expected);
        }
    }

    #[tokio::test]
    async fn a_filter_is_forgotten_under_the_role_of_rest_and_under_no_other() -> Result<()> {
        let url = crate::stack::fresh_database().await?;
        let mut connection = PgConnection::connect(&url).await?;
        // The roles belong to the whole server: another test's database may have made them.
        for role in ["gatewayops_app", "gatewayops_worker"] {
            let make = format!("do $$ begin create role {role}; exception when others then null; end $$");
            sqlx::raw_sql(sqlx::AssertSqlSafe(make)).execute(&mut connection).await?;
        }
        let forgetful = Forgetful::start(&url)?;
        let mut connection = PgConnection::connect(forgetful.url()).await?;
        for (role, expected) in [("gatewayops_worker", 0), ("gatewayops_app", 1), ("gatewayops_worker", 0)] {
            let mut tx = connection.begin().await?;
            sqlx::query(sqlx::AssertSqlSafe(format!("set local role {role}"))).execute(&mut *tx).await?;
            let rows: i64 =
                sqlx::query_scalar("select count(*) from (values (1)) t (org_id) where org_id = $1")
                    .bind(2)
                    .fetch_one(&mut *tx)
                    .await?;
            assert_eq!(rows, expected, "{role}");
        }
        assert_eq!(forgetful.forgotten(), 1);
        Ok(())
    }
}
