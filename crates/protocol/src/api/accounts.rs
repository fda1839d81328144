//! People, their accounts and their sessions.

use serde::{Deserialize, Serialize};

use crate::id::UserId;

/// What somebody may do; each role may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AccountRole)]
pub enum Role {
    /// Look: at their own conversations, the workspace and the desktop.
    Viewer,
    /// Work: start conversations, change files, drive the desktop.
    Member,
    /// Decide for the instance: settings, providers and their keys, the sandbox, people.
    Admin,
}

impl Role {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Admin => "admin",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        [Self::Viewer, Self::Member, Self::Admin]
            .into_iter()
            .find(|role| role.name() == name)
            .ok_or_else(|| format!("`{name}` is no role; there are viewer, member and admin"))
    }
}

/// A person's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Account {
    /// Its id.
    pub id: UserId,
    /// The name to log in with, in lower case.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// Whether it is that of whoever runs the instance: the launcher acts as this person, so it stays an
    /// administrator's and cannot be disabled.
    pub owner: bool,
    /// Whether a password leads in. Without one only the launcher's links do.
    pub has_password: bool,
    /// Whether it is disabled: nothing leads in, and what belongs to it stays.
    pub disabled: bool,
    /// When it was made.
    pub created_at: i64,
}

/// A browser that is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Session {
    /// Its name; not the token.
    pub id: String,
    /// Whether it is the one that asks.
    pub current: bool,
    /// What the browser calls itself.
    pub agent: String,
    /// When it logged in; 0 when that was not recorded.
    pub created_at: i64,
    /// When it was last used, to ten minutes.
    pub seen_at: i64,
    /// Until when it is good.
    pub expires_at: i64,
}

/// Answer of `GET /account`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OwnAccount {
    /// Who asks.
    pub account: Account,
    /// Where they are logged in, newest first.
    pub sessions: Vec<Session>,
}

/// `PATCH /account`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateAccount {
    /// The new name: 1 to 40 of letters, digits, `-`, `_` and `.`.
    pub name: String,
}

/// `PUT /account/password`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The present one, when there is one.
    #[serde(default)]
    pub current: String,
    /// The new one: 10 to 256 characters.
    pub new: String,
}

/// `POST /people`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePerson {
    /// The name to log in with: 1 to 40 of letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// The first password; without it one is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// `POST /people/{id}/password`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// The new password; without it one is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// An account that has a new password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PasswordGiven {
    /// The account.
    pub account: Account,
    /// The password when one was made. It is told this once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// `PATCH /people/{id}`: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UpdatePerson {
    /// What the person may do from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Whether nothing leads in any more; it ends all sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}
