//! What is in a request, for the person to look at: which message shows which files, and which results are cut.

use slipway_protocol::context::{FileState, PreviewFile, PreviewResult, PreviewView, ViewState};
use slipway_protocol::run::ContextFile;
use slipway_protocol::transcript::{Entry, View};
use slipway_protocol::view::RenderedContent;

use crate::context::entries::Entries;
use crate::context::groups::{Called, Group, GroupBody};
use crate::context::masking::masked_text;
use crate::context::riders::{self, Rider};
use crate::provider::estimate;

/// What is to be said of a message.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Seen {
    /// Views of files in it.
    pub(crate) views: Vec<PreviewView>,
    /// What is particular about a tool's result.
    pub(crate) result: Option<PreviewResult>,
}

/// The views that ride on a message.
pub(super) fn views(group: &Group, entries: Entries<'_>) -> Vec<PreviewView> {
    let mut found = Vec::new();
    for rider in &group.riders {
        let (positions, state): (&[usize], ViewState) = match rider {
            Rider::Text(_) => continue,
            Rider::Block(views) => (views, ViewState::Live),
            Rider::View { entry, .. } => (std::slice::from_ref(entry), rider.view_state()),
        };
        let named = positions.iter().filter_map(|at| entries.view(*at));
        found.extend(named.map(|View { version, file }| PreviewView {
            path: file.path.clone(),
            version: *version,
            state,
        }));
    }
    found
}

/// What is particular about the results of an answer's calls, in call order.
pub(super) fn results<'a>(
    group: &'a Group,
    entries: Entries<'a>,
) -> impl Iterator<Item = Option<PreviewResult>> + 'a {
    let (answer, calls) = match &group.body {
        GroupBody::Assistant(answer, calls) => (*answer, calls.as_slice()),
        _ => (0, &[][..]),
    };
    calls.iter().map(move |called| result(answer, called, entries))
}

fn result(answer: usize, called: &Called, entries: Entries<'_>) -> Option<PreviewResult> {
    let Some(result) = called.result.and_then(|at| entries.result(at)) else {
        let call_id = entries.call(answer, called.call)?.id.clone();
        return Some(PreviewResult::Missing { call_id });
    };
    let text = &result.outcome.text;
    let left = masked_text(&result.call_id, text);
    let is_cut = called.masked && (left != *text || !result.outcome.images.is_empty());
    is_cut.then(|| PreviewResult::Collapsed {
        call_id: result.call_id.clone(),
        name: result.name.clone(),
        saved: estimate::text(text).saturating_sub(estimate::text(&left)),
    })
}

/// The open files; `outdated` tells how many earlier views of a path are still shown in full.
pub(crate) fn files(
    listed: &[ContextFile],
    transcript: &[Entry],
    outdated: impl Fn(&str) -> u32,
) -> Vec<PreviewFile> {
    let newest = |path: &str, version: u32| {
        let mut age = 0;
        for entry in transcript.iter().rev() {
            match entry {
                Entry::Assistant(_) => age += 1,
                Entry::View(view) if view.file.path == path && view.version == version => {
                    return Some((age, view));
                }
                _ => {}
            }
        }
        None
    };
    let told = listed.iter().filter_map(|file| {
        let (age, view) = newest(&file.path, file.version)?;
        let shown_lines = shown_lines(view);
        Some(PreviewFile {
            path: file.path.clone(),
            version: file.version,
            lines: file.lines,
            shown_lines,
            tokens: estimate::text(&riders::full(view)),
            state: match view.file.content {
                RenderedContent::Text { .. } if shown_lines >= file.lines => FileState::Full,
                RenderedContent::Text { .. } => FileState::Window,
                RenderedContent::Missing | RenderedContent::Unreadable { .. } => FileState::Stub,
            },
            age,
            outdated: outdated(&file.path),
            pinned: file.pinned,
        })
    });
    told.collect()
}

/// Lines of the file in a view: those that begin with their number.
fn shown_lines(view: &View) -> u32 {
    let RenderedContent::Text { text } = &view.file.content else { return 0 };
    let is_numbered = |line: &&str| {
        let number = line.split_once('\t').map(|(number, _)| number).unwrap_or_default();
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    u32::try_from(text.lines().filter(is_numbered).count()).unwrap_or(u32::MAX)
}
