//! Who asks.

use axum::extract::FromRequestParts;
use http::request::Parts;
use slipway_protocol::api::Role;
use slipway_protocol::{Problem, UserId};

use crate::api::ApiError;
use crate::store::ownership;

/// Who asks, as the guard has found out; nobody else can make one. What belongs to people is asked of the store in
/// the name of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    user: UserId,
    role: Role,
    way: Way,
}

/// How somebody has shown who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// By the launcher's token: a program on the host, which acts as the instance's owner.
    Launcher,
    /// By a session, whose token has this hash.
    Session(String),
}

impl Viewer {
    /// The launcher, and programs on the host that use its token.
    pub(crate) fn launcher() -> Self {
        Self { user: UserId::from(ownership::OWNER), role: Role::Admin, way: Way::Launcher }
    }

    /// A person with a session.
    pub(super) fn person(user: UserId, role: Role, session: String) -> Self {
        Self { user, role, way: Way::Session(session) }
    }

    /// Whose things are asked for.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// What they may do.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The hash of their session's token; `None` for the launcher.
    pub fn session(&self) -> Option<&str> {
        match &self.way {
            Way::Launcher => None,
            Way::Session(hash) => Some(hash),
        }
    }

    /// How they have shown who they are.
    pub fn way(&self) -> &Way {
        &self.way
    }

    /// Refuses everybody but whoever runs the instance (403): what is everybody's is theirs alone to take.
    ///
    /// # Errors
    /// For all others, administrators too.
    pub fn must_be_owner(&self) -> Result<(), ApiError> {
        if self.user.as_str() == ownership::OWNER {
            return Ok(());
        }
        Err(Problem::new(403, "owner_only", "Only whoever runs this instance may do this")
            .detail("It concerns the conversations of everybody.")
            .into())
    }

    /// Refuses everybody but the launcher (403).
    ///
    /// # Errors
    /// For people.
    pub fn must_be_launcher(&self, hint: &str) -> Result<(), ApiError> {
        match self.way {
            Way::Launcher => Ok(()),
            Way::Session(_) => {
                let problem = Problem::new(403, "launcher_only", "Only the launcher may do this");
                Err(problem.detail("It takes the launcher's token.").hint(hint).into())
            }
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Viewer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let viewer = parts.extensions.get::<Self>().cloned();
        viewer.ok_or_else(|| Problem::new(401, "not_logged_in", "You are not logged in").into())
    }
}
