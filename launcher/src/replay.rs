//! `slipway replay`: a recorded conversation played again, with the recorded answers of the model and the
//! tools of this version, and what the tools now answer compared with what they answered then.

mod compare;
mod conduct;
mod copy;
mod normal;
mod plan;
mod recording;
mod report;

pub(crate) use compare::compare;
pub(crate) use conduct::conduct;
pub(crate) use copy::copy_tree;
pub(crate) use recording::{read, translated};
pub(crate) use report::Report;
