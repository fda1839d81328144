//! What is served when the program was built without the UI.

use super::UiFile;

/// The placeholder, for both pages.
pub(super) fn get(path: &str) -> Option<UiFile> {
    path.ends_with(".html").then(|| UiFile {
        bytes: include_bytes!("placeholder.html").into(),
        media_type: "text/html; charset=utf-8".to_owned(),
        tag: concat!("W/\"", env!("CARGO_PKG_VERSION"), "\"").to_owned(),
    })
}
