//! Credentials in web addresses (`https://user:token@host/`), as git keeps them for remotes: hidden wherever output of
//! the sandbox leaves it.

use std::borrow::Cow;

/// What stands where a credential was.
pub const HIDDEN: &str = "[hidden]";

const SCHEMES: [&str; 2] = ["https", "http"];

/// Longest part of an address, in bytes, in which a credential is looked for.
const MAX_AUTHORITY: usize = 1024;

/// A user name without a password that is at least so long is a token.
const SHORTEST_TOKEN: usize = 16;

/// The text with each credential in an address of the web replaced by [`HIDDEN`]. User names stay, and so do
/// placeholders such as `$TOKEN`.
pub fn hide(text: &str) -> Cow<'_, str> {
    hide_from(text, 1)
}

/// The same for what is shown of a file: only what is long enough for a token. A password in a file is mostly a
/// sample in code, and a model that does not see a line as it is cannot edit it.
pub fn hide_tokens(text: &str) -> Cow<'_, str> {
    hide_from(text, SHORTEST_TOKEN)
}

/// Hides passwords of at least `shortest` bytes.
fn hide_from(text: &str, shortest: usize) -> Cow<'_, str> {
    let mut hidden = String::new();
    let mut kept = 0;
    for (at, _) in text.match_indices("://") {
        let before = text.get(..at).unwrap_or_default();
        let authority = authority(text.get(at + 3..).unwrap_or_default());
        if scheme_start(before).is_none() || authority.len() > MAX_AUTHORITY {
            continue;
        }
        let Some((secret, length)) = credential(authority).filter(|(_, length)| *length >= shortest) else {
            continue;
        };
        let start = at + 3 + secret;
        hidden.push_str(text.get(kept..start).unwrap_or_default());
        hidden.push_str(HIDDEN);
        kept = start + length;
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    hidden.push_str(text.get(kept..).unwrap_or_default());
    Cow::Owned(hidden)
}

/// Hides credentials in a text that comes in pieces.
#[derive(Debug, Default)]
pub struct Hider {
    /// The beginning of what may be an address with a credential.
    waiting: String,
}

impl Hider {
    /// What can be told of the text so far. Only an address that may go on waits.
    pub fn push(&mut self, piece: &str) -> String {
        self.waiting.push_str(piece);
        let rest = self.waiting.split_off(open_address(&self.waiting));
        let ready = std::mem::replace(&mut self.waiting, rest);
        hide(&ready).into_owned()
    }

    /// The rest, when nothing more comes.
    pub fn finish(&mut self) -> String {
        hide(&std::mem::take(&mut self.waiting)).into_owned()
    }
}

/// Where an address begins that may go on in the next piece; the text's length if there is none.
fn open_address(text: &str) -> usize {
    // Only the last one can be open: the slashes of a later one end it.
    let last = text.rmatch_indices("://").next().and_then(|(at, _)| {
        let rest = text.get(at + 3..)?;
        let is_open = authority(rest).len() == rest.len() && rest.len() <= MAX_AUTHORITY;
        scheme_start(text.get(..at)?).filter(|_| is_open)
    });
    let begun = SCHEMES.iter().filter_map(|scheme| {
        let whole = format!("{scheme}://");
        (1..whole.len()).rev().find_map(|length| {
            let start = text.len().checked_sub(length)?;
            text.get(start..)?.eq_ignore_ascii_case(whole.get(..length)?).then_some(start)
        })
    });
    begun.chain(last).min().unwrap_or(text.len())
}

/// Where the name of a web address' scheme begins that ends with the text.
fn scheme_start(text: &str) -> Option<usize> {
    SCHEMES.iter().find_map(|scheme| {
        let start = text.len().checked_sub(scheme.len())?;
        text.get(start..)?.eq_ignore_ascii_case(scheme).then_some(start)
    })
}

/// What of an address can name user and host.
fn authority(rest: &str) -> &str {
    let ends = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '/' | '?' | '#' | '"' | '\'' | '<' | '>' | '\\' | '`')
    };
    rest.find(ends).and_then(|end| rest.get(..end)).unwrap_or(rest)
}

