//! The engine: a stateless model loop. A run comes in as a transcript and goes out as events; nothing is
//! kept between runs.
//!
//! It must not touch a file system or a database, and knows of tools only what their endpoints say.

mod server;
pub mod settings;

mod run;

pub mod context;
pub mod provider;
pub mod tools;

mod events;
mod http_client;
mod tls;

pub use provider::profile::{
    Profile, ProfileError, install as install_profiles, parse as parse_profiles, profile, profiles,
};
pub use server::{router, router_with, serve};
pub use settings::Settings;
pub use tls::install_crypto_provider;
