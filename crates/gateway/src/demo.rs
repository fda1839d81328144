//! The built-in model: a script served on loopback, so that Slipway works without a key.
