//! Recorded states: what is recorded, what changed, and going back.

mod before_messages;
mod comparing;
mod going_back;
mod lasting;
mod properties;
mod recording;
