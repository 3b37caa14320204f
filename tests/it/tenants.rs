//! Two organizations with the same names side by side: with the credentials of one, nothing of the other is to be had
//! through REST, MCP or live streams. The walk is random; `TENANTS_SEED` repeats one.

mod mcp;
mod organization;
mod rest;
mod streams;
mod tenant;

use std::time::Duration;

use anyhow::{Result, ensure};
use fastrand::Rng;
use gatewayops_tests::{forgetful::Forgetful, stack::Stack};
use reqwest::RequestBuilder;

use crate::provider::Provider;

use self::{
    mcp::Handed,
    rest::Routes,
    streams::Streams,
    tenant::{Tenant, view},
};

const REQUESTS: usize = 1000;

/// A stream lives longer than any walk takes.
const LONG: Duration = Duration::from_secs(3600);

/// One request for what belongs to somebody else.
struct Attempt {
    /// All that it says of the other one.
    sent: String,
    request: RequestBuilder,
    expected: Expected,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Expected {
    /// There is no such thing, or one may not ask.
    NotFound,
    /// The same, unless a cursor that was given is no good before anybody looks.
    NotFoundOrCursor,
    /// No, in any form.
    Refused,
    /// Only what is one's own.
    Own,
}

impl Expected {
    fn is(self, status: u16, text: &str) -> bool {
        match self {
            Self::NotFound => matches!(status, 403 | 404),
            Self::NotFoundOrCursor => matches!(status, 403 | 404) || text.contains("\"invalid_cursor\""),
            Self::Refused => {
                matches!(status, 400 | 403 | 404 | 409 | 422) || status == 200 && text.contains(r#""error""#)
            }
            Self::Own => status < 500,
        }
    }
}

struct House {
    stack: Stack,
    routes: Routes,
    rng: Rng,
    seed: u64,
    tenants: [Tenant; 2],
    handed: [Handed; 2],
}

impl House {
    async fn build(stack: Stack) -> Result<Self> {
        let seed = std::env::var("TENANTS_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| fastrand::u64(..));
        let mut rng = Rng::with_seed(seed);
        let mut mark = || format!("mark{:016x}", rng.u64(..));
        let provider = Provider::start().await?;
        let mut tenants = [
            Tenant::build(&stack, &provider, ("amber", "ada"), mark()).await?,
            Tenant::build(&stack, &provider, ("birch", "ben"), mark()).await?,
        ];
        let routes = Routes::of(&stack).await?;
        let lists = routes.lists();
        for tenant in &mut tenants {
            tenant.look_around(&stack, &lists).await?;
        }
        forget_the_operator(&stack, &mut tenants).await?;
        let [amber, birch] = &tenants;
        for tenant in [amber, birch] {
            let unfit = routes.unfit(tenant);
            ensure!(unfit.is_empty(), "of these nothing is known that could be stolen: {unfit:?}");
        }
        let handed = [Handed::out_to(&stack, amber).await?, Handed::out_to(&stack, birch).await?];
        Ok(Self { stack, routes, rng, seed, tenants, handed })
    }

    /// Whatever is asked, by whichever of the two.
    async fn walk(&mut self) -> Result<()> {
        let (mut leaks, mut found) = (Vec::new(), 0);
        for _ in 0..REQUESTS {
            let thief = usize::from(self.rng.bool());
            let owner = 1 - thief;
            let (tenants, handed) = (&self.tenants, &self.handed);
            let attempt = if self.rng.u8(..10) < 6 {
                self.routes.attempt(&self.stack, &mut self.rng, &tenants[thief], &tenants[owner])
            } else {
                let thief = (&tenants[thief], &handed[thief]);
                handed[owner].attempt(&self.stack, &mut self.rng, thief, &tenants[owner])?
            };
            let (status, text) = said(attempt.request).await?;
            let secrets = tenants[owner].secrets().chain(handed[owner].secrets());
            let told: Vec<_> =
                secrets.filter(|secret| !attempt.sent.contains(*secret) && text.contains(*secret)).collect();
            if !told.is_empty() || !attempt.expected.is(status, &text) {
                leaks.push(format!("{}: {status} {text} tells {told:?}", attempt.sent));
            }
            found += usize::from(attempt.expected == Expected::Own && status == 200);
        }
        ensure!(leaks.is_empty(), "seed {}, {} leaks:\n{}", self.seed, leaks.len(), leaks.join("\n"));
        ensure!(found > REQUESTS / 20, "only {found} requests found what is one's own");
        Ok(())
    }
}

/// Status, headers and body of what came back, as one text.
async fn said(request: RequestBuilder) -> Result<(u16, String)> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let headers = format!("{:?}", response.headers());
    Ok((status, headers + &response.text().await?))
}

async fn nothing_leaks(stack: Stack) -> Result<()> {
    let mut house = House::build(stack).await?;
    let [amber, birch] = &house.tenants;
    let streams = [
        Streams::open(&house.stack, amber, &house.handed[0]).await?,
        Streams::open(&house.stack, birch, &house.handed[1]).await?,
    ];
    let before = [view(&house.stack, amber).await?, view(&house.stack, birch).await?];
    house.walk().await?;
    for (of, tenant) in house.tenants.iter().enumerate() {
        let after = view(&house.stack, tenant).await?;
        let lost: Vec<_> = before[of].iter().filter(|row| !after.contains(row)).collect();
        ensure!(lost.is_empty(), "seed {}: these were changed: {lost:?}", house.seed);
        streams[of].hear(&streams[1 - of], &house.stack, tenant, &house.handed[of]).await?;
    }
    for (handed, tenant) in house.handed.into_iter().zip(&house.tenants) {
        handed.use_up(&house.stack, tenant).await?;
    }
    Ok(())
}

/// Both know who made them. That is nobody of either, and nothing else may be known to both.
async fn forget_the_operator(stack: &Stack, tenants: &mut [Tenant; 2]) -> Result<()> {
    let operator = stack.rest("/v1/users?limit=1&sort=created_at").await?.body["users"][0]["id"].clone();
    for tenant in &mut *tenants {
        tenant.ids.retain(|(_, id)| operator != id.as_str());
    }
    let [amber, birch] = &*tenants;
    let both: Vec<_> = amber.ids.iter().filter(|(_, id)| birch.ids.iter().any(|(_, of)| of == id)).collect();
    ensure!(both.is_empty(), "both were told {both:?}");
    Ok(())
}

/// The provider listens on the loopback, and without TLS.
fn prepare(stack: &mut Stack) -> Result<()> {
    stack.set("EGRESS_ALLOW_PRIVATE", "true");
    Ok(())
}

#[tokio::test]
async fn a_thousand_requests_for_what_is_anothers_find_nothing() -> Result<()> {
    nothing_leaks(Stack::start_with(&[], prepare).await?).await
}

#[tokio::test]
async fn row_level_security_alone_keeps_two_organizations_apart() -> Result<()> {
    let mut forgetful = None;
    let stack = Stack::start_with(&[], |stack| {
        prepare(stack)?;
        let made = Forgetful::start(stack.setting("DATABASE_URL"))?;
        stack.set("DATABASE_URL", made.url());
        forgetful = Some(made);
        Ok(())
    })
    .await?;
    nothing_leaks(stack).await?;
    let forgotten = forgetful.map_or(0, |forgetful| forgetful.forgotten());
    ensure!(forgotten > 1000, "only {forgotten} filters were forgotten");
    Ok(())
}
