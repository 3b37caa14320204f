//! Which secret of a key is good, from when, until when, and from where.

use chrono::DateTime;
use gatewayops_proto::{
    api_key::{Environment, Pepper, generate},
    control::{self as proto, Change, change::Entity},
};

use super::*;
use crate::{
    mcp::trace_context::{FreshIds, TraceContext},
    pipeline::authenticate::standing::Standing,
    snapshot::from_proto,
};

const NOW_MS: i64 = 1_800_000_000_000;
const PEPPER: [u8; 32] = [3; 32];

struct Secrets {
    current: String,
    previous: String,
}

impl Secrets {
    fn digest(secret: &str) -> bytes::Bytes {
        Pepper::new(&PEPPER).digest(secret).to_vec().into()
    }

    /// A key that was rotated with grace until then.
    fn rotated(&self, grace_until_ms: i64) -> proto::ApiKey {
        proto::ApiKey {
            previous_hash: Self::digest(&self.previous),
            previous_expires_at_ms: grace_until_ms,
            ..self.plain()
        }
    }

    fn plain(&self) -> proto::ApiKey {
        proto::ApiKey {
            id: vec![1; 16].into(),
            org_id: vec![2; 16].into(),
            hash: Self::digest(&self.current),
            ..Default::default()
        }
    }
}

fn secrets() -> Secrets {
    let new_key = || generate(Environment::Dev, &ring::rand::SystemRandom::new()).unwrap();
    Secrets { current: new_key(), previous: new_key() }
}

fn snapshot(key: proto::ApiKey) -> Snapshot {
    let pepper = proto::Secret {
        id: vec![9; 16].into(),
        name: "api_key_pepper".into(),
        value: PEPPER.to_vec().into(),
        current: true,
        ..Default::default()
    };
    let change = Change { entity: Some(Entity::ApiKey(key)) };
    let empty = Snapshot::default();
    from_proto::with_secrets(from_proto::apply(empty.clone(), &empty, &[change]), &[pepper])
}

fn exchange() -> Exchange {
    let trace = TraceContext::of(None, None, None, FreshIds::draw());
    let mut exchange = Exchange::new("r".into(), Some("10.0.0.1".parse().unwrap()), trace);
    exchange.started_at = DateTime::from_timestamp_millis(NOW_MS).unwrap();
    exchange
}

/// What comes of showing the secret; and when it was good, what by that is good a moment later.
fn shown(key: proto::ApiKey, secret: &str) -> Result<Standing, Code> {
    let mut exchange = exchange();
    principal(&snapshot(key), secret, &mut exchange).map_err(|rejection| rejection.code)?;
    Ok(exchange.standing.unwrap())
}

#[test]
fn a_key_opens_by_its_secret_and_by_the_previous_one_only_within_its_grace() {
    use proto::api_key::State::{OwnerSuspended, Revoked};

    let secrets = secrets();
    let state =
        |state: proto::api_key::State| proto::ApiKey { state: state.into(), ..secrets.rotated(NOW_MS + 1) };
    let expires = |at| proto::ApiKey { expires_at_ms: at, ..secrets.rotated(NOW_MS + 1) };
    let from = |nets: &[&str]| proto::ApiKey {
        ip_allowlist: nets.iter().map(|net| (*net).to_owned()).collect(),
        ..secrets.rotated(NOW_MS + 1)
    };
    let (unknown, expired) = (Some(Code::InvalidCredentials), Some(Code::ExpiredCredentials));
    for (what, key, current, previous) in [
        ("never rotated", secrets.plain(), None, unknown),
        ("within grace", secrets.rotated(NOW_MS + 1), None, None),
        ("after grace", secrets.rotated(NOW_MS), None, expired),
        ("rotated without grace", secrets.rotated(0), None, expired),
        ("about to expire", expires(NOW_MS + 1), None, None),
        ("expired", expires(NOW_MS), expired, expired),
        ("revoked", state(Revoked), Some(Code::RevokedCredentials), Some(Code::RevokedCredentials)),
        ("owner suspended", state(OwnerSuspended), Some(Code::UserSuspended), Some(Code::UserSuspended)),
        ("from here", from(&["10.0.0.0/8", "192.0.2.1"]), None, None),
        ("from elsewhere", from(&["192.0.2.1"]), Some(Code::IpNotAllowed), Some(Code::IpNotAllowed)),
    ] {
        assert_eq!(shown(key.clone(), &secrets.current).err(), current, "{what}");
        assert_eq!(shown(key, &secrets.previous).err(), previous, "{what}, by the previous secret");
    }
    assert_eq!(shown(secrets.plain(), "gwo_dev_x").err(), unknown);
}

#[test]
fn a_key_with_a_list_of_addresses_takes_nobody_whose_address_is_unknown() {
    let secrets = secrets();
    let key = proto::ApiKey { ip_allowlist: vec!["0.0.0.0/0".into()], ..secrets.plain() };
    let mut nowhere = exchange();
    nowhere.client_address = None;
    let refused = principal(&snapshot(key), &secrets.current, &mut nowhere).unwrap_err();
    assert_eq!(refused.code, Code::IpNotAllowed);
}

#[test]
fn who_was_let_in_by_a_secret_stays_only_for_as_long_as_it_is_good() {
    let secrets = secrets();
    let key = secrets.rotated(NOW_MS + 10);
    let [current, previous] =
        [&secrets.current, &secrets.previous].map(|secret| shown(key.clone(), secret).unwrap());
    let again = |standing: &Standing, key: proto::ApiKey, now_ms| {
        standing.again(&snapshot(key), now_ms).map(|_| ()).map_err(|rejection| rejection.code)
    };
    assert_eq!(again(&previous, key.clone(), NOW_MS + 9), Ok(()));
    assert_eq!(again(&previous, key.clone(), NOW_MS + 10), Err(Code::ExpiredCredentials));
    assert_eq!(again(&previous, secrets.plain(), NOW_MS), Err(Code::ExpiredCredentials), "rotated once more");
    assert_eq!(again(&current, key, NOW_MS + 10), Ok(()));
    let revoked = proto::ApiKey { state: proto::api_key::State::Revoked.into(), ..secrets.plain() };
    assert_eq!(again(&current, revoked, NOW_MS), Err(Code::RevokedCredentials));
    let other = proto::ApiKey { id: vec![7; 16].into(), ..secrets.plain() };
    assert_eq!(again(&current, other, NOW_MS), Err(Code::InvalidCredentials), "deleted");
}
