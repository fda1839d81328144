//! PDF to text.

use super::Document;

/// Most pages that are read.
const MAX_PAGES: usize = 500;

/// The text of a PDF, page by page.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn document(bytes: &[u8]) -> Result<Document, String> {
    let pages = pdf_extract::extract_text_from_mem_by_pages(bytes).map_err(|error| error.to_string())?;
    let count = pages.len();
    let mut notes = vec![format!("{count} pages")];
    if pages.iter().all(|page| page.trim().is_empty()) {
        notes.push("there is no text in it, only images perhaps".to_owned());
        return Ok(Document { title: None, text: String::new(), notes });
    }
    if count > MAX_PAGES {
        notes.push(format!("only the first {MAX_PAGES} are read"));
    }
    let pages = pages.iter().take(MAX_PAGES).enumerate();
    let text: Vec<String> =
        pages.map(|(index, page)| format!("[page {}]\n{}", index + 1, page.trim())).collect();
    Ok(Document { title: None, text: text.join("\n\n"), notes })
}
