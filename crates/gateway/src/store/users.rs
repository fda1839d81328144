//! Rows of `users`: people, what they may do, and the hashes of their passwords.

use slipway_protocol::UserId;
use slipway_protocol::api::{Account, Role, Session};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::ownership::OWNER;
use super::row::from_name;
use super::{Store, StoreError};

/// Letters of a token's hash by which a session is named: too few to say anything about the token.
const SESSION_ID: usize = 16;

/// A person with the hash of their password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredUser {
    /// The account.
    pub account: Account,
    /// Argon2id with its parameters; `None` while there is no password.
    pub password: Option<String>,
}

impl Store {
    /// Everybody, in the order in which they came.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn users(&self) -> Result<Vec<Account>, StoreError> {
        let rows = sqlx::query("SELECT * FROM users ORDER BY created_at, id").fetch_all(self.pool()).await?;
        rows.iter().map(|row| Ok(from_row(row)?.account)).collect()
    }

    /// A person.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user(&self, id: &UserId) -> Result<Option<StoredUser>, StoreError> {
        let query = sqlx::query("SELECT * FROM users WHERE id = $1").bind(id.as_str());
        query.fetch_optional(self.pool()).await?.as_ref().map(from_row).transpose()
    }

    /// A person by the name, in lower case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_named(&self, name: &str) -> Result<Option<StoredUser>, StoreError> {
        let query = sqlx::query("SELECT * FROM users WHERE name = $1").bind(name);
        query.fetch_optional(self.pool()).await?.as_ref().map(from_row).transpose()
    }

    /// Whether somebody can log in with a password.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_accounts(&self) -> Result<bool, StoreError> {
        let query = sqlx::query("SELECT 1 FROM users WHERE password IS NOT NULL AND disabled = 0 LIMIT 1");
        Ok(query.fetch_optional(self.pool()).await?.is_some())
    }

    /// Adds a person; `None` when the name is taken.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_user(
        &self,
        name: &str,
        role: Role,
        password: &str,
    ) -> Result<Option<Account>, StoreError> {
        let id = UserId::generate();
        let mut write = self.write().await?;
        let now = write.now();
        let done = sqlx::query(
            "INSERT INTO users (id, name, role, password, disabled, created_at) VALUES ($1, $2, $3, $4, 0, $5) \
             ON CONFLICT (name) DO NOTHING",
        )
        .bind(id.as_str())
        .bind(name)
        .bind(role.name())
        .bind(password)
        .bind(now)
        .execute(write.connection())
        .await?;
        write.commit().await?;
        if done.rows_affected() == 0 {
            return Ok(None);
        }
        Ok(self.user(&id).await?.map(|user| user.account))
    }

    /// Gives a person another name; `false` when it is taken.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rename_user(&self, id: &UserId, name: &str) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let sql = "UPDATE users SET name = $2 WHERE id = $1 \
                   AND NOT EXISTS (SELECT 1 FROM users WHERE name = $2 AND id <> $1)";
        let done = sqlx::query(sql).bind(id.as_str()).bind(name).execute(write.connection()).await?;
        write.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Changes what a person may do, and whether they may come in; what is `None` stays. It ends the sessions of
    /// somebody who may not come in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_user(
        &self,
        id: &UserId,
        role: Option<Role>,
        disabled: Option<bool>,
    ) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let sql =
            "UPDATE users SET role = COALESCE($2, role), disabled = COALESCE($3, disabled) WHERE id = $1";
        sqlx::query(sql)
            .bind(id.as_str())
            .bind(role.map(Role::name))
            .bind(disabled.map(i64::from))
            .execute(write.connection())
            .await?;
        if disabled == Some(true) {
            for sql in
                ["DELETE FROM sessions WHERE user_id = $1", "DELETE FROM login_links WHERE user_id = $1"]
            {
                sqlx::query(sql).bind(id.as_str()).execute(write.connection()).await?;
            }
        }
        write.commit().await
    }

    /// Sets a person's password and ends their sessions but the one whose token has the hash `except`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_password(
        &self,
        id: &UserId,
        password: &str,
        except: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        sqlx::query("UPDATE users SET password = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(password)
            .execute(write.connection())
            .await?;
        for sql in [
            "DELETE FROM sessions WHERE user_id = $1 AND token_hash <> $2",
            "DELETE FROM login_links WHERE user_id = $1 AND token_hash <> $2",
        ] {
            let query = sqlx::query(sql).bind(id.as_str()).bind(except.unwrap_or_default());
            query.execute(write.connection()).await?;
        }
        write.commit().await
    }

    /// Where a person is logged in, newest first; `current` is the hash of the token of the session that asks.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sessions(
        &self,
        id: &UserId,
        current: Option<&str>,
        now: i64,
    ) -> Result<Vec<Session>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM sessions WHERE user_id = $1 AND expires_at > $2 ORDER BY created_at DESC, token_hash \
             LIMIT 100",
        )
        .bind(id.as_str())
        .bind(now)
        .fetch_all(self.pool())
        .await?;
        let session = |row: &AnyRow| {
            let token_hash: String = row.try_get("token_hash")?;
            Ok(Session {
                id: token_hash.chars().take(SESSION_ID).collect(),
                current: current == Some(token_hash.as_str()),
                agent: row.try_get("agent")?,
                created_at: row.try_get("created_at")?,
                seen_at: row.try_get("seen_at")?,
                expires_at: row.try_get("expires_at")?,
            })
        };
        rows.iter().map(session).collect()
    }

    /// Ends one of a person's sessions; `false` when there is none with this name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_session(&self, user: &UserId, session: &str) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let sql = "DELETE FROM sessions WHERE user_id = $1 AND substr(token_hash, 1, 16) = $2";
        let done = sqlx::query(sql).bind(user.as_str()).bind(session).execute(write.connection()).await?;
        write.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    /// Ends all sessions of a person.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_sessions(&self, user: &UserId) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let sql = "DELETE FROM sessions WHERE user_id = $1";
        sqlx::query(sql).bind(user.as_str()).execute(write.connection()).await?;
        write.commit().await
    }
}

fn from_row(row: &AnyRow) -> Result<StoredUser, StoreError> {
    let id: String = row.try_get("id")?;
    let password: Option<String> = row.try_get("password")?;
    Ok(StoredUser {
        account: Account {
            owner: id == OWNER,
            id: UserId(id),
            name: row.try_get("name")?,
            role: from_name("role", row.try_get("role")?)?,
            has_password: password.is_some(),
            disabled: row.try_get::<i64, _>("disabled")? != 0,
            created_at: row.try_get("created_at")?,
        },
        password,
    })
}