/// Where a credential begins in an authority, and its length.
fn credential(authority: &str) -> Option<(usize, usize)> {
    let (user, _) = authority.rsplit_once('@')?;
    let (start, secret) = match user.split_once(':') {
        Some((name, password)) => (name.len() + 1, password),
        None if user.len() >= SHORTEST_TOKEN => (0, user),
        None => return None,
    };
    let is_placeholder =
        secret.is_empty() || secret == HIDDEN || secret.starts_with(['$', '{', '<', '*', '%']);
    (!is_placeholder).then_some((start, secret.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn credentials_are_hidden_and_nothing_else() {
        for (text, expected) in [
            (
                "origin\thttps://ghp_abcdefghijklmnop1234@github.com/a/b (fetch)",
                "origin\thttps://[hidden]@github.com/a/b (fetch)",
            ),
            (
                "url = HTTPS://oauth2:glpat-1@gitlab.com/a.git",
                "url = HTTPS://oauth2:[hidden]@gitlab.com/a.git",
            ),
            ("'http://u:p@h' \"https://u:q@h\"", "'http://u:[hidden]@h' \"https://u:[hidden]@h\""),
            ("https://u:p@ss@host/x", "https://u:[hidden]@host/x"),
            ("https://u:p@a https://u:p@b", "https://u:[hidden]@a https://u:[hidden]@b"),
        ] {
            assert_eq!(hide(text), expected);
        }
        for plain in [
            "https://example.com/a@b:c",
            "https://jane@example.com/",
            "https://user:$TOKEN@github.com/",
            "https://user:${TOKEN}@github.com/ https://x:<token>@h",
            "postgres://user:password@localhost/db",
            "git@github.com:a/b.git ssh://git@github.com:22/a",
            "https://u:[hidden]@h",
            "http://localhost:3000/@scope/package",
            "see https://a.example/?q=u:p@h",
        ] {
            assert_eq!(hide(plain), plain);
        }
    }

    #[test]
    fn of_files_only_tokens_are_hidden() {
        let sample = "assert_eq!(parse(\"https://user:pass@host/\").password(), \"pass\");";
        assert_eq!(hide_tokens(sample), sample);
        let token = "url = https://jane:ghp_4f9c2e71d08b4a63aa55@github.com/jane/app.git";
        assert_eq!(hide_tokens(token), "url = https://jane:[hidden]@github.com/jane/app.git");
    }

    #[test]
    fn what_cannot_be_an_address_does_not_wait() {
        let mut hider = Hider::default();
        assert_eq!(hider.push("$ "), "$ ");
        assert_eq!(hider.push("fetching https://u:p"), "fetching ");
        assert_eq!(hider.push("w@h/x ok"), "https://u:[hidden]@h/x ok");
        assert_eq!(hider.push("see http"), "see ");
        assert_eq!(hider.push("s.txt\n"), "https.txt\n");
        assert_eq!(hider.push("https://u:last@h"), "");
        assert_eq!(hider.finish(), "https://u:[hidden]@h");
        let long = format!("https://{}", "x".repeat(2 * MAX_AUTHORITY));
        assert_eq!(hider.push(&long), long);
    }

    proptest! {
        /// However a text is cut into pieces, the same is hidden as in the whole.
        #[test]
        fn pieces_tell_what_the_whole_does(
            words in proptest::collection::vec(
                prop_oneof![
                    Just("https://u:s3cret@h/x".to_owned()), Just("HTTP://a:b@c".to_owned()), Just("http".to_owned()),
                    Just("://".to_owned()), Just(" ".to_owned()), Just("@".to_owned()), "[a-zä:/]{0,4}",
                ],
                0..8,
            ),
            cuts in proptest::collection::vec(0_usize..200, 0..6),
        ) {
            let text = words.concat();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| text.floor_char_boundary(cut)).collect();
            cuts.sort_unstable();
            let (mut hider, mut told, mut from) = (Hider::default(), String::new(), 0);
            for cut in cuts.into_iter().chain([text.len()]) {
                told.push_str(&hider.push(&text[from..cut]));
                from = cut;
            }
            told.push_str(&hider.finish());
            prop_assert_eq!(told, hide(&text).into_owned());
        }
    }
}
