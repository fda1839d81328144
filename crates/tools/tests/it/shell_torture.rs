//! The persistent shell under torture, through the tool host as a gateway sees it. Each case is a test of its own
//! and ends with a shell that still answers.

mod background;
mod completion;
mod concurrency;
mod death;
mod full_screen;
mod harness;
mod interactive;
mod output;
mod quoting;
mod restart;
mod signals;
mod state;
