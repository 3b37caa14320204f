//! What the gateway hands out is of no use to anybody else, anywhere else or in any other place (R3.2, R3.8, R3.10,
//! R8.3).

mod modern;

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{Answer, Stack, answer};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::{
    legacy::{Caller, Events},
    replicas::FIRST,
    servers::Server,
};

/// One way to use what is not one's own.
struct Attempt {
    name: String,
    request: RequestBuilder,
    /// 200: refused with an error of JSON-RPC, "no such thing".
    expected: u16,
}

/// What the owner has: a session in which a call waits for an answer of the user.
struct Owned {
    session: String,
    /// Of the question on the call's stream.
    question: String,
    /// Of the event with which that stream began.
    event: String,
}

/// Who presents it where. `status` is what refuses them: there is no such session, or it has no such id.
struct Presenter {
    name: &'static str,
    caller: Caller,
    status: u16,
}

impl Owned {
    fn forgeries(&self, token: &str) -> Vec<(String, String)> {
        let others = [("session", &self.session), ("question", &self.question), ("event", &self.event)];
        forgeries(token, &others.map(|(kind, other)| (kind, &**other)))
    }
}

/// What the owner itself could present by mistake, or to try what happens. `others` are its tokens by kind.
fn forgeries(token: &str, others: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut forged: Vec<_> = [0, token.len() / 2, token.len() - 1]
        .into_iter()
        .map(|at| {
            let other = if &token[at..=at] == "A" { "B" } else { "A" };
            (format!("changed at {at}"), format!("{}{other}{}", &token[..at], &token[at + 1..]))
        })
        .collect();
    forged.push(("cut by one".into(), token[..token.len() - 1].into()));
    forged.push(("cut in half".into(), token[..token.len() / 2].into()));
    forged.push(("longer by one".into(), format!("{token}A")));
    forged.push(("the server's own".into(), "0".into()));
    for (kind, other) in others {
        if *other != token {
            forged.push((format!("that of the {kind}"), (*other).to_owned()));
        }
    }
    forged
}

/// Everything that is tried through one replica.
fn attempts(presenters: &[Presenter], owner: &Caller, owned: &Owned) -> Vec<Attempt> {
    let mut all = Vec::new();
    let mut add = |what: &str, who: &str, expected, request| {
        all.push(Attempt { name: format!("{what}: {who}"), request, expected });
    };
    for Presenter { name, caller, status } in presenters {
        if *status == 404 {
            add("lists in the session", name, 404, caller.listing());
            add("listens in the session", name, 404, caller.listening(None));
            add("ends the session", name, 404, caller.ending());
        }
        let stolen = json!({ "name": name });
        add("answers the question", name, *status, caller.answering(&json!(owned.question), stolen));
        add("resumes after the event", name, *status, caller.listening(Some(&owned.event)));
    }
    for (name, session) in owned.forgeries(&owned.session) {
        let caller = owner.with_session(&session);
        add("lists in the session", &name, 404, caller.listing());
        add("listens in the session", &name, 404, caller.listening(None));
        add("ends the session", &name, 404, caller.ending());
    }
    for (name, question) in owned.forgeries(&owned.question) {
        add("answers the question", &name, 400, owner.answering(&json!(question), json!({ "name": name })));
    }
    add("answers the question", "the server's own number", 400, owner.answering(&json!(0), json!({})));
    add(
        "answers the question",
        "in no session",
        400,
        owner.without_session().answering(&json!(owned.question), json!({})),
    );
    for (name, event) in owned.forgeries(&owned.event) {
        add("resumes after the event", &name, 400, owner.listening(Some(&event)));
    }
    all
}

/// Fails with the whole table unless every attempt was refused as it should be.
async fn refused(attempts: Vec<Attempt>) -> Result<()> {
    let (mut table, mut wrong) = (String::new(), 0);
    for Attempt { name, request, expected } in attempts {
        let Answer { status, body, .. } = answer(request).await?;
        let is_refused = status == expected && (status != 200 || body["error"]["code"] == -32602);
        let verdict = if is_refused { String::new() } else { format!(" {body} instead of {expected}") };
        wrong += usize::from(!is_refused);
        table += &format!("{status}{verdict}  {name}\n");
    }
    ensure!(wrong == 0, "{wrong} were not refused as they should be:\n{table}");
    Ok(())
}

async fn key(stack: &Stack, form: Value) -> Result<String> {
    let made = stack.rest_post("/v1/api-keys", form).await?;
    Ok(made.body["key"].as_str().with_context(|| format!("{made:?}"))?.to_owned())
}

#[tokio::test]
async fn ids_are_refused_to_all_but_their_owner_and_refusals_change_nothing() -> Result<()> {
    let (a, b) = (Server::conformance("legacy").await?, Server::conformance("legacy").await?);
    let mut stack = Stack::start(&[("a", a.url()), ("b", b.url())]).await?;
    let second = stack.start_replica().await?;
    let other = key(&stack, json!({ "name": "other" })).await?;
    let elsewhere = key(&stack, json!({ "name": "elsewhere", "servers": ["b"] })).await?;

    let owner = Caller::new(&stack, FIRST, "a")?.open(&stack).await?;
    let mut call = owner.call("test_elicitation", json!({ "message": "who is there?" })).await?;
    let began = call.next().await?;
    ensure!(began.message.is_null(), "the stream says at first where it begins: {began:?}");
    let question = call.message().await?;
    let owned = Owned {
        session: owner.session.clone().context("no session")?,
        question: question.message["id"].as_str().with_context(|| format!("{question:?}"))?.to_owned(),
        event: began.id.context("no event id")?,
    };
    for replica in [FIRST, &*second] {
        let owner = owner.through(&stack, replica)?;
        let thief = owner.with_key(&other);
        let stranger = owner.with_key(&elsewhere);
        // It does not reach the server, but the proxy must know it.
        stranger.at("b").open(&stack).await?;
        let presenters = [
            Presenter {
                name: "another key, with its own session",
                caller: thief.open(&stack).await?,
                status: 400,
            },
            Presenter { name: "another key, with the session as well", caller: thief, status: 404 },
            Presenter { name: "a key of other servers", caller: stranger, status: 404 },
            Presenter { name: "the owner at another endpoint", caller: owner.at("b"), status: 404 },
            Presenter {
                name: "the owner in its session at another endpoint",
                caller: owner.at("b").open(&stack).await?,
                status: 400,
            },
            Presenter {
                name: "the owner in another session",
                caller: owner.open(&stack).await?,
                status: 400,
            },
        ];
        refused(attempts(&presenters, &owner, &owned)).await?;
    }

    // The call still waits for its own answer, and the owner can do all of it.
    let there = owner.through(&stack, &second)?;
    let answered =
        answer(there.answering(&json!(owned.question), json!({ "username": "the owner" }))).await?;
    assert_eq!(answered.status, 202, "{answered:?}");
    let result = call.message().await?;
    let said = result.message["result"]["content"][0]["text"].as_str().unwrap_or_default();
    assert!(said.contains(r#"action=accept, content={"username":"the owner"}"#), "{result:?}");

    let mut again = Events::of(there.listening(Some(&owned.event))).await?;
    for seen in [question, result] {
        let replayed = again.message().await?;
        assert_eq!((replayed.id, replayed.message), (seen.id, seen.message));
    }
    assert_eq!(there.list().await?.status, 200);
    assert!(matches!(answer(there.ending()).await?.status, 200..=299));
    Ok(())
}
