//! A sample, spoilt in one way: files, what the model saw of them, calls, and the files that must result.

use std::collections::BTreeMap;

use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use slipway_tools::edit::{Document, Edit};

use super::chance;
use super::history::Sample;
use super::hunk::{Hunk, Intent};
use super::kind::Kind;
use super::spoil;

/// A case for the tool host.
#[derive(Debug)]
pub(crate) struct Trial<'a> {
    pub(crate) kind: Kind,
    pub(crate) sample: &'a Sample,
    /// The one file of the workspace.
    pub(crate) path: &'a str,
    pub(crate) disk: Vec<u8>,
    pub(crate) seen: Seen,
    /// Edits, call by call.
    pub(crate) calls: Vec<Vec<Edit>>,
    pub(crate) expected: Expected,
}

/// What the model was shown of the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// What is on disk.
    Disk,
    /// This.
    Other(Vec<u8>),
    /// Nothing.
    Never,
}

/// What must come of the calls.
#[derive(Debug)]
pub(crate) enum Expected {
    /// The file with these bytes.
    File(Vec<u8>),
    /// As before, but the endings of lines that are new cannot be told: they may be any.
    FileButNewEndings(Vec<u8>),
    /// The file as it was, and a refusal.
    Refusal,
}

/// The trial of `sample` in the way of `kind`; `None` where that makes no sense. `all` are the samples to
/// find another file in.
pub(crate) fn trial<'a>(kind: Kind, sample: &'a Sample, all: &'a [Sample], seed: u64) -> Option<Trial<'a>> {
    let words = [&format!("{kind:?}"), &sample.commit, &sample.path];
    let mut rng = chance::source(seed, &words.map(String::as_str));
    let revision = &sample.revision;
    let intent = revision.intent(&sample.hunk);
    let expected = revision.with(std::slice::from_ref(&sample.hunk));
    let mut trial = Trial {
        kind,
        sample,
        path: &sample.path,
        disk: revision.old.clone(),
        seen: Seen::Disk,
        calls: Vec::new(),
        expected: if revision.is_mixed() {
            Expected::FileButNewEndings(expected)
        } else {
            Expected::File(expected)
        },
    };
    let edit = match kind {
        Kind::K0 => intent.edit(),
        Kind::K1 | Kind::K2 | Kind::K3 | Kind::K4 => {
            off(kind, &intent, revision.before().lines.len(), &mut rng)?.edit()
        }
        Kind::K5 => spoil::trailing_space(intent.edit(), &mut rng),
        Kind::K6a => spoil::without_indent(&intent)?,
        Kind::K6b => spoil::dedented(&intent)?,
        Kind::K6c => spoil::indented_further(&intent)?,
        Kind::K7 => spoil::tabs_as_spaces(&intent, &revision.before())?,
        Kind::K8 | Kind::K8c => {
            let crlf = |rng: &mut StdRng| kind == Kind::K8 || rng.random_bool(0.5);
            trial.end_lines(&mut rng, crlf)?;
            intent.edit()
        }
        Kind::K8b => {
            trial.add_byte_order_mark()?;
            intent.edit()
        }
        Kind::K9 => {
            trial.apply_other_hunks()?;
            intent.edit()
        }
        Kind::K10a | Kind::K10b | Kind::K10c => {
            trial.expected = Expected::Refusal;
            spoil::with_invented_line(kind, &intent, &revision.before(), &mut rng)?
        }
        Kind::K11 | Kind::K11s | Kind::K11n => {
            trial.move_to_other_file(all, &mut rng)?;
            intent.edit()
        }
        Kind::K13 => spoil::ascii_punctuation(intent.edit())?,
        Kind::KF => block(&intent)?.pasted(),
        Kind::KF4 => off(Kind::K4, block(&intent)?, revision.before().lines.len(), &mut rng)?.pasted(),
        Kind::K12 | Kind::KB | Kind::KS => return trial.with_companions(&mut rng),
    };
    trial.calls = vec![vec![spoil::perhaps_without_final_newline(edit, &mut rng)]];
    Some(trial)
}

/// The edit when its block has more than one line.
fn block(intent: &Intent) -> Option<&Intent> {
    (intent.removed.len() > 1).then_some(intent)
}

/// The edit with numbers off in the way of `kind`, inside the file.
fn off(kind: Kind, intent: &Intent, line_count: usize, rng: &mut StdRng) -> Option<Intent> {
    let distances = match kind {
        Kind::K1 | Kind::K2 => 1..=3,
        Kind::K3 => 4..=10,
        _ => 20..=200,
    };
    let steps = distances.flat_map(|lines: isize| [lines, -lines]);
    let all: Vec<Intent> = if kind == Kind::K2 {
        let one_end = |by| [intent.off_by(by, 0, line_count), intent.off_by(0, by, line_count)];
        steps
            .flat_map(one_end)
            .flatten()
            .filter(|off| intent.removed.len() > 1 && off.lines.len() > 1)
            .collect()
    } else {
        steps.filter_map(|by| intent.off_by(by, by, line_count)).collect()
    };
    all.choose(rng).cloned()
}

