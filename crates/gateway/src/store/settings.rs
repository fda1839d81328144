//! The instance's settings.

use slipway_protocol::api::UpdateSettings;
use sqlx::{AnyConnection, Row};

use super::row::{from_json, to_json};
use super::{Store, StoreError};

impl Store {
    /// What somebody has changed of the settings.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settings(&self) -> Result<UpdateSettings, StoreError> {
        saved(&mut *self.pool().acquire().await?).await
    }

    /// Changes the settings; what `change` leaves out stays.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_settings(&self, change: UpdateSettings) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let earlier = saved(write.connection()).await?;
        sqlx::query(
            "INSERT INTO settings (id, body) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        )
        .bind(to_json("settings", &change.after(earlier))?)
        .execute(write.connection())
        .await?;
        write.commit().await
    }
}

async fn saved(connection: &mut AnyConnection) -> Result<UpdateSettings, StoreError> {
    let row = sqlx::query("SELECT body FROM settings WHERE id = 1").fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(UpdateSettings::default()) };
    from_json("settings", row.try_get("body")?)
}
