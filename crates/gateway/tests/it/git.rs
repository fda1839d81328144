//! Repositories in workspaces, over HTTP, with a real tool host and the real git.

mod heads;
mod uncommitted;
