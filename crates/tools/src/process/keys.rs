//! What a terminal sends for keys.

/// A key that is not known.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "there is no key `{0}`; use a single character, `ctrl-` and a letter, enter, tab, escape, space, backspace, \
     delete, up, down, left, right, home, end, page-up, page-down or f1 to f12"
)]
pub(super) struct UnknownKey(String);

/// The bytes for a text, perhaps Enter, and then some keys.
///
/// # Errors
/// When a key's name is not known.
pub(super) fn encode(text: &str, enter: bool, keys: &[String]) -> Result<Vec<u8>, UnknownKey> {
    // A terminal's Enter key sends a carriage return; line ends within the text mean the same.
    let mut bytes = text.replace("\r\n", "\n").replace('\n', "\r").into_bytes();
    if enter {
        bytes.push(b'\r');
    }
    for key in keys {
        bytes.extend(encode_key(key).ok_or_else(|| UnknownKey(key.clone()))?);
    }
    Ok(bytes)
}

fn encode_key(key: &str) -> Option<Vec<u8>> {
    let mut characters = key.chars();
    if let (Some(character), None) = (characters.next(), characters.next()) {
        return Some(character.to_string().into_bytes());
    }
    let name = key.to_ascii_lowercase().replace(['_', '+', ' '], "-");
    if let Some(letter) = name.strip_prefix("ctrl-").or_else(|| name.strip_prefix("c-")) {
        return match letter.as_bytes() {
            [letter @ b'a'..=b'z'] => Some(vec![letter - b'a' + 1]),
            [b'['] => Some(vec![0x1b]),
            [b'\\'] => Some(vec![0x1c]),
            [b']'] => Some(vec![0x1d]),
            _ => None,
        };
    }
    let sequence = match name.as_str() {
        "enter" | "return" => "\r",
        "tab" => "\t",
        "escape" | "esc" => "\x1b",
        "space" => " ",
        "backspace" => "\x7f",
        "delete" | "del" => "\x1b[3~",
        "up" => "\x1b[A",
        "down" => "\x1b[B",
        "right" => "\x1b[C",
        "left" => "\x1b[D",
        "home" => "\x1b[H",
        "end" => "\x1b[F",
        "page-up" | "pageup" => "\x1b[5~",
        "page-down" | "pagedown" => "\x1b[6~",
        "f1" => "\x1bOP",
        "f2" => "\x1bOQ",
        "f3" => "\x1bOR",
        "f4" => "\x1bOS",
        "f5" => "\x1b[15~",
        "f6" => "\x1b[17~",
        "f7" => "\x1b[18~",
        "f8" => "\x1b[19~",
        "f9" => "\x1b[20~",
        "f10" => "\x1b[21~",
        "f11" => "\x1b[23~",
        "f12" => "\x1b[24~",
        _ => return None,
    };
    Some(sequence.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_keys_become_bytes() {
        let keys = ["ctrl-c", "Up", "q", "ESC", "c-d", "é"].map(str::to_owned);
        assert_eq!(encode("a\nb", true, &keys).as_deref(), Ok("a\rb\r\x03\x1b[Aq\x1b\x04é".as_bytes()));
        assert_eq!(encode("", false, &[]).as_deref(), Ok(&b""[..]));
        assert_eq!(encode("x", true, &["hyper".to_owned()]), Err(UnknownKey("hyper".to_owned())));
    }
}
