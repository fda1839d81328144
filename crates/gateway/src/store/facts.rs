//! Facts about the database for a diagnostics bundle: sizes and states, nothing of what people said.

use std::collections::BTreeMap;

use slipway_protocol::api::ModelChoice;
use slipway_protocol::{ConversationId, Problem, RunId};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::StoreError;
use super::row::from_json;

/// Tables whose rows are counted.
const TABLES: [&str; 10] = [
    "conversations",
    "entries",
    "messages",
    "parts",
    "events",
    "runs",
    "calls",
    "queue",
    "checkpoints",
    "gateways",
];

/// A run without what was said in it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RunFacts {
    pub(crate) id: RunId,
    pub(crate) conversation_id: ConversationId,
    pub(crate) status: String,
    pub(crate) model: ModelChoice,
    pub(crate) step: i64,
    pub(crate) problem: Option<Problem>,
    pub(crate) started_at: i64,
    pub(crate) ended_at: Option<i64>,
}

/// How many rows the tables have.
///
/// # Errors
/// When the database fails.
pub(crate) async fn rows(connection: &mut AnyConnection) -> Result<BTreeMap<String, i64>, StoreError> {
    let mut counts = BTreeMap::new();
    for table in TABLES {
        // Only names from above are formatted into the statement.
        let query = sqlx::query(AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}")));
        counts.insert(table.to_owned(), query.fetch_one(&mut *connection).await?.try_get(0)?);
    }
    Ok(counts)
}

/// The steps of the schema that were taken.
///
/// # Errors
/// When the database fails.
pub(crate) async fn schema(connection: &mut AnyConnection) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT version FROM _sqlx_migrations ORDER BY version";
    let rows = sqlx::query(sql).fetch_all(connection).await?;
    rows.iter().map(|row| Ok(row.try_get("version")?)).collect()
}

/// The newest runs of all conversations, newest first.
///
/// # Errors
/// When the database fails.
pub(crate) async fn newest_runs(
    connection: &mut AnyConnection,
    limit: u32,
) -> Result<Vec<RunFacts>, StoreError> {
    let sql = "SELECT id, conversation_id, status, provider_id, model, step, problem, started_at, ended_at \
               FROM runs ORDER BY started_at DESC, id DESC LIMIT $1";
    let rows = sqlx::query(sql).bind(i64::from(limit)).fetch_all(connection).await?;
    rows.iter().map(run).collect()
}

fn run(row: &AnyRow) -> Result<RunFacts, StoreError> {
    let problem: Option<String> = row.try_get("problem")?;
    Ok(RunFacts {
        id: RunId(row.try_get("id")?),
        conversation_id: ConversationId(row.try_get("conversation_id")?),
        status: row.try_get("status")?,
        model: ModelChoice {
            provider_id: row.try_get::<String, _>("provider_id")?.into(),
            model: row.try_get("model")?,
        },
        step: row.try_get("step")?,
        problem: problem.map(|json| from_json("problem", &json)).transpose()?,
        started_at: row.try_get("started_at")?,
        ended_at: row.try_get("ended_at")?,
    })
}
