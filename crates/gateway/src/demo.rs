//! The built-in model: a script served on loopback, so that Slipway works without a key.

use std::io;

use slipway_scripted_model::{Script, Server};

/// The demo's model server; stops when dropped.
pub struct Demo {
    server: Server,
    model: String,
}

impl std::fmt::Debug for Demo {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Demo").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

impl Demo {
    /// Starts it on a loopback port of its own.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> io::Result<Self> {
        let script = Script::demo();
        let model = script.model().to_owned();
        Ok(Self { server: Server::start(script).await?, model })
    }

    /// Base URL of its model interface.
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// The name of its only model.
    pub fn model(&self) -> &str {
        &self.model
    }
}
