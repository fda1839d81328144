//! The HTTP API under `/api/v1`. Each module holds one resource's handlers and a `routes()` that
//! registers them with their OpenAPI descriptions.

pub mod extract;
pub mod problem;

pub use problem::{ApiError, ApiResult};
