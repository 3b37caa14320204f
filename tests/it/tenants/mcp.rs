//! What the gateway hands out to one organization, and what the other one tries with it at the endpoints of MCP.

use anyhow::{Context, Result, ensure};
use fastrand::Rng;
use gatewayops_tests::stack::{Stack, answer};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{Attempt, Expected, LONG, tenant::Tenant};
use crate::legacy::{Caller, Events};

/// Sessions, a call that waits for an answer, a page that goes on.
pub(super) struct Handed {
    /// In sessions at two servers, and at all of them.
    pub(super) notes: Caller,
    pub(super) forms: Caller,
    pub(super) all: Caller,
    /// The stream of a call, and where it began.
    call: Events,
    event: String,
    question: String,
    cursor: String,
    state: String,
}

impl Handed {
    pub(super) async fn out_to(stack: &Stack, tenant: &Tenant) -> Result<Self> {
        let notes = tenant.caller(stack, "notes")?.open(stack).await?;
        // Once it has listed, the session of all servers has one at each of them.
        let all = tenant.caller(stack, "")?.begin().await?;
        ensure!(all.list().await?.body["result"]["tools"].is_array());
        let forms = tenant.caller(stack, "forms")?.open(stack).await?;
        let call = forms.calling("test_elicitation", json!({ "message": tenant.mark }));
        let mut call = Events::of(call.timeout(LONG)).await?;
        let event = call.next().await?.id.context("the stream does not say where it begins")?;
        let question = call.message().await?;
        ensure!(question.message["params"]["message"].to_string().contains(&tenant.mark), "{question:?}");
        let asked = tenant.modern(stack, "cards", "tools/call", Some(ASKS), json!({ "name": ASKS }));
        let asked = answer(asked).await?;
        stack
            .until("there is more than one page of tools", async |stack| {
                let page = answer(tenant.modern(stack, "", "tools/list", None, json!({}))).await?;
                Ok(page.body["result"]["nextCursor"].is_string())
            })
            .await?;
        let page = answer(tenant.modern(stack, "", "tools/list", None, json!({}))).await?;
        Ok(Self {
            notes,
            forms,
            all,
            call,
            event,
            question: text(&question.message["id"])?,
            cursor: text(&page.body["result"]["nextCursor"])?,
            state: text(&asked.body["result"]["requestState"])?,
        })
    }

    /// It must all be there still: the call ends with the answer of its own user.
    pub(super) async fn use_up(mut self, stack: &Stack, tenant: &Tenant) -> Result<()> {
        let given = self.forms.answering(&json!(self.question), json!({ "username": "the owner" }));
        ensure!(answer(given).await?.status == 202);
        let said = self.call.message().await?.message;
        ensure!(said["result"]["content"][0]["text"].to_string().contains("the owner"), "{said}");
        for caller in [&self.notes, &self.forms, &self.all] {
            ensure!(caller.list().await?.status == 200);
        }
        let page = tenant.modern(stack, "", "tools/list", None, json!({ "cursor": self.cursor }));
        let page = answer(page).await?;
        ensure!(page.body["result"]["tools"].is_array(), "{page:?}");
        Ok(())
    }

    /// One request of `thief` with something of `owner`'s.
    pub(super) fn attempt(
        &self,
        stack: &Stack,
        rng: &mut Rng,
        thief: (&Tenant, &Self),
        owner: &Tenant,
    ) -> Result<Attempt> {
        let (thief, own) = thief;
        let (what, expected, request) = match rng.u8(..16) {
            0..7 => self.with_ids(rng, own)?,
            7..9 => self.with_states(stack, rng, thief),
            9..13 => by_name(stack, rng, thief, &owner.only()),
            _ => of_its_own(stack, rng, thief),
        };
        Ok(Attempt { sent: format!("{what}, of {}", owner.only()), request, expected })
    }

