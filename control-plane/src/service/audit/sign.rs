//! Signs the end of every chain that has grown. What was signed cannot be taken back unseen: a chain that is cut off, or
//! written anew, no longer has the row that the signed head names.
//!
//! A signature says no more than what was seen. So a head that contradicts an earlier one is signed too, and pins what
//! comes after it; the contradiction stays for verification to find, and is told to whoever reads the log of errors.

use super::{key::SigningKey, lines::Line};
use crate::{
    app::App,
    store::audit::heads::{self, Moved, SignedHead},
};

/// Heads in one transaction.
const BATCH: i64 = 500;

/// Answers how many were signed. Every one is logged as well: the log is out of reach for whoever can write to the
/// database, and what it says can be given to `control-plane audit verify --head`.
///
/// # Errors
/// A chain contradicts what was signed of it before; or the database's.
pub async fn sign_moved(app: &App) -> anyhow::Result<usize> {
    let (mut signed, mut contradictions) = (0, 0);
    loop {
        let mut tx = app.database.worker().await?;
        let key = SigningKey::current(&mut tx, &app.sealer).await?;
        let moved = heads::list_moved(&mut tx, BATCH).await?;
        let mut made = Vec::with_capacity(moved.len());
        for head in &moved {
            let signed = key.sign(head.org_id, head.seq, head.hash.clone(), head.seen_at);
            heads::insert_signed(&mut tx, head.org_id, &signed).await?;
            made.push(signed);
        }
        tx.commit().await?;
        made.iter().for_each(tell);
        contradictions += moved.iter().filter(|head| is_contradiction(head)).count();
        signed += made.len();
        if made.len() < usize::try_from(BATCH)? {
            break;
        }
    }
    anyhow::ensure!(contradictions == 0, "{contradictions} audit logs contradict what was signed of them");
    Ok(signed)
}

fn tell(head: &SignedHead) {
    let line = serde_json::to_string(&Line::from(head)).unwrap_or_default();
    tracing::info!(org.id = %head.org_id, audit.head = line, "the end of an audit log was signed");
}

fn is_contradiction(head: &Moved) -> bool {
    let Some(signed) = head.contradicted_seq else { return false };
    tracing::error!(
        org.id = %head.org_id,
        audit.seq = head.seq,
        audit.signed_seq = signed,
        "an audit log does not have the row that was signed as its end: it was changed or cut off in the database; \
         `GET /v1/audit-logs/verify` says where"
    );
    true
}
