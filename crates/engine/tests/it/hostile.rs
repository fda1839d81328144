//! Models, providers and tools that misbehave. Each case says what goes wrong, how the run must end, how
//! often the model may be asked and which tools may run; whatever happens, [`invariants`] hold.

mod answers;
mod calls;
mod case;
mod finish;
mod governor;
mod history;
mod identity;
mod indices;
mod invariants;
mod json;
mod limits;
mod resets;
mod sse;
mod stalls;
mod statuses;
mod stopped;
mod streams;
mod tools;
