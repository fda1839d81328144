//! The instance's settings.

use slipway_protocol::api::Settings;
use sqlx::Row;

use super::row::{from_json, to_json};
use super::{Store, StoreError};

impl Store {
    /// The settings that somebody saved, if anybody did.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settings(&self) -> Result<Option<Settings>, StoreError> {
        let row = sqlx::query("SELECT body FROM settings WHERE id = 1").fetch_optional(self.pool()).await?;
        let Some(row) = row else { return Ok(None) };
        from_json("settings", row.try_get("body")?).map(Some)
    }

    /// Saves the settings.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_settings(&self, settings: &Settings) -> Result<(), StoreError> {
        let body = to_json("settings", settings)?;
        let mut write = self.write().await?;
        sqlx::query(
            "INSERT INTO settings (id, body) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        )
        .bind(body)
        .execute(write.connection())
        .await?;
        write.commit().await
    }
}
