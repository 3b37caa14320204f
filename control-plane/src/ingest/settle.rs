//! The end of a batch in Redis: dead letters are written, and all its entries acknowledged and deleted, all or nothing. The
//! stream holds what is not stored yet and no more: proxies judge by its length whether we are behind.

use super::Options;
use super::entry::Entry;

/// Dead letters are for people to look at; about so many are kept.
const DEAD_MAX_LENGTH: usize = 100_000;

pub(super) async fn settle(
    redis: &deadpool_redis::Pool,
    options: &Options,
    entries: &[Entry],
    refused: &[(usize, String)],
) -> anyhow::Result<()> {
    let mut pipe = redis::pipe();
    pipe.atomic();
    for (place, reason) in refused {
        let entry = &entries[*place];
        let add =
            pipe.cmd("XADD").arg(&options.dead_stream).arg("MAXLEN").arg("~").arg(DEAD_MAX_LENGTH).arg("*");
        add.arg("reason").arg(reason).arg("entry").arg(&entry.id).arg("deliveries").arg(entry.deliveries);
        for (name, value) in &entry.fields {
            add.arg(name).arg(value);
        }
        add.ignore();
    }
    let ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    pipe.cmd("XACK").arg(&options.stream).arg(&options.group).arg(&ids).ignore();
    pipe.cmd("XDEL").arg(&options.stream).arg(&ids).ignore();
    let () = pipe.query_async(&mut redis.get().await?).await?;
    Ok(())
}
