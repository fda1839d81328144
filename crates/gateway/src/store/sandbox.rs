//! What is saved about the sandbox, in a row of its own beside the settings.

use slipway_protocol::api::SandboxChoices;
use sqlx::Row;

use super::row::{from_json, to_json};
use super::{Store, StoreError};

/// The row's id; the settings of the instance have 1.
const ROW: i64 = 2;

impl Store {
    /// What somebody has chosen for the sandbox.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sandbox_choices(&self) -> Result<SandboxChoices, StoreError> {
        let row = sqlx::query("SELECT body FROM settings WHERE id = $1")
            .bind(ROW)
            .fetch_optional(self.pool())
            .await?;
        let Some(row) = row else { return Ok(SandboxChoices::default()) };
        from_json("sandbox settings", row.try_get("body")?)
    }

    /// Replaces it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_sandbox_choices(&self, choices: &SandboxChoices) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        sqlx::query(
            "INSERT INTO settings (id, body) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        )
        .bind(ROW)
        .bind(to_json("sandbox settings", choices)?)
        .execute(write.connection())
        .await?;
        write.commit().await
    }
}