    /// Ids of sessions, questions and events, which the older revisions have.
    fn with_ids(&self, rng: &mut Rng, own: &Self) -> Result<Try> {
        let (own, owners) = match rng.u8(..3) {
            0 => (&own.notes, &self.notes),
            1 => (&own.forms, &self.forms),
            _ => (&own.all, &self.all),
        };
        let stolen = own.with_session(owners.session.as_deref().context("no session")?);
        let answered =
            |caller: &Caller| caller.answering(&json!(self.question), json!({ "username": "thief" }));
        Ok(match rng.u8(..7) {
            0 => ("lists in the session", Expected::NotFound, stolen.listing()),
            1 => ("listens in the session", Expected::NotFound, stolen.listening(None)),
            2 => ("resumes in the session", Expected::NotFound, stolen.listening(Some(&self.event))),
            3 => ("ends the session", Expected::NotFound, stolen.ending()),
            4 => ("answers in the session", Expected::NotFound, answered(&stolen)),
            5 => ("resumes after the event", Expected::Refused, own.listening(Some(&self.event))),
            _ => ("answers the question", Expected::Refused, answered(own)),
        })
    }

    /// Cursors and states of calls, which 2026-07-28 has.
    fn with_states(&self, stack: &Stack, rng: &mut Rng, thief: &Tenant) -> Try {
        if rng.bool() {
            let credential = thief.credential(rng, "");
            let params = json!({ "cursor": self.cursor });
            let page = thief.modern_as(credential, stack, "", "tools/list", None, params);
            return ("goes on in the list", Expected::Refused, page);
        }
        let answers = json!({ "confirm": { "action": "accept", "content": { "ok": true } } });
        let params = json!({ "name": ASKS, "inputResponses": answers, "requestState": self.state });
        let credential = thief.credential(rng, "cards");
        let call = thief.modern_as(credential, stack, "cards", "tools/call", Some(ASKS), params);
        ("goes on in the call", Expected::Refused, call)
    }

    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        let sessions =
            [&self.notes, &self.forms, &self.all].map(|caller| caller.session.as_deref().unwrap_or_default());
        sessions.into_iter().chain([&*self.event, &self.question, &self.cursor, &self.state])
    }
}

/// What is tried, what must come of it, and the request.
type Try = (&'static str, Expected, RequestBuilder);

/// What only the other one has, by the names that it has there.
fn by_name(stack: &Stack, rng: &mut Rng, thief: &Tenant, only: &str) -> Try {
    let (tool, note) = (format!("{only}__whoami"), format!("{only}+note://one"));
    let (all, one) = (thief.credential(rng, ""), thief.credential(rng, only));
    match rng.u8(..4) {
        0 => {
            let params = json!({ "name": tool, "arguments": {} });
            let call = thief.modern_as(all, stack, "", "tools/call", Some(&tool), params);
            ("calls the tool", Expected::Refused, call)
        }
        1 => {
            let params = json!({ "uri": note });
            let read = thief.modern_as(all, stack, "", "resources/read", Some(&note), params);
            ("reads the note", Expected::Refused, read)
        }
        2 => {
            let list = thief.modern_as(one, stack, only, "tools/list", None, json!({}));
            ("lists at the server", Expected::NotFound, list)
        }
        _ => {
            let list = script(stack, one, Method::GET, &format!("/v1/mcp/{only}/tools/list"));
            ("lists as a script", Expected::NotFound, list)
        }
    }
}

/// What both have under the same name.
fn of_its_own(stack: &Stack, rng: &mut Rng, thief: &Tenant) -> Try {
    let (all, notes) = (thief.credential(rng, ""), thief.credential(rng, "notes"));
    let request = match rng.u8(..3) {
        0 => script(stack, all, Method::GET, "/v1/mcp/servers"),
        1 => thief.modern_as(all, stack, "", "tools/list", None, json!({})),
        _ => script(stack, notes, Method::POST, "/v1/mcp/notes/tools/call")
            .json(&json!({ "name": "whoami", "arguments": {} })),
    };
    ("asks for its own", Expected::Own, request)
}

fn script(stack: &Stack, credential: &str, method: Method, path: &str) -> RequestBuilder {
    stack.http.request(method, stack.proxy_url(path)).bearer_auth(credential)
}

/// Asks for a confirmation, and leaves a state with the client.
const ASKS: &str = "test_input_required_result_request_state";

fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().with_context(|| format!("no text: {value}"))?.to_owned())
}
