//! From the difference between two states to what is to be done, in an order in which it can be done.

use slipway_protocol::api::{RestoreAction, RestoreStep};
use slipway_protocol::checkpoint::{Node, Operation, UnkeptFile};

use super::changes::Change;

/// What the owner of a directory needs to work in it.
const OWN: u32 = 0o700;

/// The changes that concern these paths and what is below them; all when there are none.
pub(super) fn chosen(changes: Vec<Change>, paths: &[String]) -> Vec<Change> {
    if paths.is_empty() {
        return changes;
    }
    let is_below = |path: &str, above: &str| {
        path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let is_chosen = |change: &Change| {
        let shown = change.shown();
        let comes = change.after.as_ref().is_some_and(Node::is_directory)
            && !change.before.as_ref().is_some_and(Node::is_directory);
        // A directory on the way to a chosen path is made, but nothing else in it.
        paths.iter().any(|path| is_below(&shown, path) || (comes && is_below(path, &shown)))
    };
    changes.into_iter().filter(is_chosen).collect()
}

/// What is to be done to get from one state to another.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) operations: Vec<Operation>,
    /// What becomes of files and links.
    pub(super) steps: Vec<RestoreStep>,
    /// What cannot be brought back.
    pub(super) impossible: Vec<UnkeptFile>,
}

impl Plan {
    /// Files go first, then the directories that held them, from the deepest up; then directories come, from the
    /// top down, and files in them; modes of directories come last, when nothing is to be done in them any more.
    pub(super) fn of(changes: &[Change]) -> Self {
        let mut plan = Self::default();
        let (mut gone, mut removed, mut made, mut written, mut modes) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for change in changes {
            let Change { path, before, after } = change;
            // What cannot be kept is not deleted either: that could not be undone.
            if let Some(Node::Unkept { reason, .. }) = [after, before].into_iter().flatten().find(is_unkept) {
                plan.impossible.push(UnkeptFile { path: change.shown(), reason: *reason });
                continue;
            }
            plan.steps.extend(step(change));
            let operation = |expected: Option<&Node>, wanted: Option<&Node>| Operation {
                path: path.clone(),
                expected: expected.cloned(),
                wanted: wanted.cloned(),
            };
            let mut present = before.as_ref();
            match (before, after) {
                (Some(Node::Directory { .. }), Some(after @ Node::Directory { .. })) => {
                    modes.push(operation(present, Some(after)));
                    continue;
                }
                (Some(Node::Directory { .. }), _) => {
                    removed.push(operation(present, None));
                    present = None;
                }
                (Some(_), None | Some(Node::Directory { .. })) => {
                    gone.push(operation(present, None));
                    present = None;
                }
                _ => {}
            }
            match after {
                Some(after @ Node::Directory { mode, tree }) => {
                    let open = Node::Directory { mode: mode | OWN, tree: *tree };
                    made.push(operation(present, Some(&open)));
                    if mode | OWN != *mode {
                        modes.push(operation(Some(&open), Some(after)));
                    }
                }
                Some(after) => written.push(operation(present, Some(after))),
                None => {}
            }
        }
        removed.reverse();
        modes.reverse();
        plan.operations = [gone, removed, made, written, modes].concat();
        plan
    }
}

fn is_unkept(node: &&Node) -> bool {
    matches!(node, Node::Unkept { .. })
}

fn step(change: &Change) -> Option<RestoreStep> {
    let of_file = |node: &Option<Node>| node.as_ref().is_some_and(|node| !node.is_directory());
    let action = match (of_file(&change.before), of_file(&change.after)) {
        (false, true) => RestoreAction::Create,
        (true, true) => RestoreAction::Replace,
        (true, false) => RestoreAction::Delete,
        (false, false) => return None,
    };
    Some(RestoreStep { path: change.shown(), action })
}

#[cfg(test)]
mod tests {
    use slipway_protocol::checkpoint::ObjectId;

    use super::*;

    const ID: ObjectId = ObjectId([1; 32]);

    fn file() -> Option<Node> {
        Some(Node::File { mode: 0o644, size: 1, content: ID })
    }

    fn directory(mode: u32) -> Option<Node> {
        Some(Node::Directory { mode, tree: ID })
    }

    fn change(path: &str, before: Option<Node>, after: Option<Node>) -> Change {
        Change { path: path.as_bytes().to_vec(), before, after }
    }

    fn order(changes: &[Change]) -> Vec<String> {
        let operations = Plan::of(changes).operations;
        let text = |operation: &Operation| {
            let path = String::from_utf8_lossy(&operation.path).into_owned();
            format!("{}{path}", if operation.wanted.is_some() { '+' } else { '-' })
        };
        operations.iter().map(text).collect()
    }

    #[test]
    fn what_is_in_the_way_goes_first() {
        let changes = [
            change("a", directory(0o755), file()),
            change("a/b", directory(0o755), None),
            change("a/b/c", file(), None),
            change("d", file(), directory(0o555)),
            change("d/e", None, file()),
        ];
        assert_eq!(order(&changes), ["-a/b/c", "-d", "-a/b", "-a", "+d", "+a", "+d/e", "+d"]);
    }

    #[test]
    fn a_chosen_path_brings_the_directories_on_its_way() {
        let changes = vec![
            change("new", None, directory(0o755)),
            change("new/a", None, file()),
            change("new/ab", None, file()),
            change("newer", file(), None),
        ];
        let paths = |chosen: Vec<Change>| chosen.iter().map(Change::shown).collect::<Vec<_>>();
        assert_eq!(paths(chosen(changes.clone(), &["new/a".to_owned()])), ["new", "new/a"]);
        assert_eq!(paths(chosen(changes.clone(), &["new".to_owned()])), ["new", "new/a", "new/ab"]);
        assert_eq!(chosen(changes, &[]).len(), 4);
    }
}
