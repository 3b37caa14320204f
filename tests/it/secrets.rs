//! No secret that was ever used stands in plain anywhere: not in the database, in Redis, in a log, a trace or a file.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{Stack, answer};
use redis::Commands;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::{legacy::Caller, replicas::FIRST, servers::Server};

/// What was used, by what it is.
type Secrets = Vec<(&'static str, String)>;

/// A secret as it may be written down: as it is, or in the usual encodings.
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    use std::fmt::Write;
    let mut hex = String::new();
    for byte in secret.bytes() {
        // Nothing can go wrong in a String.
        let _ = write!(hex, "{byte:02x}");
    }
    // Base64 of the middle, wherever it begins in a group of three: the ends depend on the neighbours.
    let inner = |skip: usize| base64(&secret.as_bytes()[skip..skip + (secret.len() - skip) / 3 * 3]);
    [secret.to_owned(), hex, inner(0), inner(1), inner(2)].map(String::into_bytes).into()
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let groups = bytes.chunks(3).flat_map(|group| {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(ALPHABET[(bits >> shift & 63) as usize]))
    });
    groups.collect()
}

/// Uses one of every kind, rightly and wrongly.
async fn use_them(stack: &Stack, server: &Server) -> Result<Secrets> {
    let mut used: Secrets = ["PROXY_TOKEN", "JWT_SECRET", "ENCRYPTION_KEY", "BOOTSTRAP_ADMIN_PASSWORD"]
        .map(|name| (name, stack.setting(name).to_owned()))
        .into();
    used.push(("the bootstrap key", stack.key.clone()));
    for (kind, auth, secret) in [
        (
            "bearer",
            json!({ "type": "bearer", "token": "bearer-of-a-server-7f3a" }),
            "bearer-of-a-server-7f3a",
        ),
        (
            "basic",
            json!({ "type": "basic", "username": "u", "password": "password-of-a-server-91c2" }),
            "password-of-a-server-91c2",
        ),
        (
            "header",
            json!({ "type": "header", "header_name": "X-Key", "header_value": "header-of-a-server-55d0" }),
            "header-of-a-server-55d0",
        ),
    ] {
        let form = json!({ "name": kind, "url": server.url(), "auth": auth });
        let made = stack.rest_post("/v1/mcp-servers", form).await?;
        ensure!(made.status == 201, "{made:?}");
        used.push((kind, secret.to_owned()));
        Caller::new(stack, FIRST, kind)?.open(stack).await?.list().await?;
    }
    let made = stack.rest_post("/v1/api-keys", json!({ "name": "made" })).await?;
    let id = made.body["id"].as_str().context("no id")?;
    let rotated = stack.rest_post(&format!("/v1/api-keys/{id}/rotate"), json!({})).await?;
    for (what, answer) in [("a key", &made), ("its new secret", &rotated)] {
        used.push((what, answer.body["key"].as_str().with_context(|| format!("{answer:?}"))?.to_owned()));
    }
    misuse(stack, &used[used.len() - 1].1).await?;
    used.push(("a session of the dashboard", log_in(stack).await?));
    used.push(("a wrong password", WRONG_PASSWORD.to_owned()));
    Ok(used)
}

const WRONG_PASSWORD: &str = "wrong-password-of-admin-3e81";

/// A key where none belongs: in the URL, in a tool's name, in a header that is passed on, in a body that is no JSON.
async fn misuse(stack: &Stack, key: &str) -> Result<()> {
    let url = stack.proxy_url("/mcp/demo");
    stack.http.post(format!("{url}?api_key={key}")).body("{}").send().await?;
    stack.http.post(&url).header("x-api-key", key).body(key.to_owned()).send().await?;
    stack.http.get(stack.proxy_url(&format!("/v1/mcp/servers?token={key}"))).send().await?;
    stack.rest(&format!("/v1/api-keys?key={key}")).await?;
    Ok(())
}

/// The token of a session that was opened by password, after one attempt with a wrong one.
async fn log_in(stack: &Stack) -> Result<String> {
    let login = |password: &str| {
        let form = json!({ "email": stack.setting("BOOTSTRAP_ADMIN_EMAIL"), "password": password });
        stack.http.post(stack.control_url("/v1/auth/login")).json(&form).send()
    };
    ensure!(login(WRONG_PASSWORD).await?.status() == 401);
    let opened = login(stack.setting("BOOTSTRAP_ADMIN_PASSWORD")).await?;
    let cookie = opened.headers().get("set-cookie").context("no cookie")?.to_str()?.to_owned();
    let (_, token) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).context("no token")?;
    let me = stack.http.get(stack.control_url("/v1/auth/me")).header("cookie", &cookie);
    ensure!(answer(me).await?.status == 200);
    Ok(token.to_owned())
}

