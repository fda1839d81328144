//! Providers that the person added. Keys pass through here encrypted only.

use serde_json::{Map, Value};
use slipway_fail_points::{Point, reach};
use slipway_protocol::ProviderId;
use slipway_protocol::cost::Payment;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::row::{from_json, from_name, to_json, to_name};
use super::{Store, StoreError};

const COLUMNS: &str = "SELECT id, profile, name, base_url, models, extra_body, sees, payment, api_key FROM providers \
     ORDER BY created_at, id";

/// A row of the providers table.
#[derive(Debug, Clone)]
pub struct StoredProvider {
    /// Its id.
    pub id: ProviderId,
    /// Name of the profile.
    pub profile: String,
    /// A name for people.
    pub name: String,
    /// Base URL up to and including the version part.
    pub base_url: String,
    /// Models to offer; the first is the default.
    pub models: Vec<String>,
    /// Further fields for each request body.
    pub extra_body: Map<String, Value>,
    /// Whether its models see pictures; `None` where it is left to what is known of each.
    pub sees: Option<bool>,
    /// How what its models use is paid for; `None` where it is left to the profile.
    pub payment: Option<Payment>,
    /// The encrypted key in base64; `None` when it has none.
    pub encrypted_key: Option<String>,
}

impl Store {
    /// All providers, in the order in which they were added.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn providers(&self) -> Result<Vec<StoredProvider>, StoreError> {
        sqlx::query(COLUMNS).fetch_all(self.pool()).await?.iter().map(from_row).collect()
    }

    /// Adds a provider or replaces the one with its id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_provider(&self, provider: &StoredProvider) -> Result<(), StoreError> {
        let models = to_json("list of models", &provider.models)?;
        let extra_body = to_json("request extension", &provider.extra_body)?;
        let payment = provider.payment.map(|payment| to_name("payment", &payment)).transpose()?;
        let mut write = self.write().await?;
        let now = write.now();
        sqlx::query(
            "INSERT INTO providers (id, profile, name, base_url, models, extra_body, sees, payment, api_key, \
             created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             ON CONFLICT (id) DO UPDATE SET profile = excluded.profile, name = excluded.name, \
             base_url = excluded.base_url, models = excluded.models, extra_body = excluded.extra_body, \
             sees = excluded.sees, payment = excluded.payment, api_key = excluded.api_key",
        )
        .bind(provider.id.as_str())
        .bind(&provider.profile)
        .bind(&provider.name)
        .bind(&provider.base_url)
        .bind(models)
        .bind(extra_body)
        .bind(provider.sees.map(i64::from))
        .bind(payment)
        .bind(provider.encrypted_key.clone())
        .bind(now)
        .execute(write.connection())
        .await?;
        reach(Point::ProviderBeforeCommit);
        write.commit().await?;
        reach(Point::ProviderAfterCommit);
        Ok(())
    }

    /// Removes a provider and its key; `false` when there is none with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_provider(&self, id: &ProviderId) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let done = sqlx::query("DELETE FROM providers WHERE id = $1")
            .bind(id.as_str())
            .execute(write.connection())
            .await?;
        write.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}

fn from_row(row: &AnyRow) -> Result<StoredProvider, StoreError> {
    let payment: Option<String> = row.try_get("payment")?;
    Ok(StoredProvider {
        id: row.try_get::<String, _>("id")?.into(),
        profile: row.try_get("profile")?,
        name: row.try_get("name")?,
        base_url: row.try_get("base_url")?,
        models: from_json("list of models", row.try_get("models")?)?,
        extra_body: from_json("request extension", row.try_get("extra_body")?)?,
        sees: row.try_get::<Option<i64>, _>("sees")?.map(|sees| sees != 0),
        payment: payment.map(|name| from_name("payment", &name)).transpose()?,
        encrypted_key: row.try_get("api_key")?,
    })
}
