//! The name by which a page that shows the desktop is told from others.

use serde::{Deserialize, Serialize};

/// Longest name, in bytes.
const MAX_BYTES: usize = 64;

/// A page's name for itself, made up at random: 1 to 64 of `a-z`, `A-Z`, `0-9`, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct ViewerId(String);

/// Why a text is no name.
#[derive(Debug, thiserror::Error)]
#[error("a viewer's name has 1 to {MAX_BYTES} letters, digits, `-` or `_`")]
pub(super) struct InvalidViewerId;

impl TryFrom<String> for ViewerId {
    type Error = InvalidViewerId;

    fn try_from(name: String) -> Result<Self, InvalidViewerId> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let is_valid = (1..=MAX_BYTES).contains(&name.len()) && name.bytes().all(is_plain);
        if is_valid { Ok(Self(name)) } else { Err(InvalidViewerId) }
    }
}

impl From<ViewerId> for String {
    fn from(id: ViewerId) -> Self {
        id.0
    }
}
