//! Turning a call into the file's new bytes, or into reasons why not.

use super::apply::{Change, apply, bytes_of, render};
use super::arguments::{Edit, EditFileArgs, MAX_EDITS};
use super::document::{Document, Line};
use super::matching::{Pass, indent};
use super::placeholder::introduced_placeholder;
use super::rebase::{Carried, LineMap};
use super::reframe::reframe;
use super::refusal::Refusal;
use super::request::{Anchors, NewLine, Place, Request, Span, Target, replacement_without_numbers};
use super::resolve::{End, Found, INFORMATIVE, Miss, exact_places, resolve};

/// A file to be edited.
#[derive(Debug, Clone, Copy)]
pub struct EditRequest<'a> {
    /// What it holds now.
    pub disk: &'a [u8],
    /// What the model was last shown of it. Line numbers refer to this. A model that was shown nothing must
    /// name its lines exactly.
    pub seen: Option<&'a [u8]>,
}

/// What a call comes to.
#[derive(Debug)]
pub(super) struct Plan {
    /// The new content.
    pub(super) bytes: Vec<u8>,
    /// The edits, in file order.
    pub(super) edits: Vec<Applied>,
    /// The call as it was applied, when that is not how it was sent.
    pub(super) corrected: Option<EditFileArgs>,
    pub(super) lines_before: usize,
    pub(super) lines_after: usize,
}

/// One edit that was applied.
#[derive(Debug)]
pub(super) struct Applied {
    /// Its number in the call, from 1.
    pub(super) number: usize,
    /// The lines of the file that it replaced.
    pub(super) old: Span,
    /// The lines that stand there now.
    pub(super) new: Span,
    pub(super) notes: Vec<Note>,
}

/// What was forgiven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Note {
    /// The stated lines were not the ones that hold the text.
    Moved { stated: Span, actual: Span },
    /// Only the number told where the range ends.
    EndUnproven,
    /// White space in the anchor differs from the file's.
    WhiteSpace,
    /// Punctuation in the anchor differs from the file's.
    Punctuation,
    /// The new text was indented as the file is.
    Reindented,
    /// The text held the line numbers of the view.
    NumbersStripped,
    /// The file had changed since the model saw it.
    Rebased { seen: Span, now: Span },
}

