//! Chords of keys as models write them: `ctrl+s`, `Alt-F4`, `ctrl++`.

use crate::desktop::rfb::key_named;

/// Shift by its number.
const SHIFT: u32 = 0xffe1;

/// The keys of a chord in the order in which they go down.
///
/// # Errors
/// Which part is no key, for the model.
pub(super) fn parse(chord: &str) -> Result<Vec<u32>, String> {
    let mut names: Vec<&str> = chord.split('+').collect();
    // `+` itself: `+` alone, or at the end of `ctrl++`.
    if let [.., "", ""] = names.as_slice() {
        names.truncate(names.len() - 2);
        names.push("+");
    }
    let mut keys = Vec::with_capacity(names.len());
    for name in names {
        let key = key_named(name.trim());
        keys.push(key.ok_or_else(|| {
            format!(
                "{name:?} in {chord:?} is no key. Keys are single characters and names like Return, Escape, Tab, \
                 Page_Down, Left, F5; modifiers are ctrl, shift, alt, super."
            )
        })?);
    }
    // Whoever writes `ctrl+S` means the key, not the capital letter.
    if let [modifiers @ .., last] = keys.as_mut_slice()
        && !modifiers.is_empty()
        && !modifiers.contains(&SHIFT)
        && (0x41..=0x5a).contains(last)
    {
        *last += 0x20;
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chords_are_read() {
        let cases: [(&str, &[u32]); 7] = [
            ("ctrl+s", &[0xffe3, 0x73]),
            ("Ctrl+S", &[0xffe3, 0x73]),
            ("ctrl+shift+T", &[0xffe3, 0xffe1, 0x54]),
            ("Return", &[0xff0d]),
            ("A", &[0x41]),
            ("ctrl++", &[0xffe3, 0x2b]),
            ("+", &[0x2b]),
        ];
        for (chord, expected) in cases {
            assert_eq!(parse(chord).as_deref(), Ok(expected), "{chord}");
        }
        let error = parse("ctrl+nothing").expect_err("no key");
        assert!(error.starts_with("\"nothing\" in \"ctrl+nothing\" is no key."), "{error}");
        assert!(parse("").is_err());
    }
}
