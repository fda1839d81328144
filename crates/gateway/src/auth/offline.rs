//! People by the command line, on the machine that has the database: for the first account of a gateway that other
//! machines reach, and for passwords that were forgotten.

use slipway_protocol::Problem;
use slipway_protocol::api::{Account, PasswordGiven, Role};

use super::{Passwords, name, password};
use crate::api::ApiError;
use crate::store::Store;

/// Everybody.
///
/// # Errors
/// When the database fails.
pub async fn list(store: &Store) -> Result<Vec<Account>, Problem> {
    store.users().await.map_err(told)
}

/// Adds a person; without a password one is made.
///
/// # Errors
/// When the name or the password cannot be used, or the database fails.
pub async fn add(
    store: &Store,
    name: &str,
    role: Role,
    given: Option<String>,
) -> Result<PasswordGiven, Problem> {
    let name = name::chosen(name)?;
    let (hash, made) = hashed(given).await?;
    let account = store.add_user(&name, role, &hash).await.map_err(told)?;
    let account = account.ok_or_else(|| name::taken(&name))?;
    Ok(PasswordGiven { account, password: made })
}

/// Gives a person another password and ends their sessions; without a password one is made.
///
/// # Errors
/// When there is no such person, the password cannot be used, or the database fails.
pub async fn reset(store: &Store, name: &str, given: Option<String>) -> Result<PasswordGiven, Problem> {
    let found = match name::normal(name) {
        Some(name) => store.user_named(&name).await.map_err(told)?,
        None => None,
    };
    let found = found.ok_or_else(|| {
        Problem::new(404, "not_found", "There is no such person")
            .detail(format!("Nobody has the name {name}."))
            .hint("`user list` shows who there is.")
    })?;
    let (hash, made) = hashed(given).await?;
    store.set_password(&found.account.id, &hash, None).await.map_err(told)?;
    Ok(PasswordGiven { account: Account { has_password: true, ..found.account }, password: made })
}

async fn hashed(given: Option<String>) -> Result<(String, Option<String>), Problem> {
    let made = given.is_none().then(password::made);
    let chosen = given.or_else(|| made.clone()).unwrap_or_default();
    password::check(&chosen).map_err(ApiError::into_problem)?;
    let hash = Passwords::default().hash(chosen).await.map_err(ApiError::into_problem)?;
    Ok((hash, made))
}

/// On the command line the cause is told: whoever uses it has the database.
fn told(error: impl std::error::Error) -> Problem {
    Problem::new(500, "database", "The database cannot be used").detail(error.to_string())
}
