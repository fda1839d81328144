//! What a state left out when it was recorded: such a file is no file that came later, and is not to be deleted.

use std::collections::HashMap;
use std::path::Path;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use slipway_protocol::checkpoint::{Node, ObjectId};

use super::changes::{Change, node_at};
use super::objects::{Kind, ObjectError, Objects};

/// Name of the files that say what is left out.
const RULES: &str = ".gitignore";

/// The changes on the way to the state `root`, without deletions of what the rules there leave out. Only where a
/// rule differs between the two states can there be any.
///
/// # Errors
/// When an object is lost.
pub(super) fn spared(
    objects: &Objects,
    root: &ObjectId,
    changes: Vec<Change>,
) -> Result<Vec<Change>, ObjectError> {
    let is_rule = |change: &Change| change.shown().rsplit('/').next() == Some(RULES);
    if !changes.iter().any(is_rule) {
        return Ok(changes);
    }
    let mut known = HashMap::new();
    let mut spared = Vec::new();
    for change in changes {
        if change.after.is_some() || !is_left_out(objects, root, &change, &mut known)? {
            spared.push(change);
        }
    }
    Ok(spared)
}

fn is_left_out(
    objects: &Objects,
    root: &ObjectId,
    change: &Change,
    known: &mut HashMap<String, Option<Gitignore>>,
) -> Result<bool, ObjectError> {
    let path = change.shown();
    let is_directory = change.before.as_ref().is_some_and(Node::is_directory);
    // The rules nearest to a file have the last word.
    for directory in Path::new(&path).ancestors().skip(1) {
        let place = directory.to_string_lossy().into_owned();
        let rules = match known.entry(place) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                let rules = rules_in(objects, root, entry.key())?;
                entry.insert(rules)
            }
        };
        let (Some(rules), Ok(below)) = (rules, Path::new(&path).strip_prefix(directory)) else { continue };
        match rules.matched_path_or_any_parents(below, is_directory) {
            Match::Ignore(_) => return Ok(true),
            Match::Whitelist(_) => return Ok(false),
            Match::None => {}
        }
    }
    Ok(false)
}

fn rules_in(objects: &Objects, root: &ObjectId, directory: &str) -> Result<Option<Gitignore>, ObjectError> {
    let path = if directory.is_empty() { RULES.to_owned() } else { format!("{directory}/{RULES}") };
    let Some(content) = node_at(objects, root, path.as_bytes())?.and_then(|node| node.content()) else {
        return Ok(None);
    };
    let text = objects.get(Kind::Content, &content)?;
    let mut builder = GitignoreBuilder::new("");
    for line in String::from_utf8_lossy(&text).lines() {
        // A line that makes no sense leaves nothing out, as when the workspace is read.
        let _ = builder.add_line(None, line);
    }
    Ok(builder.build().ok())
}
