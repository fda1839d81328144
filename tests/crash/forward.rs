//! A fixed address for a program that gets another port in every life.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::keeper::Known;

/// Passes connections on; ends when dropped.
pub(crate) struct Forward {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Forward {
    /// Passes connections on to wherever the program listens then; one that listens nowhere refuses them.
    pub(crate) async fn start(target: watch::Receiver<Known>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let target = target.borrow().address.clone();
                tokio::spawn(pass_on(client, target));
            }
        });
        Ok(Self { address, task })
    }
}

impl Drop for Forward {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass_on(mut client: TcpStream, target: Option<String>) {
    let Some(target) = target else { return };
    let Ok(mut server) = TcpStream::connect(target).await else { return };
    // Either side may die at any moment: that is what is tested.
    tokio::io::copy_bidirectional(&mut client, &mut server).await.ok();
}
