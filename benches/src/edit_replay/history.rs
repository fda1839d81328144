//! Real edits, from the history of git repositories.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, bail, ensure};

use super::chance;
use super::hunk::{Hunk, Revision};

/// Larger files are not edited line by line.
const MAX_BYTES: usize = 400_000;

/// Commits that change more places of a file than this reformat it.
const MAX_HUNKS: usize = 40;

/// As many files are taken of one commit, so that large ones do not crowd out the rest.
const FILES_PER_COMMIT: usize = 2;

/// Commits that are asked for at a time.
const BATCH: usize = 200;

const EXTENSIONS: &[&str] = &[
    "c", "cc", "cpp", "cs", "css", "go", "h", "hpp", "html", "java", "js", "json", "jsx", "kt", "md", "mdx",
    "php", "proto", "py", "rb", "rs", "scss", "sh", "sql", "swift", "toml", "ts", "tsx", "vue", "yaml",
    "yml",
];

/// Files that programs write.
const GENERATED: &[&str] = &["package-lock.json", "pnpm-lock.yaml", "vendor/", "node_modules/", ".min."];

/// A hunk of a commit that an edit can express.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) repository: String,
    pub(crate) commit: String,
    pub(crate) path: String,
    pub(crate) revision: Revision,
    pub(crate) hunk: Hunk,
}

/// Up to `count` hunks of the repository at `path`, from non-merge commits that are reached from its HEAD,
/// in an order that `seed` decides. At most one hunk is taken of a changed file.
///
/// # Errors
/// When git fails.
pub(crate) fn sample(path: &Path, seed: u64, count: usize) -> anyhow::Result<Vec<Sample>> {
    let repository = Repository { path: path.to_owned() };
    let mut commits = repository.commits()?;
    commits.sort_by_cached_key(|commit| chance::digest(seed, &["commit", commit]));
    let mut blobs = repository.blobs()?;
    let mut samples = Vec::new();
    for batch in commits.chunks(BATCH) {
        for (commit, mut changes) in repository.changes(batch)? {
            changes.sort_by_cached_key(|change| chance::digest(seed, &[&commit, &change.path]));
            let found = changes.iter().filter_map(|change| {
                take(&mut blobs, seed, &commit, change)
                    .map(|taken| {
                        taken.map(|(revision, hunk)| Sample {
                            repository: repository.name(),
                            commit: commit.clone(),
                            path: change.path.clone(),
                            revision,
                            hunk,
                        })
                    })
                    .transpose()
            });
            let room = FILES_PER_COMMIT.min(count - samples.len());
            samples.extend(found.take(room).collect::<anyhow::Result<Vec<_>>>()?);
        }
        if samples.len() >= count {
            break;
        }
    }
    Ok(samples)
}

fn take(
    blobs: &mut Blobs,
    seed: u64,
    commit: &str,
    change: &Change,
) -> anyhow::Result<Option<(Revision, Hunk)>> {
    let (old, new) = (blobs.read(&change.old)?, blobs.read(&change.new)?);
    let text =
        |bytes: &[u8]| bytes.len() <= MAX_BYTES && std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0);
    if !text(&old) || !text(&new) {
        return Ok(None);
    }
    let revision = Revision::new(old, new);
    let hunks = revision.hunks();
    let mut usable: Vec<&Hunk> = hunks.iter().filter(|hunk| revision.can_express(hunk)).collect();
    if hunks.len() > MAX_HUNKS || usable.is_empty() {
        return Ok(None);
    }
    usable.sort_by_cached_key(|hunk| {
        chance::digest(seed, &[commit, &change.path, &hunk.old.start.to_string()])
    });
    let chosen = usable.first().map(|hunk| (*hunk).clone());
    Ok(chosen.map(|hunk| (revision, hunk)))
}

/// A file that a commit modifies.
struct Change {
    path: String,
    old: String,
    new: String,
}

struct Repository {
    path: PathBuf,
}

impl Repository {
    /// The directory's name; that of the one above where the name says nothing.
    fn name(&self) -> String {
        let path = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
        let names = path.iter().rev().map(|part| part.to_string_lossy());
        names.into_iter().find(|name| name != "repo" && name != ".git").unwrap_or_default().into_owned()
    }

    fn git(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.path).args(arguments);
        command
    }

    fn commits(&self) -> anyhow::Result<Vec<String>> {
        let output = self.git(&["rev-list", "--no-merges", "HEAD"]).output().context("cannot run git")?;
        ensure!(
            output.status.success(),
            "{}: {}",
            self.path.display(),
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
    }

    /// The code files that each of `commits` modifies.
    fn changes(&self, commits: &[String]) -> anyhow::Result<Vec<(String, Vec<Change>)>> {
        let arguments =
            ["diff-tree", "--stdin", "-r", "--raw", "--no-renames", "--diff-filter=M", "--no-abbrev"];
        let mut git = self.git(&arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut input = git.stdin.take().context("no pipe")?;
        let list = commits.join("\n") + "\n";
        let writer = std::thread::spawn(move || input.write_all(list.as_bytes()));
        let output = git.wait_with_output()?;
        let _ = writer.join();
        let mut found: Vec<(String, Vec<Change>)> = Vec::new();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            match (line.strip_prefix(':'), found.last_mut()) {
                (None, _) => found.push((line.to_owned(), Vec::new())),
                (Some(entry), Some((_, changes))) => changes.extend(Change::parse(entry)),
                (Some(_), None) => bail!("git diff-tree: {line}"),
            }
        }
        Ok(found)
    }

    fn blobs(&self) -> anyhow::Result<Blobs> {
        let mut git =
            self.git(&["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = git.stdin.take().context("no pipe")?;
        let output = BufReader::new(git.stdout.take().context("no pipe")?);
        Ok(Blobs { git, input: Some(input), output })
    }
}

impl Change {
    /// From `100644 100644 old new M<tab>path`; nothing for what is no code file.
    fn parse(entry: &str) -> Option<Self> {
        let (fields, path) = entry.split_once('\t')?;
        let mut fields = fields.split(' ');
        let (old_mode, new_mode, old, new) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        let extension = path.rsplit_once('.')?.1;
        let code = EXTENSIONS.contains(&extension) && !GENERATED.iter().any(|part| path.contains(part));
        (old_mode.starts_with("100") && new_mode.starts_with("100") && code).then(|| Self {
            path: path.to_owned(),
            old: old.to_owned(),
            new: new.to_owned(),
        })
    }
}

/// A `git cat-file` that waits for names of objects.
struct Blobs {
    git: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Blobs {
    fn read(&mut self, id: &str) -> anyhow::Result<Vec<u8>> {
        let input = self.input.as_mut().context("no pipe")?;
        writeln!(input, "{id}")?;
        input.flush()?;
        let mut header = String::new();
        self.output.read_line(&mut header)?;
        if header.trim_end().ends_with(" missing") {
            // A snapshot may leave its largest files out.
            return Ok(vec![0]);
        }
        let size = header.trim_end().rsplit_once(' ').and_then(|(_, size)| size.parse::<usize>().ok());
        let mut bytes = vec![0; size.with_context(|| format!("git cat-file: {header}"))? + 1];
        self.output.read_exact(&mut bytes)?;
        bytes.pop();
        Ok(bytes)
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.git.wait();
    }
}
