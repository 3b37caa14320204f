//! Reading the stream as one consumer of the group.

use std::collections::HashMap;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::streams::{StreamInfoConsumersReply, StreamPendingCountReply};
use redis::{AsyncConnectionConfig, RedisError, RedisResult, Value, cmd};
use tokio::time::Instant;

use super::Options;
use super::entry::{self, Entry};

const START: &str = "0-0";
/// Long above the time a read may block.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// A consumer that said nothing for so long and left nothing is a replica that is no more.
const FORGET_AFTER: Duration = Duration::from_secs(24 * 3600);

pub(super) struct Reader {
    client: redis::Client,
    options: Options,
    connection: Option<MultiplexedConnection>,
    /// Up to where our own unfinished entries of an earlier life were read; none once all were.
    unfinished: Option<String>,
    claim_at: Instant,
    claim_from: String,
}

impl Reader {
    pub(super) fn new(client: redis::Client, options: Options) -> Self {
        Self {
            client,
            options,
            connection: None,
            unfinished: Some(START.into()),
            claim_at: Instant::now(),
            claim_from: START.into(),
        }
    }

    /// The next batch; empty when nothing came for a while. After an error the next call connects anew and finds
    /// the group again, even if Redis lost it: from the start, for nothing of it can have been acknowledged.
    pub(super) async fn next(&mut self) -> RedisResult<Vec<Entry>> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let entries = self.read(&mut connection).await?;
        self.connection = Some(connection);
        Ok(entries)
    }

    async fn read(&mut self, connection: &mut MultiplexedConnection) -> RedisResult<Vec<Entry>> {
        if let Some(after) = &self.unfinished {
            let entries = self.read_group(connection, after).await?;
            self.unfinished = entries.last().map(|last| last.id.clone());
            if !entries.is_empty() {
                return self.count_deliveries(connection, entries).await;
            }
        }
        if Instant::now() >= self.claim_at {
            let entries = self.claim(connection).await?;
            if !entries.is_empty() {
                return self.count_deliveries(connection, entries).await;
            }
        }
        self.read_group(connection, ">").await
    }

    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(2)))
            .set_response_timeout(Some(ANSWER_WITHIN));
        let mut connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        let Options { stream, group, .. } = &self.options;
        let made: RedisResult<()> = cmd("XGROUP")
            .arg("CREATE")
            .arg(stream)
            .arg(group)
            .arg(START)
            .arg("MKSTREAM")
            .query_async(&mut connection)
            .await;
        match made {
            Err(error) if error.code() != Some("BUSYGROUP") => return Err(error),
            _ => {}
        }
        self.forget_consumers(&mut connection).await?;
        Ok(connection)
    }

    async fn read_group(
        &self,
        connection: &mut MultiplexedConnection,
        after: &str,
    ) -> RedisResult<Vec<Entry>> {
        let Options { stream, group, consumer, batch, pause, .. } = &self.options;
        let mut read = cmd("XREADGROUP");
        read.arg("GROUP").arg(group).arg(consumer).arg("COUNT").arg(batch);
        read.arg("BLOCK").arg(pause.as_millis().max(1) as u64).arg("STREAMS").arg(stream).arg(after);
        Ok(entry::of_read(read.query_async::<Value>(connection).await?))
    }

    /// Takes over what a dead consumer left unfinished, a batch at a time.
    async fn claim(&mut self, connection: &mut MultiplexedConnection) -> RedisResult<Vec<Entry>> {
        let Options { stream, group, consumer, batch, claim_after, .. } = &self.options;
        let mut claim = cmd("XAUTOCLAIM");
        claim.arg(stream).arg(group).arg(consumer).arg(claim_after.as_millis() as u64);
        claim.arg(&self.claim_from).arg("COUNT").arg(batch);
        let (cursor, entries) = entry::of_claim(claim.query_async::<Value>(connection).await?);
        if cursor == START {
            self.claim_at = Instant::now() + *claim_after / 3;
        }
        self.claim_from = cursor;
        if !entries.is_empty() {
            tracing::info!(events = entries.len(), "took over events that a consumer left unfinished");
        }
        Ok(entries)
    }

    async fn count_deliveries(
        &self,
        connection: &mut MultiplexedConnection,
        mut entries: Vec<Entry>,
    ) -> RedisResult<Vec<Entry>> {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(entries) };
        let Options { stream, group, consumer, .. } = &self.options;
        let mut pending = cmd("XPENDING");
        // Others of ours may lie between the first and the last.
        pending.arg(stream).arg(group).arg(&first.id).arg(&last.id).arg(entries.len() * 4).arg(consumer);
        let pending: StreamPendingCountReply = pending.query_async(connection).await?;
        let counts: HashMap<&str, usize> =
            pending.ids.iter().map(|entry| (entry.id.as_str(), entry.times_delivered)).collect();
        for entry in &mut entries {
            entry.deliveries = counts.get(entry.id.as_str()).map_or(1, |count| *count as u64);
        }
        Ok(entries)
    }

    async fn forget_consumers(&self, connection: &mut MultiplexedConnection) -> Result<(), RedisError> {
        let Options { stream, group, consumer, .. } = &self.options;
        let known: StreamInfoConsumersReply =
            cmd("XINFO").arg("CONSUMERS").arg(stream).arg(group).query_async(connection).await?;
        let gone = known.consumers.iter().filter(|known| {
            known.name != *consumer && known.pending == 0 && known.idle as u128 > FORGET_AFTER.as_millis()
        });
        for gone in gone {
            let () = cmd("XGROUP")
                .arg("DELCONSUMER")
                .arg(stream)
                .arg(group)
                .arg(&gone.name)
                .query_async(connection)
                .await?;
        }
        Ok(())
    }
}
