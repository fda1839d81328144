//! What ignore files say about the entries of one directory.

use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::AREA;

/// Names of ignore files; a later one wins over an earlier one of the same directory.
const IGNORE_FILES: [&str; 2] = [".gitignore", ".ignore"];

/// The rules that hold in a directory.
pub(super) struct IgnoreRules {
    root: PathBuf,
    directory: PathBuf,
    /// Those of the workspace first.
    matchers: Vec<Gitignore>,
    /// Whether the directory itself is ignored, and so everything in it.
    whole: bool,
}

impl IgnoreRules {
    /// The rules of every directory from the workspace down to `directory`, which is in it.
    pub(super) fn of(root: &Path, directory: &Path) -> Self {
        let mut rules =
            Self { root: root.to_owned(), directory: root.to_owned(), matchers: Vec::new(), whole: false };
        rules.enter(Some(&root.join(".git/info/exclude")));
        for name in directory.strip_prefix(root).unwrap_or(Path::new("")).components() {
            rules.whole |= rules.name(name.as_os_str(), true);
            rules.directory.push(name);
            rules.enter(None);
        }
        rules
    }

    fn enter(&mut self, extra: Option<&Path>) {
        let mut builder = GitignoreBuilder::new(&self.directory);
        let own = IGNORE_FILES.map(|name| self.directory.join(name));
        // A rule that makes no sense is left out, as git does; the others hold.
        for file in extra.into_iter().chain(own.iter().map(PathBuf::as_path)).filter(|file| file.is_file()) {
            let _ = builder.add(file);
        }
        if let Ok(matcher) = builder.build()
            && !matcher.is_empty()
        {
            self.matchers.push(matcher);
        }
    }

    /// Whether an entry of the directory is ignored. `.git` and Slipway's own directory are: they are no content of the
    /// project.
    pub(super) fn name(&self, name: &std::ffi::OsStr, is_directory: bool) -> bool {
        if self.whole || name == ".git" || (name == AREA && self.directory == self.root) {
            return true;
        }
        let path = self.directory.join(name);
        for matcher in self.matchers.iter().rev() {
            match matcher.matched(&path, is_directory) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_hold_below_and_the_nearest_wins() {
        let folder = tempfile::tempdir().expect("scratch");
        let root = folder.path();
        let put = |path: &str, text: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("scratch");
            std::fs::write(path, text).expect("scratch");
        };
        put(".gitignore", "target/\n*.log\n/only-top\n");
        put("a/.gitignore", "!keep.log\n");
        put("target/deep/.gitignore", "!*\n");
        put(".git/info/exclude", "mine\n");
        let ignored = |directory: &str, name: &str, is_directory| {
            IgnoreRules::of(root, &root.join(directory)).name(name.as_ref(), is_directory)
        };
        assert!(ignored("", "target", true) && !ignored("", "target", false));
        assert!(ignored("", ".git", true) && ignored("a", "mine", false));
        assert!(ignored("a", "x.log", false) && !ignored("a", "keep.log", false));
        assert!(ignored("", "only-top", false) && !ignored("a", "only-top", false));
        assert!(ignored("target/deep", "anything", false), "what is in an ignored directory stays ignored");
        assert!(!ignored("", "src", true));
        assert!(ignored("", AREA, true) && !ignored("a", AREA, true));
    }
}
