//! Rows of `gateways` and `orders`: which gateways share this database, which runs are whose, and what they ask
//! of each other. Only PostgreSQL is shared.
//!
//! A gateway's row is its lease on all runs that it drives. It is renewed by a heartbeat and deleted by whoever takes
//! over. Every write looks for the row of its gateway, behind the lock that all writes take ([`Write`]): after the
//! transaction that deletes it no write of that gateway is possible any more, whatever it believes.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use slipway_protocol::transcript::UserMessage;
use slipway_protocol::{CallId, ConversationId, MessageId, RunId};
use sqlx::{AnyConnection, Row};

use super::row::{from_json, to_json};
use super::{Backend, Store, StoreError, Write};

/// The database's clock, in ms since the epoch; those of the gateways may differ.
macro_rules! now {
    () => {
        "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT"
    };
}

/// What is to be done with a run, by the gateway that drives it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Order {
    /// End it: the person has stopped it, or deleted its conversation.
    Stop {
        /// Which.
        run_id: RunId,
    },
    /// Let its model hear a message that waits.
    Tell {
        /// Which.
        run_id: RunId,
        /// The message.
        message: UserMessage,
    },
    /// Take back such a message.
    TakeBack {
        /// Which.
        run_id: RunId,
        /// The message.
        message_id: MessageId,
    },
    /// Let it come to rest, or not after all.
    Pause {
        /// Which.
        run_id: RunId,
        /// Whether it is to.
        pause: bool,
    },
    /// Look at what is to be pinned.
    Pin {
        /// Which.
        run_id: RunId,
    },
    /// Stop one of its calls.
    StopCall {
        /// Which.
        run_id: RunId,
        /// The call.
        call_id: CallId,
    },
}

/// What a look at the database has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct News {
    /// Number of the newest event.
    pub seq: i64,
    /// How many orders wait for this gateway.
    pub orders: i64,
}

