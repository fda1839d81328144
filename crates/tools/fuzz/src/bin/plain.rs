//! [`slipway_tools_fuzz::check`] on random bytes, for so many seconds.

use std::time::{Duration, Instant};

use arbitrary::{Arbitrary as _, Unstructured};
use slipway_tools_fuzz::{Input, check};

fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let mut argument = |default| arguments.next().transpose().map(|number| number.unwrap_or(default));
    let (Ok(seconds), Ok(seed)) = (argument(60), argument(1)) else {
        eprintln!("usage: plain [SECONDS [SEED]]");
        return;
    };
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut state = seed;
    let (mut runs, mut applied) = (0_u64, 0_u64);
    while Instant::now() < end {
        let bytes: Vec<u8> = (0..96).flat_map(|_| next(&mut state).to_le_bytes()).collect();
        if let Ok(input) = Input::arbitrary(&mut Unstructured::new(&bytes)) {
            applied += u64::from(check(&input));
            runs += 1;
        }
    }
    println!("{runs} inputs, {applied} of them applied");
}

/// SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
