//! The files of `frontend/dist`.

use rust_embed::RustEmbed;

use super::UiFile;

#[derive(RustEmbed)]
#[folder = "../../frontend/dist"]
struct Dist;

/// A file by its path.
pub(super) fn get(path: &str) -> Option<UiFile> {
    let file = Dist::get(path)?;
    let hash = file.metadata.sha256_hash();
    let tag = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut media_type = file.metadata.mimetype().to_owned();
    if media_type.starts_with("text/") && !media_type.contains("charset") {
        media_type.push_str("; charset=utf-8");
    }
    Some(UiFile { bytes: file.data, media_type, tag: format!("W/\"{tag}\"") })
}