impl<'a> Trial<'a> {
    fn end_lines(&mut self, rng: &mut StdRng, mut crlf: impl FnMut(&mut StdRng) -> bool) -> Option<()> {
        let hunk = &self.sample.hunk;
        let (old, new) = (self.sample.revision.before(), self.sample.revision.after());
        if [&self.sample.revision.old, &self.sample.revision.new].iter().any(|bytes| bytes.contains(&b'\r')) {
            return None;
        }
        if old.lines.iter().all(|line| line.ending.is_empty()) {
            // Nothing tells how its lines end.
            return None;
        }
        let mut endings = Vec::new();
        let mut disk = old.byte_order_mark.to_vec();
        for line in &old.lines {
            let ending: &[u8] = match line.ending {
                b"\n" if crlf(rng) => b"\r\n",
                own => own,
            };
            endings.push(ending);
            disk.extend([line.body, ending].concat());
        }
        let own = |range: std::ops::Range<usize>| {
            old.lines.get(range.clone()).into_iter().flatten().zip(endings.get(range).into_iter().flatten())
        };
        let mut expected = old.byte_order_mark.to_vec();
        let join = |(line, ending): (&slipway_tools::edit::Line<'_>, &&[u8])| [line.body, *ending].concat();
        expected.extend(own(0..hunk.old.start).flat_map(join));
        for line in new.lines.get(hunk.new.clone()).unwrap_or_default() {
            expected.extend(line.body);
            expected.extend(if line.ending.is_empty() { &b""[..] } else { b"\r\n" });
        }
        expected.extend(own(hunk.old.end..old.lines.len()).flat_map(join));
        self.disk = disk;
        self.expected = match self.kind {
            Kind::K8 => Expected::File(expected),
            _ => Expected::FileButNewEndings(expected),
        };
        Some(())
    }

    fn add_byte_order_mark(&mut self) -> Option<()> {
        let (Expected::File(expected) | Expected::FileButNewEndings(expected)) = &mut self.expected else {
            return None;
        };
        let mark = "\u{FEFF}".as_bytes();
        if self.disk.starts_with(mark) {
            return None;
        }
        self.disk = [mark, &self.disk].concat();
        *expected = [mark, expected].concat();
        Some(())
    }

    fn apply_other_hunks(&mut self) -> Option<()> {
        let revision = &self.sample.revision;
        let others: Vec<Hunk> =
            revision.hunks().into_iter().filter(|hunk| *hunk != self.sample.hunk).collect();
        if others.is_empty() {
            return None;
        }
        self.seen = Seen::Other(std::mem::replace(&mut self.disk, revision.with(&others)));
        let unterminated = |bytes: &[u8]| bytes.last().is_some_and(|byte| *byte != b'\n');
        if unterminated(&self.disk) != unterminated(&revision.new) {
            return None;
        }
        self.expected = if revision.is_mixed() || Document::parse(&self.disk).lines.is_empty() {
            Expected::FileButNewEndings(revision.new.clone())
        } else {
            Expected::File(revision.new.clone())
        };
        Some(())
    }

    /// Another file; for all but [`Kind::K11`] one that is easily confused with the right one.
    fn move_to_other_file(&mut self, all: &'a [Sample], rng: &mut StdRng) -> Option<()> {
        let sample = self.sample;
        let extension = |path: &str| path.rsplit_once('.').map(|(_, extension)| extension.to_owned());
        let alike = |other: &Sample| {
            self.kind == Kind::K11
                || other.repository == sample.repository && extension(&other.path) == extension(&sample.path)
        };
        let same = |other: &Sample| other.repository == sample.repository && other.path == sample.path;
        let others: Vec<&Sample> = all.iter().filter(|other| alike(other) && !same(other)).collect();
        let other = *others.choose(rng)?;
        self.path = &other.path;
        self.disk.clone_from(&other.revision.old);
        self.seen = if self.kind == Kind::K11n { Seen::Never } else { Seen::Disk };
        self.expected = Expected::Refusal;
        Some(())
    }

    /// The hunk and one or two others of the same file.
    fn with_companions(mut self, rng: &mut StdRng) -> Option<Self> {
        let revision = &self.sample.revision;
        let mut intents: Vec<(Hunk, Intent)> = Vec::new();
        let hunks = revision.hunks();
        let mut order: Vec<&Hunk> = vec![&self.sample.hunk];
        let others: Vec<&Hunk> = hunks.iter().filter(|hunk| **hunk != self.sample.hunk).collect();
        order.extend(others.sample(rng, others.len()));
        let most = if self.kind == Kind::K12 { 2 } else { 3 };
        for hunk in order {
            let intent = revision.intent(hunk);
            let apart = |(_, other): &(Hunk, Intent)| {
                intent.lines.end <= other.lines.start || other.lines.end <= intent.lines.start
            };
            if intents.len() < most && revision.can_express(hunk) && intents.iter().all(apart) {
                intents.push((hunk.clone(), intent));
            }
        }
        let mut edits: Vec<Edit> = intents.iter().map(|(_, intent)| intent.edit()).collect();
        if self.kind == Kind::K12 {
            let bad = spoil::with_invented_line(Kind::K10a, &intents.first()?.1, &revision.before(), rng)?;
            edits.insert(rng.random_range(0..=edits.len()), bad);
            self.expected = Expected::Refusal;
            self.calls = vec![edits];
            return Some(self);
        }
        if edits.len() < 2 {
            return None;
        }
        intents.sort_by_key(|(hunk, _)| hunk.old.start);
        let result = revision.with(&intents.into_iter().map(|(hunk, _)| hunk).collect::<Vec<_>>());
        let unterminated = |bytes: &[u8]| bytes.last().is_some_and(|byte| *byte != b'\n');
        if unterminated(&result) != unterminated(&revision.old) || result.is_empty() {
            return None;
        }
        self.expected = match self.expected {
            Expected::File(_) => Expected::File(result),
            _ => Expected::FileButNewEndings(result),
        };
        self.calls = match self.kind {
            Kind::KS => edits.into_iter().map(|edit| vec![edit]).collect(),
            _ => vec![edits],
        };
        Some(self)
    }

    /// The files of the case.
    pub(crate) fn files(&self) -> BTreeMap<&str, &[u8]> {
        BTreeMap::from([(self.path, self.disk.as_slice())])
    }
}