/// Every row of every table as text.
async fn database(url: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let mut connection = PgConnection::connect(url).await?;
    let tables: Vec<String> =
        sqlx::query_scalar("select tablename::text from pg_tables where schemaname = 'public'")
            .fetch_all(&mut connection)
            .await?;
    let mut rows = Vec::new();
    for table in tables {
        let found: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!("select t::text from {table} t")))
            .fetch_all(&mut connection)
            .await?;
        rows.extend(found.into_iter().map(|row| (format!("a row of {table}"), row.into_bytes())));
    }
    Ok(rows)
}

/// Every key of Redis with all that it holds.
fn redis(url: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let mut connection = redis::Client::open(url)?.get_connection()?;
    let keys: Vec<String> = connection.keys("*")?;
    let mut found = Vec::new();
    for key in keys {
        let kind: String = redis::cmd("TYPE").arg(&key).query(&mut connection)?;
        let mut read = match &*kind {
            "string" => redis::cmd("GET"),
            "hash" => redis::cmd("HGETALL"),
            "set" => redis::cmd("SMEMBERS"),
            "zset" => redis::cmd("ZRANGE"),
            "list" => redis::cmd("LRANGE"),
            _ => redis::cmd("XRANGE"),
        };
        read.arg(&key);
        match &*kind {
            "zset" | "list" => drop(read.arg(0).arg(-1)),
            "stream" => drop(read.arg("-").arg("+")),
            _ => {}
        }
        let value: redis::Value = read.query(&mut connection)?;
        found.push((format!("{key} in Redis"), [key.as_bytes(), &plain(&value)].concat()));
    }
    Ok(found)
}

/// All bytes of an answer, nested as it may be.
fn plain(value: &redis::Value) -> Vec<u8> {
    match value {
        redis::Value::BulkString(bytes) => bytes.clone(),
        redis::Value::SimpleString(text) => text.clone().into_bytes(),
        redis::Value::Array(values) | redis::Value::Set(values) => values.iter().flat_map(plain).collect(),
        redis::Value::Map(pairs) => {
            pairs.iter().flat_map(|(key, value)| [plain(key), plain(value)].concat()).collect()
        }
        _ => Vec::new(),
    }
}

/// Logs, the sealed snapshot, spooled events.
fn files(dir: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push((format!("the file {}", path.display()), std::fs::read(&path)?));
        }
    }
    Ok(found)
}

#[tokio::test]
async fn no_secret_stands_in_plain_anywhere() -> Result<()> {
    let server = Server::asking("a").await?;
    let mut stack = Stack::start_with(&[], |stack| {
        // In the most talkative of all logs.
        stack.set("LOG_LEVEL", "trace");
        Ok(())
    })
    .await?;
    let used = use_them(&stack, &server).await?;
    stack.traces("mcp_server=header", 2).await?;
    let (database_url, redis_url) =
        (stack.setting("DATABASE_URL").to_owned(), stack.setting("REDIS_URL").to_owned());
    let redis = redis(&redis_url)?;
    stack.kill("proxy")?;
    stack.kill("control-plane")?;

    let mut places = database(&database_url).await?;
    places.extend(redis);
    places.extend(files(stack.dir())?);
    let kinds =
        ["a row of traces", "a row of audit_logs", "a row of mcp_servers", "in Redis", "proxy.log", "config"];
    for kind in kinds {
        ensure!(places.iter().any(|(place, _)| place.contains(kind)), "{kind} was not looked at");
    }
    let found = |secret: &str| {
        let spelled = spellings(secret);
        let holds = |bytes: &[u8]| spelled.iter().any(|one| memchr::memmem::find(bytes, one).is_some());
        places.iter().filter(|(_, bytes)| holds(bytes)).map(|(place, _)| place.clone()).collect::<Vec<_>>()
    };
    ensure!(!found(stack.setting("BOOTSTRAP_ADMIN_EMAIL")).is_empty(), "what is no secret is found");
    let mut plain: Vec<_> = used
        .iter()
        .flat_map(|(what, secret)| found(secret).into_iter().map(move |place| format!("{what}: {place}")))
        .collect();
    plain.sort_unstable();
    plain.dedup();
    ensure!(plain.is_empty(), "in plain:\n{}", plain.join("\n"));
    Ok(())
}
