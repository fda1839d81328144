//! Finding what was said, in all conversations: titles, texts, and arguments of tools with the paths in them.
//!
//! The database narrows down with `LIKE`, which is the same in SQLite and PostgreSQL, on parts as they are
//! stored; [`Words`] then looks at the texts themselves. So nothing is kept twice, and what a part says now is
//! what is found. What tools answered and what models thought is not searched.

mod excerpt;
mod words;

pub use self::words::{Found, Words};
