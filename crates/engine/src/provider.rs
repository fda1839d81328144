//! Models behind OpenAI-compatible chat completion endpoints.

pub mod profile;
