//! No secret that was ever used stands in plain anywhere: not in the database, in Redis, in a log, a trace or a file.

mod places;
mod used;

use anyhow::{Result, ensure};
use gatewayops_tests::stack::Stack;

use self::places::{database, files, redis};

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

#[tokio::test]
async fn no_secret_stands_in_plain_anywhere() -> Result<()> {
    let mut stack = Stack::start_with(&[], |stack| {
        // In the most talkative of all logs.
        stack.set("LOG_LEVEL", "trace");
        // The provider listens on the loopback, and without TLS.
        stack.set("EGRESS_ALLOW_PRIVATE", "true");
        Ok(())
    })
    .await?;
    let used = used::all(&stack).await?;
    stack.traces("mcp_server=header", 2).await?;
    let (database_url, redis_url) =
        (stack.setting("DATABASE_URL").to_owned(), stack.setting("REDIS_URL").to_owned());
    let in_redis = redis(&redis_url)?;
    stack.kill("proxy")?;
    stack.kill("control-plane")?;

    let mut places = database(&database_url).await?;
    places.extend(in_redis);
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
