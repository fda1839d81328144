//! Takes out of a page's text what no reader sees but a model or a terminal would.

/// The text without control characters, invisible letters and marks that turn the direction of writing; no
/// more than one blank line at a time.
pub(super) fn text(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.lines() {
        let line: String = line.chars().filter(|character| is_visible(*character)).collect();
        let line = line.trim_end();
        blank = if line.is_empty() { blank + 1 } else { 0 };
        if blank <= 1 && !(line.is_empty() && cleaned.is_empty()) {
            cleaned.push_str(line);
            cleaned.push('\n');
        }
    }
    cleaned.truncate(cleaned.trim_end().len());
    cleaned
}

/// The text in one line.
pub(super) fn line(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|character| if character.is_whitespace() { ' ' } else { character })
        .filter(|c| is_visible(*c))
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_visible(character: char) -> bool {
    match character {
        '\t' => true,
        // Soft hyphen, zero-width characters, marks of direction, the byte order mark, tags, and fillers.
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{3164}'
        | '\u{ffa0}' => false,
        character => !character.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_nobody_sees_is_gone() {
        assert_eq!(text("a\u{200b}b\u{202e}c\u{e0041}d\x1b[31m\0e"), "abcd[31me");
        assert_eq!(text("\n\na  \r\n\n\n\n\tb\n\n"), "a\n\n\tb");
        assert_eq!(line(" a\n b\u{2028}c\t"), "a b c");
    }

    proptest! {
        #[test]
        fn clean_text_stays_as_it_is(raw in "\\PC{0,40}(\n\\PC{0,20}){0,6}") {
            let once = text(&raw);
            prop_assert_eq!(text(&once), once);
        }
    }
}
