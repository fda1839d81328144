//! The way out of the sandbox: an HTTP proxy that reaches public hosts only.

pub mod address;

pub use address::AddressRange;

/// What programs in the sandbox may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum EgressMode {
    /// Any public host on ports 80 and 443.
    Public,
    /// Nothing.
    None,
}

/// Serves one connection from the sandbox.
pub async fn serve(_app: &crate::app::AppState, _stream: tokio::net::UnixStream) {}
