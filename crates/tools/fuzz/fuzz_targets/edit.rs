//! [`slipway_tools_fuzz::check`] on what libFuzzer makes up.
#![no_main]

use libfuzzer_sys::fuzz_target;
use slipway_tools_fuzz::{Input, check};

fuzz_target!(|input: Input| check(&input));