/// Works out what `args` make of the file. Every edit is located in the same base; one that is refused
/// refuses all, and each refusal is told.
pub(super) fn plan(request: &EditRequest<'_>, args: &EditFileArgs) -> Result<Plan, Vec<String>> {
    let disk = Document::parse(request.disk);
    let seen = request.seen.filter(|seen| *seen != request.disk).map(Document::parse);
    let files = Files {
        disk: &disk,
        seen: seen.as_ref().map(|seen| (seen, LineMap::new(seen, &disk))),
        shown: request.seen.is_some(),
    };
    let edits = args.edits.get(..MAX_EDITS).unwrap_or(&args.edits);

    let mut refused = Vec::new();
    let mut located = Vec::new();
    for (edit, number) in edits.iter().zip(1..) {
        match files.locate(edit, number) {
            Ok(found) => located.push(found),
            Err((refusal, basis)) => refused.push(refusal.describe(number, edit, basis, &disk)),
        }
    }
    for (number, edit, refusal) in overlaps(&located, edits) {
        refused.push(refusal.describe(number, edit, &disk, &disk));
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    Ok(carry_out(&disk, located, args))
}

struct Files<'a> {
    disk: &'a Document<'a>,
    /// What the model was shown, where that is not what the file holds.
    seen: Option<(&'a Document<'a>, LineMap<'a>)>,
    /// Whether the model was shown the file at all.
    shown: bool,
}

struct Located {
    number: usize,
    /// In the file.
    change: Change,
    canonical: Edit,
    notes: Vec<Note>,
}

impl<'a> Files<'a> {
    fn basis(&self) -> &'a Document<'a> {
        self.seen.as_ref().map_or(self.disk, |(seen, _)| seen)
    }

    /// Finds the place of one edit in the file, or says why not, and in which text it was looked for.
    fn locate(&self, edit: &Edit, number: usize) -> Result<Located, (Refusal, &'a Document<'a>)> {
        let basis = self.basis();
        let refuse = |refusal| (refusal, basis);
        let request = Request::parse(edit, &basis.lines).map_err(Refusal::Request).map_err(refuse)?;
        let target = match &request.place {
            Place::Top => {
                let span = Span { start: 0, end: 0 };
                return self
                    .finish(edit, number, (span, span), request.replacement, Vec::new())
                    .map_err(refuse);
            }
            Place::Lines(target) => target,
        };
        let (basis, located) = match (locate_in(basis, target, &request.replacement), &self.seen) {
            (Err(Miss::NotFound | Miss::TooCommon(_) | Miss::Length { .. }), Some((_, map))) => {
                (self.disk, locate_in_both(self.disk, map, target, &request.replacement))
            }
            (located, _) => (basis, located),
        };
        let refuse = |refusal| (refusal, basis);
        let (found, replacement, mut notes) =
            located.map_err(|miss| refuse(explain(miss, target.clone())))?;
        if !self.shown && !speaks_for_itself(target, &found) {
            return Err(refuse(Refusal::Unseen(target.clone(), found.span)));
        }
        let mut span = found.span;
        if let Some((seen, map)) = self.seen.as_ref().filter(|(seen, _)| std::ptr::eq(*seen, basis)) {
            match map.carry(span) {
                Carried::To(now) => span = now,
                Carried::Changed(now) => return Err((Refusal::Changed(found.span, now), *seen)),
            }
            if span != found.span {
                notes.push(Note::Rebased { seen: found.span, now: span });
            }
        }
        self.finish(edit, number, (found.span, span), replacement, notes).map_err(refuse)
    }

    /// `spans` are where the lines are in the text the model refers to, and where they are in the file.
    fn finish(
        &self,
        edit: &Edit,
        number: usize,
        spans: (Span, Span),
        mut lines: Vec<NewLine>,
        notes: Vec<Note>,
    ) -> Result<Located, Refusal> {
        let (stated, span) = spans;
        if let Some(first) = lines.first_mut()
            && span.start == 0
            && !self.disk.byte_order_mark.is_empty()
        {
            // The file has one already.
            first.body = first.body.trim_start_matches('\u{FEFF}').to_owned();
        }
        let replaced = self.disk.lines.get(span.start..span.end).unwrap_or_default();
        let replaced: Vec<_> = replaced.iter().map(Line::text).collect();
        if let Some(comment) = introduced_placeholder(&replaced, &lines) {
            return Err(Refusal::Placeholder(comment.to_owned()));
        }
        if render(self.disk, span, &lines) == bytes_of(self.disk, span) {
            return Err(Refusal::Unchanged(stated));
        }
        let content = match replaced.as_slice() {
            [] => String::new(),
            [line] => line.to_string(),
            [first, .., last] => format!("{first}\n[TO]\n{last}"),
        };
        let rewritten = notes.iter().any(|note| matches!(note, Note::Reindented | Note::NumbersStripped));
        let canonical = Edit {
            remove_line_number: stated.to_string(),
            content_to_remove: content,
            replace_content: if rewritten { joined(&lines) } else { edit.replace_content.clone() },
        };
        Ok(Located { number, change: Change { span, lines }, canonical, notes })
    }
}

/// Letters and digits that prove a place in a file that the model was never shown.
pub(super) const PROOF: usize = 12;

/// Whether an edit of a file that the model was never shown names its lines beyond doubt.
fn speaks_for_itself(target: &Target, found: &Found) -> bool {
    found.span == target.stated && found.end == End::Confirmed && target.anchors.information() >= PROOF
}

type Placed = (Found, Vec<NewLine>, Vec<Note>);

/// Locates `target` and fits the new text to the place.
fn locate_in(basis: &Document<'_>, target: &Target, sent: &[NewLine]) -> Result<Placed, Miss> {
    let mut notes = Vec::new();
    let (found, anchors, mut replacement) = match (resolve(basis, target), without_numbers(basis, target)) {
        (Err(_), Some((found, anchors))) => {
            notes.push(Note::NumbersStripped);
            let first = target.stated.start + 1;
            let stripped = replacement_without_numbers(sent, first);
            (found, anchors, stripped.unwrap_or_else(|| sent.to_vec()))
        }
        (result, _) => (result?, target.anchors.clone(), sent.to_vec()),
    };
    if found.span != target.stated {
        notes.push(Note::Moved { stated: target.stated, actual: found.span });
    }
    if found.end == End::Numbered {
        notes.push(Note::EndUnproven);
    }
    match found.pass {
        Pass::Strict => {}
        Pass::Relaxed => notes.push(Note::WhiteSpace),
        Pass::Folded => notes.push(Note::Punctuation),
    }
    if let Some(reframed) = reframe(&anchors, &basis.lines, found.span, &replacement) {
        if found.pass != Pass::Strict && is_vague(&anchors, &basis.lines, found.span) {
            // Neither the anchor nor the new text is indented as this line is, but others are just so.
            let others = exact_places(basis, target, found.span.len());
            return Err(Miss::Ambiguous([vec![found.span], others].concat()));
        }
        notes.push(Note::Reindented);
        replacement = reframed;
    }
    Ok((found, replacement, notes))
}

/// Whether anchors say next to nothing and are indented with the same white space as the line that they were
/// found at, only more or less. An anchor without any indentation may have lost it.
fn is_vague(anchors: &Anchors, lines: &[Line<'_>], span: Span) -> bool {
    let (Some(anchor), Some(line)) = (anchors.lines().next(), lines.get(span.start)) else { return false };
    let line = line.text();
    let (written, actual) = (indent(anchor), indent(&line));
    let kind = |indent: &str| indent.chars().next();
    anchors.information() < INFORMATIVE
        && !anchor.trim().is_empty()
        && !written.is_empty()
        && (actual.is_empty() || kind(written) == kind(actual))
}

/// Locates in the file what is not in the text that the model was shown: something written since. The
/// numbers may count the lines of either.
fn locate_in_both(
    disk: &Document<'_>,
    map: &LineMap<'_>,
    target: &Target,
    sent: &[NewLine],
) -> Result<Placed, Miss> {
    let (Carried::To(now) | Carried::Changed(now)) = map.carry(target.stated);
    let stated = Span { start: now.start, end: now.start + target.stated.len() };
    let carried = locate_in(disk, &Target { stated, ..target.clone() }, sent);
    let literal = locate_in(disk, target, sent);
    match (&carried, &literal) {
        (Ok((one, ..)), Ok((other, ..))) if one.span != other.span => {
            Err(Miss::Ambiguous(vec![one.span, other.span]))
        }
        (Ok(_), _) => carried,
        _ => literal,
    }
}

/// The place found when line numbers copied from the view are taken out of the anchors.
fn without_numbers(basis: &Document<'_>, target: &Target) -> Option<(Found, Anchors)> {
    let anchors = target.anchors.without_numbers(target.stated)?;
    let bare = Target { stated: target.stated, anchors };
    resolve(basis, &bare).ok().map(|found| (found, bare.anchors))
}

fn explain(miss: Miss, target: Target) -> Refusal {
    match miss {
        Miss::NotFound => Refusal::NotFound(target),
        Miss::TooCommon(place) => Refusal::TooCommon(target, place),
        Miss::Length { pasted } => Refusal::Length(target, pasted),
        Miss::Ambiguous(candidates) => Refusal::Ambiguous(target, candidates),
    }
}

fn overlaps<'e>(located: &[Located], edits: &'e [Edit]) -> Vec<(usize, &'e Edit, Refusal)> {
    let mut found = Vec::new();
    for (index, later) in located.iter().enumerate() {
        let meets = |earlier: &&Located| earlier.change.span.overlaps(later.change.span);
        if let Some(earlier) = located.iter().take(index).find(meets)
            && let Some(edit) = edits.get(later.number - 1)
        {
            let (one, other) = (earlier.change.span, later.change.span);
            let shared = Span { start: one.start.max(other.start), end: one.end.min(other.end) };
            found.push((later.number, edit, Refusal::Overlap(earlier.number, shared)));
        }
    }
    found
}

fn carry_out(disk: &Document<'_>, mut located: Vec<Located>, args: &EditFileArgs) -> Plan {
    let canonical = EditFileArgs {
        file: args.file.clone(),
        edits: located.iter().map(|located| located.canonical.clone()).collect(),
    };
    // Stable: what is inserted at one place stays in the order of the call.
    located.sort_by_key(|located| located.change.span);
    let mut shift = 0;
    let mut edits = Vec::new();
    for Located { number, change, notes, .. } in &located {
        let old = change.span;
        let start = old.start + shift - edits.iter().map(|edit: &Applied| edit.old.len()).sum::<usize>();
        shift += change.lines.len();
        let new = Span { start, end: start + change.lines.len() };
        edits.push(Applied { number: *number, old, new, notes: notes.clone() });
    }
    let changes: Vec<_> = located.into_iter().map(|located| located.change).collect();
    let bytes = apply(disk, &changes);
    let lines_after = Document::parse(&bytes).lines.len();
    let corrected = (!same_call(&canonical, args)).then_some(canonical);
    Plan { bytes, edits, corrected, lines_before: disk.lines.len(), lines_after }
}

/// Whether two calls say the same, but for trailing white space and the spelling of numbers.
fn same_call(canonical: &EditFileArgs, sent: &EditFileArgs) -> bool {
    let same_lines = |one: &str, other: &str| {
        let trimmed = |text: &str| text.trim_end().lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        trimmed(one) == trimmed(other)
    };
    let same_number = |one: &str, other: &str| {
        one == other
            || other.trim() == one
            || other.split_once('-').is_some_and(|(start, end)| start == end && start == one)
    };
    let same_edit = |(one, other): (&Edit, &Edit)| {
        same_number(&one.remove_line_number, &other.remove_line_number)
            && same_lines(&one.content_to_remove, &other.content_to_remove)
            && one.replace_content == other.replace_content
    };
    canonical.edits.len() == sent.edits.len() && canonical.edits.iter().zip(&sent.edits).all(same_edit)
}

fn joined(lines: &[NewLine]) -> String {
    lines.iter().map(|line| format!("{}{}", line.body, line.ending)).collect()
}
