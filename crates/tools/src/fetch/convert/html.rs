//! HTML to Markdown.

use url::Url;

use super::Document;
use super::nesting::{MAX_NESTING, depth, without_tags};
use super::{decode, main_content, markdown};

/// A page with less text than this and with scripts is probably built by those.
const LITTLE_TEXT: usize = 200;

/// The main content of a page from `url`.
pub(super) fn document(bytes: &[u8], charset: Option<&str>, url: &str) -> Document {
    let html = decode::text(bytes, charset);
    let depth = depth(&html);
    if depth > MAX_NESTING {
        let note = format!("its markup is nested {depth} deep, so this is its bare text without links");
        return Document { title: None, text: without_tags(&html), notes: vec![note] };
    }
    let main = main_content::of(&html);
    let base = Url::parse(url).ok();
    let base = match (main.base, base) {
        (Some(stated), Some(base)) => base.join(&stated).ok().or(Some(base)),
        (_, base) => base,
    };
    let text = markdown::of(&main.html, base);
    let mut notes = Vec::new();
    if main.has_scripts && text.chars().count() < LITTLE_TEXT {
        notes.push(
            "it holds little text but scripts, which were not run: what a browser would show may be missing"
                .to_owned(),
        );
    }
    Document { title: main.title, text, notes }
}

/// What can always be had of a page: what stands between its tags.
pub(super) fn bare(bytes: &[u8], charset: Option<&str>, reason: &str) -> Document {
    let note = format!("its markup cannot be converted ({reason}), so this is its bare text without links");
    Document { title: None, text: without_tags(&decode::text(bytes, charset)), notes: vec![note] }
}