impl Store {
    /// Makes this gateway one of those that share the database. What an earlier life of the same node has left is
    /// this one's. Nothing happens where the database cannot be shared.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn join(&self, node: &str, lease: Duration) -> Result<(), StoreError> {
        if self.backend() != Backend::Postgres {
            return Ok(());
        }
        let id = format!("gw_{}", uuid::Uuid::now_v7().simple());
        let mut write = self.write().await?;
        sqlx::query("DELETE FROM gateways WHERE node = $1").bind(node).execute(write.connection()).await?;
        sqlx::query(concat!(
            "INSERT INTO gateways (id, node, expires_at) VALUES ($1, $2, ",
            now!(),
            " + $3)"
        ))
        .bind(id.as_str())
        .bind(node)
        .bind(millis(lease))
        .execute(write.connection())
        .await?;
        write.commit().await?;
        self.inner.member.set(id).ok();
        Ok(())
    }

    /// This gateway's id among those that share the database; `None` where it has it for itself.
    pub fn member(&self) -> Option<&str> {
        self.inner.member.get().map(String::as_str)
    }

    /// Makes the lease last from now on; `false` when another gateway has taken over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew_lease(&self, lease: Duration) -> Result<bool, StoreError> {
        let sql = concat!("UPDATE gateways SET expires_at = ", now!(), " + $2 WHERE id = $1");
        let query = sqlx::query(sql).bind(self.member().unwrap_or_default().to_owned()).bind(millis(lease));
        Ok(query.execute(self.pool()).await?.rows_affected() > 0)
    }

    /// Gives the lease up, so that others need not wait until it expires.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leave(&self) -> Result<(), StoreError> {
        let Some(member) = self.member() else { return Ok(()) };
        sqlx::query("DELETE FROM gateways WHERE id = $1")
            .bind(member.to_owned())
            .execute(self.pool())
            .await?;
        Ok(())
    }

    /// Whether there are runs of gateways that have left or whose lease has expired.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_orphans(&self) -> Result<bool, StoreError> {
        let sql = concat!(
            "SELECT (SELECT COUNT(*) FROM gateways WHERE expires_at < ",
            now!(),
            ") + (SELECT COUNT(*) FROM conversations WHERE run_started_at IS NOT NULL \
             AND (driver IS NULL OR driver NOT IN (SELECT id FROM gateways)))"
        );
        Ok(sqlx::query(sql).fetch_one(self.pool()).await?.try_get::<i64, _>(0)? > 0)
    }

    /// Makes the runs of gateways that are gone this one's, and gives their conversations. With `expired`, gateways
    /// whose lease has expired are gone from now on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_over(&self, expired: bool) -> Result<Vec<ConversationId>, StoreError> {
        let Some(member) = self.member() else { return Ok(Vec::new()) };
        let mut write = self.write().await?;
        if expired {
            let sql =
                concat!("DELETE FROM gateways WHERE expires_at < ", now!(), " AND id <> $1 RETURNING id");
            for row in sqlx::query(sql).bind(member).fetch_all(write.connection()).await? {
                tracing::warn!(
                    gateway = row.try_get::<String, _>("id")?,
                    "the lease of a gateway has expired"
                );
            }
        }
        let rows = sqlx::query(
            "UPDATE conversations SET driver = $1 WHERE run_started_at IS NOT NULL \
             AND (driver IS NULL OR driver NOT IN (SELECT id FROM gateways)) RETURNING id",
        )
        .bind(member)
        .fetch_all(write.connection())
        .await?;
        sqlx::query("DELETE FROM orders WHERE gateway_id NOT IN (SELECT id FROM gateways)")
            .execute(write.connection())
            .await?;
        write.commit().await?;
        rows.iter().map(|row| Ok(ConversationId(row.try_get("id")?))).collect()
    }

    /// What other gateways may have done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn news(&self) -> Result<News, StoreError> {
        let sql = "SELECT seq, (SELECT COUNT(*) FROM orders WHERE gateway_id = $1) AS waiting \
                   FROM event_log WHERE id = 1";
        let member = self.member().unwrap_or_default().to_owned();
        let row = sqlx::query(sql).bind(member).fetch_one(self.pool()).await?;
        Ok(News { seq: row.try_get("seq")?, orders: row.try_get("waiting")? })
    }

    /// Takes the orders that wait for this gateway, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_orders(&self) -> Result<Vec<Order>, StoreError> {
        let member = self.member().unwrap_or_default().to_owned();
        let sql = "DELETE FROM orders WHERE gateway_id = $1 RETURNING ordinal, body";
        let mut orders = Vec::new();
        for row in sqlx::query(sql).bind(member).fetch_all(self.pool()).await? {
            orders.push((row.try_get::<i64, _>("ordinal")?, from_json("order", row.try_get("body")?)?));
        }
        orders.sort_by_key(|(ordinal, _)| *ordinal);
        Ok(orders.into_iter().map(|(_, order)| order).collect())
    }
}

/// Whether the gateway still has its lease, as a write sees it behind the lock.
pub(super) async fn is_member(connection: &mut AnyConnection, id: &str) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM gateways WHERE id = $1").bind(id).fetch_optional(connection).await?;
    Ok(row.is_some())
}

/// Whether gateways other than this node's have a lease that has not expired.
///
/// # Errors
/// When the database fails.
pub async fn others_run(write: &mut Write, node: &str) -> Result<bool, StoreError> {
    if write.backend() != Backend::Postgres {
        return Ok(false);
    }
    let sql = concat!("SELECT 1 FROM gateways WHERE node <> $1 AND expires_at >= ", now!(), " LIMIT 1");
    let row = sqlx::query(sql).bind(node.to_owned()).fetch_optional(write.connection()).await?;
    Ok(row.is_some())
}

/// The other gateway that drives the run of a conversation, if one does.
///
/// # Errors
/// When the database fails.
pub async fn elsewhere(write: &mut Write, id: &ConversationId) -> Result<Option<String>, StoreError> {
    let Some(member) = write.member() else { return Ok(None) };
    let sql = "SELECT driver FROM conversations WHERE id = $1 AND driver <> $2";
    let query = sqlx::query(sql).bind(id.as_str()).bind(member);
    let row = query.fetch_optional(write.connection()).await?;
    Ok(row.map(|row| row.try_get("driver")).transpose()?)
}

/// Orders something of another gateway.
///
/// # Errors
/// When the database fails.
pub async fn order(write: &mut Write, gateway: &str, order: &Order) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO orders (gateway_id, ordinal, body) \
         SELECT $1, COALESCE(MAX(ordinal), 0) + 1, $2 FROM orders WHERE gateway_id = $1",
    )
    .bind(gateway)
    .bind(to_json("order", order)?)
    .execute(write.connection())
    .await?;
    Ok(())
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
