//! What a person has typed and not sent yet.

use serde::{Deserialize, Serialize};

/// `GET` and `PUT /conversations/{id}/draft`, and the same for a new conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Draft {
    /// What was typed; empty when it was sent or removed.
    pub text: String,
    /// When it was last edited; 0 when nothing ever was.
    pub edited_at: i64,
}
