//! Behaviour of the tools and their host through their public surface.

mod attach;
mod calls;
mod file_tools;
mod scene;
mod search_tools;
mod shell;
mod views;
