//! PDF to text.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::{Document as Pdf, PlainTextOutput, output_doc_page};

use super::{Document, MAX_TEXT_BYTES};

/// Most pages that are read.
const MAX_PAGES: usize = 500;

/// The text of a PDF, page by page. What cannot be read of it is said, and does not take the rest away.
///
/// # Errors
/// Why nothing of it can be read.
pub(super) fn document(bytes: &[u8]) -> Result<Document, String> {
    let mut pdf = Pdf::load_mem(bytes).map_err(|error| error.to_string())?;
    if pdf.is_encrypted() {
        pdf.decrypt("").map_err(|_wrong| "it wants a password".to_owned())?;
    }
    let count = pdf.page_iter().count();
    let mut text = String::new();
    let (mut read, mut empty, mut broken) = (0, 0, Vec::new());
    for number in 1..=count.min(MAX_PAGES) {
        if text.len() > MAX_TEXT_BYTES {
            break;
        }
        read = number;
        let page = page(&pdf, number);
        let shown = match page.as_deref().map(str::trim) {
            Some(shown) => shown,
            None => {
                broken.push(number.to_string());
                "(this page cannot be read)"
            }
        };
        empty += usize::from(shown.is_empty());
        let separator = if text.is_empty() { "" } else { "\n\n" };
        // Writing to memory does not fail.
        let _ = write!(text, "{separator}[page {number}]\n{shown}");
    }
    if read > 0 && broken.len() == read {
        return Err("none of its pages makes sense".to_owned());
    }
    let mut notes = vec![format!("{count} pages")];
    if empty == read {
        notes.push("there is no text in it, only images perhaps".to_owned());
        return Ok(Document { title: None, text: String::new(), notes });
    }
    if read < count {
        notes.push(format!("only the first {read} are read"));
    }
    if !broken.is_empty() {
        notes.push(format!("not to be read are the pages {}", broken.join(", ")));
    }
    Ok(Document { title: None, text, notes })
}

/// The text of one page; `None` when the parser gives it up, by an error or by a panic.
fn page(pdf: &Pdf, number: usize) -> Option<String> {
    let number = u32::try_from(number).ok()?;
    let read = catch_unwind(AssertUnwindSafe(|| {
        let mut text = String::new();
        let mut output = PlainTextOutput::new(&mut text);
        output_doc_page(pdf, &mut output, number).ok()?;
        Some(text)
    }));
    read.ok().flatten()
}
