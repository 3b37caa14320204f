//! A key that comes late lets its tokens in, nobody makes us ask often, and only who has looked says that there is none.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use futures::{Stream, future::join_all};
use gatewayops_proto::control::{
    ApprovalRequest, ApprovalTicket, DefinitionsAck, DefinitionsReport, ProxyStatus, RefreshKeysReply,
    ReportAck, Update, WatchRequest,
    control_plane_server::{self, ControlPlaneServer},
};
use serde_json::json;
use tokio::time::sleep;
use tonic::{
    Request, Response, Status, Streaming,
    transport::{Server, server::TcpIncoming},
};

use super::*;
use crate::oauth::{
    algorithm::Algorithm,
    testing::{ISSUER, Signer, claims, set, trust, with},
};

/// Answers about keys after a while, and then sends them, or does not.
struct Answering {
    asked: AtomicUsize,
    says: Result<State, Status>,
    after: Duration,
    current: Arc<Current>,
    comes: Option<Snapshot>,
}

type Nothing<T> = Result<Response<T>, Status>;

#[async_trait]
impl control_plane_server::ControlPlane for Answering {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<Update, Status>> + Send>>;

    async fn watch(&self, _: Request<WatchRequest>) -> Nothing<Self::WatchStream> {
        Err(Status::unimplemented(""))
    }

    async fn request_approval(&self, _: Request<ApprovalRequest>) -> Nothing<ApprovalTicket> {
        Err(Status::unimplemented(""))
    }

    async fn report(&self, _: Request<Streaming<ProxyStatus>>) -> Nothing<ReportAck> {
        Err(Status::unimplemented(""))
    }

    async fn report_definitions(&self, _: Request<DefinitionsReport>) -> Nothing<DefinitionsAck> {
        Err(Status::unimplemented(""))
    }

    async fn refresh_keys(&self, request: Request<RefreshKeysRequest>) -> Nothing<RefreshKeysReply> {
        let credential = request.metadata().get("authorization").unwrap().to_str().unwrap();
        assert_eq!(credential, format!("Bearer {}", "t".repeat(32)));
        let request = request.into_inner();
        assert_eq!(
            (&*request.token_issuer_id, &*request.key_id),
            (&Uuid::from_u128(7).as_bytes()[..], "next")
        );
        self.asked.fetch_add(1, Ordering::Relaxed);
        sleep(self.after).await;
        if let Some(comes) = &self.comes {
            self.current.put(comes.clone());
        }
        self.says.clone().map(|state| Response::new(RefreshKeysReply { state: state.into() }))
    }
}

struct Bench {
    control_plane: ControlPlane,
    current: Arc<Current>,
    wanted: Wanted,
    answering: Arc<Answering>,
    refreshes: Refreshes,
}

/// What the issuer publishes, in the end.
#[derive(Clone, Copy, PartialEq)]
enum Comes {
    Wanted,
    Other,
    Nothing,
}

impl Bench {
    /// A proxy that knows one key of the issuer, and is shown a token by the next one.
    async fn new(says: Result<State, Status>, after: Duration, comes: Comes) -> Self {
        let old = Signer::new(Algorithm::EdDsa);
        let [new, other] = ["next", "other"].map(|id| old.by(Algorithm::EdDsa).with_id(Some(id)));
        let holding = |keys: &[&Signer]| {
            let mut snapshot = Snapshot::default();
            snapshot.trust = trust(keys, &[]);
            snapshot
        };
        let current = Arc::new(Current::default());
        current.put(holding(&[&old]));
        let comes = match comes {
            Comes::Wanted => Some(holding(&[&old, &new])),
            Comes::Other => Some(holding(&[&old, &other])),
            Comes::Nothing => None,
        };
        let asked = AtomicUsize::default();
        let answering = Arc::new(Answering { asked, says, after, current: current.clone(), comes });
        let incoming = TcpIncoming::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = incoming.local_addr().unwrap();
        let service = ControlPlaneServer::from_arc(answering.clone());
        tokio::spawn(Server::builder().add_service(service).serve_with_incoming(incoming));
        let trusted = current.snapshot().trust.issuers.named(ISSUER).unwrap().clone();
        Self {
            control_plane: at(address),
            current,
            wanted: Wanted::by(&new.token(&with(claims(), json!({})))).unwrap().of(&trusted),
            answering,
            refreshes: Refreshes::default(),
        }
    }

