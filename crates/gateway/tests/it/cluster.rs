//! Several gateways on one PostgreSQL database.

mod commands;
mod lease;
mod processes;
mod reading;
mod secret_key;

use crate::core_client::{Setup, remote};
use crate::core_host::FakeHost;
use crate::harness::TestGateway;

/// A gateway with everything a run needs, and another one on the same database, with the same engine and a
/// tool host of its own.
async fn pair() -> (Setup, TestGateway) {
    let first = Setup::new().await;
    let database = first.gateway.app().config.database_url.clone();
    assert!(database.is_some(), "several gateways need PostgreSQL: scripts/postgres COMMAND...");
    let engine = first.engine.url.clone();
    let second = TestGateway::start_with(|config| {
        config.database_url = database;
        config.engines = remote(&engine);
    });
    let second = second.await;
    FakeHost::attach(&second).await;
    (first, second)
}
