//! The desktop's byte stream through the host.

use std::path::Path;

use slipway_protocol::sandbox::Confinement;
use slipway_tools::client::ClientError;
use slipway_tools::host::{Host, HostOptions};
use slipway_tools::shell::inheritable;
use slipway_tools::workspace::Workspace;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::scene::connect;

/// A display that no other test uses.
const DISPLAY: u16 = 77;

#[tokio::test]
async fn both_directions_reach_the_desktop() {
    let folder = tempfile::tempdir().expect("a scratch directory");
    let options = HostOptions {
        workspace: Workspace::open(folder.path()).expect("it exists"),
        confinement: Confinement::None,
        state_directory: folder.path().to_owned(),
        environment: inheritable(std::env::vars_os()),
        display: Some(DISPLAY),
        fetch: None,
        workspace_limit: None,
        command_patience: std::time::Duration::from_secs(120),
        desktop_idle: slipway_tools::desktop::IDLE_LIMIT,
        bounds: slipway_tools::bounds::Bounds::default(),
    };
    let host = Host::new(options).expect("a writable directory");
    let (client, _link) = connect(&host).await;
    assert!(client.status().await.expect("an answer").desktop);
    let opened = client.desktop().await;
    if !Path::new("/usr/bin/Xtigervnc").exists() {
        let Err(ClientError::Refused { problem, .. }) = opened else { panic!("a desktop from nothing") };
        assert!(problem.detail.contains("not installed"), "{problem}");
        return;
    }
    let mut stream = opened.expect("a stream");
    let mut greeting = [0; 12];
    stream.read_exact(&mut greeting).await.expect("a greeting");
    assert_eq!(&greeting[..4], b"RFB ");
    // Our version back; the server then offers ways to log in.
    stream.write_all(&greeting).await.expect("written");
    stream.flush().await.expect("written");
    let offered = stream.read_u8().await.expect("an offer");
    assert!(offered > 0);
    drop(stream);
    assert!(client.status().await.is_ok());
    host.shut_down().await;
}
