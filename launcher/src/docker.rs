//! Everything that talks to Docker.

mod base;
mod connection;
mod container;
mod control;
mod error;
mod found;
mod hardening;
mod image;
mod instance;
mod listing;
mod logs;
mod names;
mod presence;
mod ready;
mod reset;
mod sandbox;
mod shell;
mod volume;

pub(crate) use connection::{ConnectError, Engine, connect};
pub(crate) use image::ensure as ensure_image;
pub(crate) use instance::{Request, down, up};
pub(crate) use listing::{list, numbers_in_use};
pub(crate) use logs::show as show_logs;
pub(crate) use presence::{Presence, Started, presence, running};
pub(crate) use reset::reset;
pub(crate) use shell::open as open_shell;

/// Label with an instance's number.
const INSTANCE_LABEL: &str = "slipway.instance";
/// Label with the part that a container plays.
const PART_LABEL: &str = "slipway.part";
/// Label with the instance's directory on the host, which tells one user's instance from another's.
const STATE_LABEL: &str = "slipway.state";
/// Label with the digest of what a container was made from.
const SPEC_LABEL: &str = "slipway.spec";
/// Label with the fingerprint of what an image was built from.
const CONTENT_LABEL: &str = "slipway.content";
