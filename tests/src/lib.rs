//! Support for the end-to-end tests: starts Slipway as a person would, through the launcher, and talks to
//! it as a browser would, over HTTP. Nothing but the paid model is replaced.

mod api;
mod events;
mod fold;
mod instance;

pub use api::Api;
pub use events::Events;
pub use fold::Timeline;
pub use instance::{Instance, Mode, docker, program, repository};
