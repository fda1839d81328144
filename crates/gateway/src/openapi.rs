//! The OpenAPI document of everything under `/api/v1`.
