//! What a hostile program in the sandbox tries, by kind. docs/security.md has the table.

pub(crate) mod egress;
pub(crate) mod escape;
pub(crate) mod files;
pub(crate) mod network;
pub(crate) mod resources;
pub(crate) mod secrets;
pub(crate) mod strict;
