//! A key that comes late lets its tokens in, and nobody makes us ask often.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use futures::{Stream, future::join_all};
use gatewayops_proto::control::{
    ApprovalRequest, ApprovalTicket, ProxyStatus, RefreshKeysReply, ReportAck, Update, WatchRequest,
    control_plane_server::{self, ControlPlaneServer},
};
use serde_json::json;
use tonic::{
    Request, Response, Status, Streaming,
    transport::{Server, server::TcpIncoming},
};

use super::*;
use crate::oauth::{
    algorithm::Algorithm,
    testing::{ISSUER, Signer, claims, trust, with},
};

/// Answers about keys; when it has them, every proxy gets them.
struct Answering {
    asked: AtomicUsize,
    has_key: bool,
    current: Arc<Current>,
    comes: Snapshot,
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

    async fn refresh_keys(&self, request: Request<RefreshKeysRequest>) -> Nothing<RefreshKeysReply> {
        let credential = request.metadata().get("authorization").unwrap().to_str().unwrap();
        assert_eq!(credential, format!("Bearer {}", "t".repeat(32)));
        let request = request.into_inner();
        assert_eq!(
            (&*request.token_issuer_id, &*request.key_id),
            (&Uuid::from_u128(7).as_bytes()[..], "next")
        );
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.has_key {
            self.current.put(self.comes.clone());
        }
        Ok(Response::new(RefreshKeysReply { has_key: self.has_key }))
    }
}

struct Bench {
    control_plane: ControlPlane,
    current: Arc<Current>,
    known: Trusted,
    wanted: Wanted,
    answering: Arc<Answering>,
    refreshes: Refreshes,
}

impl Bench {
    /// A proxy that knows one key of the issuer, and is shown a token by the next one.
    async fn new(has_key: bool) -> Self {
        let old = Signer::new(Algorithm::EdDsa);
        let new = old.by(Algorithm::EdDsa).with_id(Some("next"));
        let holding = |keys: &[&Signer]| {
            let mut snapshot = Snapshot::default();
            snapshot.trust = trust(keys, &[]);
            snapshot
        };
        let current = Arc::new(Current::default());
        current.put(holding(&[&old]));
        let known = current.snapshot().trust.issuers.named(ISSUER).unwrap().clone();
        let answering = Arc::new(Answering {
            asked: AtomicUsize::default(),
            has_key,
            current: current.clone(),
            comes: holding(&[&old, &new]),
        });
        let incoming = TcpIncoming::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = incoming.local_addr().unwrap();
        let service = ControlPlaneServer::from_arc(answering.clone());
        tokio::spawn(Server::builder().add_service(service).serve_with_incoming(incoming));
        Self {
            control_plane: at(address),
            current,
            known,
            wanted: Wanted::by(&new.token(&with(claims(), json!({})))).unwrap(),
            answering,
            refreshes: Refreshes::default(),
        }
    }

    async fn newer(&self) -> Result<Arc<Snapshot>, Outcome> {
        self.refreshes.newer(&self.control_plane, &self.current, &self.known, &self.wanted).await
    }

    fn asked(&self) -> usize {
        self.answering.asked.load(Ordering::Relaxed)
    }
}

fn at(address: SocketAddr) -> ControlPlane {
    ControlPlane { url: format!("http://{address}"), token: "t".repeat(32).into(), ca: None, identity: None }
}

#[tokio::test]
async fn many_tokens_by_a_new_key_ask_once_and_all_go_on() {
    let bench = Bench::new(true).await;
    for newer in join_all((0..50).map(|_| bench.newer())).await {
        let now = newer.unwrap();
        let trusted = now.trust.issuers.named(ISSUER).unwrap();
        assert!(trusted[0].keys.find(Some("next"), Algorithm::EdDsa).is_ok());
    }
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn a_key_that_nobody_has_is_asked_for_once_and_refused_at_once_afterwards() {
    let bench = Bench::new(false).await;
    let outcomes = join_all((0..50).map(|_| bench.newer())).await;
    assert!(outcomes.into_iter().all(|outcome| matches!(outcome, Err(Outcome::IsNone))));
    let started = Instant::now();
    assert!(matches!(bench.newer().await, Err(Outcome::IsNone)));
    assert!(started.elapsed() < PATIENCE, "nobody waits for what will not come");
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn a_made_up_key_makes_nobody_wait_after_the_new_keys_have_come() {
    let mut bench = Bench::new(true).await;
    let now = bench.newer().await.unwrap();
    bench.known = now.trust.issuers.named(ISSUER).unwrap().clone();
    let started = Instant::now();
    assert!(matches!(bench.newer().await, Err(Outcome::IsNone)));
    assert!(started.elapsed() < PATIENCE && bench.asked() == 1);
}

#[tokio::test]
async fn a_control_plane_that_is_away_is_said_to_be_away() {
    let mut bench = Bench::new(true).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    bench.control_plane = at(nobody);
    for _ in 0..2 {
        assert!(matches!(bench.newer().await, Err(Outcome::Away)));
    }
    assert_eq!(bench.asked(), 0);
}

#[test]
fn who_asked_and_went_away_leaves_the_turn_to_nobody_for_a_while() {
    let known: Trusted = trust(&[], &[]).issuers.named(ISSUER).unwrap().clone();
    let (refreshes, issuer) = (Refreshes::default(), known[0].id);
    let turn = refreshes.turn(issuer, &known).unwrap();
    assert!(refreshes.turn(issuer, &known).is_none(), "one at a time");
    assert_eq!(refreshes.outcome(issuer, &known), None, "somebody is asking");
    drop(turn);
    assert_eq!(refreshes.outcome(issuer, &known), Some(Outcome::Away));
    assert!(refreshes.turn(issuer, &known).is_none(), "not yet again");
}
