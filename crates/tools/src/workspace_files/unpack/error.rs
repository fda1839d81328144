//! Why an archive is refused: which entry, and what is wrong with it.

use std::io;

/// An archive that is not unpacked.
#[derive(Debug, thiserror::Error)]
#[error("{}{reason}", entry_text(.entry.as_deref()))]
pub struct ArchiveError {
    /// The entry that is to blame, as the archive names it; `None` when it is the archive as a whole.
    pub entry: Option<String>,
    /// What is wrong with it.
    pub reason: Refusal,
}

impl ArchiveError {
    pub(super) fn at(entry: &str, reason: Refusal) -> Self {
        Self { entry: Some(entry.to_owned()), reason }
    }

    pub(super) fn whole(reason: Refusal) -> Self {
        Self { entry: None, reason }
    }
}

/// The entry with what a terminal or a page would trip over made visible, and a long one cut.
fn entry_text(entry: Option<&str>) -> String {
    const SHOWN: usize = 200;
    let Some(entry) = entry else { return "the archive ".to_owned() };
    let mut shown: String = entry.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if entry.chars().count() > SHOWN {
        shown.push('…');
    }
    format!("the entry `{shown}` ")
}

/// What is wrong with an entry, or with the whole archive.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Nothing is left of its name.
    #[error("has no name")]
    NoName,
    /// Its name is not text.
    #[error("has a name that is not UTF-8")]
    NotUnicode,
    /// Its name could change what a terminal shows.
    #[error("has a control character in its name")]
    ControlCharacter,
    /// Its name begins at the root.
    #[error("has an absolute name")]
    Absolute,
    /// Its name goes up.
    #[error("has a name that goes up (`..`)")]
    GoesUp,
    /// Its name would be a path elsewhere.
    #[error("has a backslash in its name, which separates directories on other systems")]
    Backslash,
    /// Its name or path is longer than file systems take.
    #[error("has a name that is too long")]
    NameTooLong,
    /// It is in too many directories.
    #[error("is deeper than {limit} directories")]
    TooDeep {
        /// How deep it may be.
        limit: usize,
    },
    /// An earlier entry has its name.
    #[error("is there twice")]
    Duplicate,
    /// The file system takes its name for that of an earlier entry.
    #[error("has a name that this file system does not tell from that of an earlier entry")]
    SameName,
    /// What should be its directory is none.
    #[error("goes through `{parent}`, which is no directory")]
    NotInDirectory {
        /// An earlier entry.
        parent: String,
    },
    /// It is a link that may lead out.
    #[error("is a link that leads, or could lead, out of the archive: `{}`", .target.escape_debug())]
    LinkOut {
        /// Where it leads.
        target: String,
    },
    /// It is a hard link to what is not a file of this archive.
    #[error("is a hard link to `{}`, which is no file before it in the archive", .target.escape_debug())]
    HardLink {
        /// Where it leads.
        target: String,
    },
    /// It is neither file, directory nor link.
    #[error("is {what}")]
    Special {
        /// What it is.
        what: &'static str,
    },
    /// It cannot be read without a password.
    #[error("is encrypted")]
    Encrypted,
    /// Too many entries.
    #[error("is beyond the {limit} entries that an archive may have")]
    TooManyEntries {
        /// How many it may have.
        limit: u64,
    },
    /// Too much comes out.
    #[error("takes what is unpacked beyond {limit} bytes")]
    TooLarge {
        /// How much may come out.
        limit: u64,
    },
    /// Far more comes out than went in.
    #[error("takes what is unpacked beyond {limit} times the size of the archive")]
    Ratio {
        /// How many times as much may come out.
        limit: u64,
    },
    /// It names entries that cannot be told apart.
    #[error("lists more entries than it has names: some name is there twice")]
    HiddenEntries,
    /// It is damaged, or no such archive at all.
    #[error("cannot be read: {0}")]
    Broken(String),
    /// The system refused.
    #[error("could not be written: {0}")]
    System(#[from] io::Error),
}