    async fn newer(&self) -> Result<Arc<Snapshot>, NoKey> {
        self.refreshes.newer(&self.control_plane, &self.current, &self.wanted).await
    }

    fn asked(&self) -> usize {
        self.answering.asked.load(Ordering::Relaxed)
    }

    /// As if that much time had passed since anybody was asked.
    fn later(&self, time: Duration) {
        for asked in self.refreshes.0.asked().values_mut() {
            asked.at -= time;
        }
    }
}

fn at(address: SocketAddr) -> ControlPlane {
    ControlPlane {
        urls: vec![format!("http://{address}")],
        token: "t".repeat(32).into(),
        ca: None,
        identity: None,
    }
}

fn has_wanted(snapshot: &Snapshot) -> bool {
    !snapshot.trust.issuers.named(ISSUER).unwrap()[0].keys.lacks(Some("next"), Algorithm::EdDsa)
}

#[tokio::test]
async fn many_tokens_by_a_new_key_ask_once_and_all_go_on() {
    let bench = Bench::new(Ok(State::Here), Duration::ZERO, Comes::Wanted).await;
    for newer in join_all((0..50).map(|_| bench.newer())).await {
        assert!(has_wanted(&newer.unwrap()));
    }
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn a_key_that_nobody_has_is_asked_for_once_and_refused_at_once_afterwards() {
    let bench = Bench::new(Ok(State::Absent), Duration::ZERO, Comes::Nothing).await;
    let outcomes = join_all((0..50).map(|_| bench.newer())).await;
    assert!(outcomes.into_iter().all(|outcome| matches!(outcome, Err(NoKey::IsNone))));
    let started = Instant::now();
    assert!(matches!(bench.newer().await, Err(NoKey::IsNone)));
    assert!(started.elapsed() < PATIENCE, "nobody waits for what will not come");
    assert_eq!(bench.asked(), 1);
    bench.later(PAUSE);
    assert!(matches!(bench.newer().await, Err(NoKey::IsNone)));
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn a_made_up_key_makes_nobody_wait_after_the_new_keys_have_come() {
    let bench = Bench::new(Ok(State::Here), Duration::ZERO, Comes::Other).await;
    let started = Instant::now();
    for _ in 0..2 {
        assert!(matches!(bench.newer().await, Err(NoKey::IsNone)));
    }
    assert!(started.elapsed() < PATIENCE && bench.asked() == 1);
}

#[tokio::test]
async fn who_asks_while_another_proxy_does_waits_for_what_that_one_finds() {
    let bench = Bench::new(Ok(State::UnderWay), Duration::ZERO, Comes::Nothing).await;
    let arrives = async {
        sleep(Duration::from_millis(200)).await;
        let other = Bench::new(Ok(State::Here), Duration::ZERO, Comes::Wanted).await;
        bench.current.put(other.answering.comes.clone().unwrap());
    };
    let (newer, ()) = tokio::join!(bench.newer(), arrives);
    assert!(has_wanted(&newer.unwrap()));
}

#[tokio::test]
async fn what_is_promised_and_late_is_never_said_to_be_nothing() {
    let bench = Bench::new(Ok(State::Here), Duration::ZERO, Comes::Nothing).await;
    for wait in [Duration::ZERO, ARRIVAL, AWAY, PAUSE] {
        bench.later(wait);
        assert!(matches!(bench.newer().await, Err(NoKey::Away)), "{wait:?}");
    }
}

#[tokio::test]
async fn an_issuer_that_is_slow_is_asked_to_the_end_though_nobody_waits() {
    let slow = PATIENCE + Duration::from_millis(500);
    let bench = Bench::new(Ok(State::Here), slow, Comes::Wanted).await;
    assert!(matches!(bench.newer().await, Err(NoKey::Away)));
    sleep(Duration::from_secs(1)).await;
    assert!(has_wanted(&bench.newer().await.unwrap()));
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn a_control_plane_that_is_away_is_asked_again_soon() {
    let mut bench = Bench::new(Ok(State::Here), Duration::ZERO, Comes::Wanted).await;
    let there = bench.control_plane.clone();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    bench.control_plane = at(nobody);
    for _ in 0..2 {
        assert!(matches!(bench.newer().await, Err(NoKey::Away)));
    }
    bench.control_plane = there;
    assert!(matches!(bench.newer().await, Err(NoKey::Away)), "not at once");
    bench.later(AWAY);
    assert!(has_wanted(&bench.newer().await.unwrap()));
}

#[tokio::test]
async fn an_issuer_that_cannot_be_asked_is_no_reason_to_call_a_token_bad() {
    let bench = Bench::new(Err(Status::unavailable("")), Duration::ZERO, Comes::Nothing).await;
    assert!(matches!(bench.newer().await, Err(NoKey::Away)));
}

#[tokio::test]
async fn only_so_many_wait() {
    let bench = Bench::new(Ok(State::Here), PATIENCE, Comes::Wanted).await;
    let _others = bench.refreshes.0.waiting.try_acquire_many(WAITING as u32).unwrap();
    let started = Instant::now();
    assert!(matches!(bench.newer().await, Err(NoKey::Away)));
    assert!(started.elapsed() < PATIENCE);
}

/// An issuer of so many organizations, of which the first few have the key already.
fn shared(organizations: u128, having: u128) -> (Trusted, String) {
    let old = Signer::new(Algorithm::EdDsa);
    let new = old.by(Algorithm::EdDsa).with_id(Some("next"));
    let mut trusting = trust(&[], &[]);
    let issuers = Arc::make_mut(&mut trusting.issuers);
    for number in 1..=organizations {
        let keys = if number <= having { set(&[&old, &new]) } else { set(&[&old]) };
        issuers.put(Issuer::new(Uuid::from_u128(number), Uuid::from_u128(number), ISSUER, keys));
    }
    (issuers.named(ISSUER).unwrap().clone(), new.token(&claims()))
}

#[test]
fn only_those_are_asked_who_lack_the_key() {
    let (trusted, token) = shared(10, 8);
    let wanted = Wanted::by(&token).unwrap().of(&trusted);
    let lacking: Vec<_> = wanted.lacking.iter().map(|(id, _)| id.as_u128()).collect();
    assert_eq!(lacking, [9, 10]);
}

#[test]
fn a_token_that_names_no_key_may_be_by_any_new_one() {
    let (old, new) =
        (Signer::new(Algorithm::EdDsa).with_id(None), Signer::new(Algorithm::EdDsa).with_id(None));
    let before = trust(&[&old], &[]);
    let trusted = before.issuers.named(ISSUER).unwrap();
    let wanted = Wanted::by(&new.token(&claims())).unwrap().of(trusted);
    let (issuer, known) = (&trusted[0], wanted.lacking[0].1);
    assert!(!wanted.is_found_by(issuer, known));
    let after = trust(&[&new], &[]);
    assert!(wanted.is_found_by(&after.issuers.named(ISSUER).unwrap()[0], known));
}

#[test]
fn one_asks_at_a_time_and_who_was_cut_off_has_heard_nothing() {
    let known = trust(&[], &[]).issuers.named(ISSUER).unwrap().clone();
    let (refreshes, issuer) = (Refreshes::default(), &known[0]);
    let turn = refreshes.0.take_turn(issuer).ok().unwrap();
    assert_eq!(refreshes.0.take_turn(issuer).err(), Some(Stand::Open), "one at a time");
    drop(turn);
    assert_eq!(refreshes.0.take_turn(issuer).err(), Some(Stand::Not(NoKey::Away)), "not yet again");
}
