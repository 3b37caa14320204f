//! How long a revoked key still works: makes a key over REST, calls with it until it is known, revokes it, and calls
//! on until it is refused. The time runs from the answer to the revocation; one JSON line at the end.
//! The administrator's key comes from `GATEWAYOPS_API_KEY`.

use std::time::{Duration, Instant};

use clap::Parser;
use gatewayops_tests::load::{
    call::{Call, FIRST_ID, Target, check},
    tally::percentile,
    wire::{Wire, split_url},
};
use tokio::time::{sleep, timeout};

const STEP: Duration = Duration::from_millis(1);
const LIMIT: Duration = Duration::from_secs(30);

/// Measures how soon a revoked key is refused.
#[derive(Parser)]
struct Arguments {
    /// The REST interface, such as http://127.0.0.1:8081.
    #[arg(long)]
    rest: String,
    /// The MCP endpoint, such as http://127.0.0.1:8080/mcp/github.
    #[arg(long)]
    mcp: String,
    #[arg(long, default_value_t = 200)]
    tries: u32,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let admin_key = std::env::var("GATEWAYOPS_API_KEY")?;
    let (rest, _) = split_url(&format!("{}/", arguments.rest))?;
    let (authority, path) = split_url(&arguments.mcp)?;
    let (mut accepted, mut refused) = (Vec::new(), Vec::new());
    for number in 0..arguments.tries {
        let body = serde_json::json!({"name": format!("revocation {number}"), "permissions": ["mcp:*"]});
        let made = post(&rest, "/v1/api-keys", &admin_key, &body).await?;
        let made_at = Instant::now();
        let (Some(id), Some(key)) = (made["id"].as_str(), made["key"].as_str()) else {
            anyhow::bail!("the answer to a new key has no id or no key");
        };
        let target = Target { authority: authority.clone(), path: path.clone(), key: Some(key.to_owned()) };
        let mut caller = Caller::new(&target).await?;
        timeout(LIMIT, caller.until(200)).await??;
        accepted.push(micros(made_at));
        post(&rest, &format!("/v1/api-keys/{id}/revoke"), &admin_key, &serde_json::json!({})).await?;
        let revoked_at = Instant::now();
        timeout(LIMIT, caller.until(401)).await??;
        refused.push(micros(revoked_at));
    }
    accepted.sort_unstable();
    refused.sort_unstable();
    let [new_p99, p50, p99] =
        [percentile(&accepted, 0.99), percentile(&refused, 0.5), percentile(&refused, 0.99)];
    let line = serde_json::json!({
        "tries": arguments.tries, "new_key_p99_us": new_p99,
        "p50_us": p50, "p99_us": p99, "max_us": refused.last().copied().unwrap_or_default(),
    });
    println!("{line}");
    Ok(())
}

fn micros(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX)
}

async fn post(
    authority: &str,
    path: &str,
    key: &str,
    body: &serde_json::Value,
) -> anyhow::Result<serde_json::Value> {
    let body = body.to_string();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    );
    let mut wire = Wire::connect(authority).await?;
    wire.write(request.as_bytes()).await?;
    let head = wire.read_response_head().await?;
    let mut answer = Vec::new();
    wire.read_whole_body(head.framing, &mut answer).await?;
    let text = String::from_utf8_lossy(&answer);
    anyhow::ensure!((200..300).contains(&head.status), "POST {path} answered {}: {text}", head.status);
    Ok(serde_json::from_slice(&answer)?)
}

/// A client with a key of its own, on one connection that a refusal may close.
struct Caller {
    authority: String,
    call: Call,
    wire: Wire,
    id: u64,
}

impl Caller {
    async fn new(target: &Target) -> anyhow::Result<Self> {
        let call = Call::new(target, "echo", &serde_json::json!({}));
        let wire = Wire::connect(&target.authority).await?;
        Ok(Self { authority: target.authority.clone(), call, wire, id: FIRST_ID })
    }

    /// Calls until the answer has that status.
    async fn until(&mut self, status: u16) -> anyhow::Result<()> {
        loop {
            self.id += 1;
            self.wire.write(self.call.numbered(self.id)).await?;
            let head = self.wire.read_response_head().await?;
            let mut answer = Vec::new();
            self.wire.read_whole_body(head.framing, &mut answer).await?;
            if head.closes {
                self.wire = Wire::connect(&self.authority).await?;
            }
            if head.status == 200 {
                check(&answer, self.id).map_err(|fault| anyhow::anyhow!("a call failed: {fault}"))?;
            }
            match head.status {
                seen if seen == status => return Ok(()),
                200 | 401 => sleep(STEP).await,
                other => anyhow::bail!("a call answered {other}: {}", String::from_utf8_lossy(&answer)),
            }
        }
    }
}
