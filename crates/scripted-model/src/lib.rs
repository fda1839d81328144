//! A model server that plays a script instead of thinking: OpenAI-compatible chat completions over real
//! HTTP, streaming, with scripted wire faults. Tests and benchmarks use it in place of a paid model, and
//! it plays the built-in demo.
//!
//! It keeps no conversation state: which reply comes next follows from the request alone (see
//! [`select`]), so a conversation may be resumed, repeated or replayed against any instance of it.
//! It must know nothing of Slipway.

mod body;
pub mod fault;
pub mod record;
pub mod recording;
pub mod script;
pub mod select;
pub mod server;
pub mod strict;
mod wire;

pub use record::{Exchange, RecordedRequest};
pub use script::{Script, ScriptError};
pub use server::{Server, serve};
