//! What to say of a file that does not exist: which names a model may have meant.

use std::path::Path;

use crate::search::walk;
use crate::workspace::Workspace;

/// Names that are offered.
const MAX_NAMES: usize = 5;

/// Files that are looked at for similar names.
const MAX_LOOKED_AT: usize = 20_000;

/// How alike two names must be, from 0 to 1.
const ALIKE: f32 = 0.7;

/// The text for a model that asked for `name`, which does not exist.
pub(super) fn text(workspace: &Workspace, name: &str) -> String {
    let similar = similar(workspace, name);
    if similar.is_empty() {
        format!(
            "{name} does not exist. Nothing here has a similar name: look around with list_directory or search_files."
        )
    } else {
        format!("{name} does not exist. Similar names: {}.", similar.join(", "))
    }
}

fn similar(workspace: &Workspace, name: &str) -> Vec<String> {
    let Some(wanted) = Path::new(name).file_name().map(|wanted| wanted.to_string_lossy().to_lowercase())
    else {
        return Vec::new();
    };
    let files: Vec<String> = walk::files(workspace.root(), workspace.root())
        .take(MAX_LOOKED_AT)
        .map(|file| file.to_string_lossy().into_owned())
        .collect();
    let file_name =
        |path: &str| Path::new(path).file_name().map(|name| name.to_string_lossy().to_lowercase());
    let mut found: Vec<String> =
        files.iter().filter(|path| file_name(path).as_ref() == Some(&wanted)).cloned().collect();
    let paths: Vec<&str> = files.iter().map(String::as_str).collect();
    for path in similar::get_close_matches(name, &paths, MAX_NAMES, ALIKE) {
        if !found.iter().any(|known| known == path) {
            found.push(path.to_owned());
        }
    }
    found.truncate(MAX_NAMES);
    found
}
