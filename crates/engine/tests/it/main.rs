//! The engine's behaviour over real HTTP: a scripted model on one side, a fake tool endpoint on the other.
#![cfg(test)]

mod approvals;
mod budgets;
mod calibration;
mod context_modes;
mod fake_tools;
mod flow;
mod harness;
mod hostile;
mod pausing;
mod pictures;
mod pins;
mod plans;
mod previews;
mod provider_faults;
mod provider_quirks;
mod questions;
mod running;
mod steering;
mod stopping;
mod subagents;
mod tool_calls;
mod views;
mod web_browser;
mod window;
mod wire_shapes;
