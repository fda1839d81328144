//! Finding the one place that an edit can mean.
//!
//! Numbers and anchors confirm each other: both ends of a range are looked for together, within
//! [`TOLERANCE`] lines of where the model said, and only a single plausible place is taken. Nothing there,
//! the whole file is searched, but then the text must speak for itself.

use super::document::{Document, Line};
use super::matching::{Pass, information};
use super::request::{Anchors, Span, Target};

/// How far, in lines, a stated number may be off when the text settles the place.
const TOLERANCE: usize = 3;

/// Anchors with fewer letters and digits (`}`, `end`) fit too many places to be moved without proof.
pub(super) const INFORMATIVE: usize = 6;

/// Letters and digits that anchors need to be found anywhere in the file by their text alone.
const TELLING: usize = 8;

/// The same for text that is there only with other white space.
const TELLING_LOOSELY: usize = 16;

/// Numbers that are off by more lines than this are no drift: the model means another file, or has not looked.
const DRIFT: usize = 250;

/// Letters and digits that anchors need to be found farther away than that.
const UNMISTAKABLE: usize = 40;

/// A place that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) span: Span,
    pub(super) pass: Pass,
    /// Whether the end of the range rests on its number alone.
    pub(super) end: End,
}

/// What the end of a range was recognised by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Its text.
    Confirmed,
    /// Its number; the model left the text after `[TO]` empty.
    Numbered,
}

/// Why no place was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Miss {
    /// The text is not there.
    NotFound,
    /// The text is at one other place, but says too little to be moved there.
    TooCommon(Span),
    /// A pasted block and the stated range differ in length.
    Length { pasted: usize },
    /// Several places fit, or one that says too little about itself.
    Ambiguous(Vec<Span>),
}

/// Finds the lines that `target` means.
pub(super) fn resolve(document: &Document<'_>, target: &Target) -> Result<Found, Miss> {
    let lines = document.lines.as_slice();
    let search = Search { lines, anchors: &target.anchors, stated: stated_span(target) };
    let result = search.run();
    let clamped = Span { end: lines.len(), ..search.stated };
    if result == Err(Miss::NotFound) && search.stated.end > lines.len() && clamped.start < clamped.end {
        return Search { stated: clamped, ..search }.run().map_err(|_| Miss::NotFound);
    }
    result
}

/// Where the anchors of `target` stand exactly as written, over `length` lines.
pub(super) fn exact_places(document: &Document<'_>, target: &Target, length: usize) -> Vec<Span> {
    let search = Search { lines: &document.lines, anchors: &target.anchors, stated: target.stated };
    search.all_of_length(Pass::Strict, length)
}

/// A block pasted under a single number begins there; its length is its own.
fn stated_span(target: &Target) -> Span {
    match &target.anchors {
        Anchors::Block(block) if target.stated.len() == 1 => {
            Span { end: target.stated.start + block.len(), ..target.stated }
        }
        _ => target.stated,
    }
}

#[derive(Clone, Copy)]
struct Search<'a> {
    lines: &'a [Line<'a>],
    anchors: &'a Anchors,
    stated: Span,
}

impl Search<'_> {
    fn run(self) -> Result<Found, Miss> {
        for pass in Pass::ALL {
            let near = self.near(pass);
            if !near.is_empty() {
                return self.choose(pass, near);
            }
        }
        if let Some(found) = self.trust_end_number() {
            return Ok(found);
        }
        self.anywhere()
    }

    fn choose(&self, pass: Pass, near: Vec<Span>) -> Result<Found, Miss> {
        let found = |span, pass| Ok(Found { span, pass, end: End::Confirmed });
        if near.contains(&self.stated) {
            return found(self.stated, pass);
        }
        let information = self.anchors.information();
        if pass == Pass::Strict && self.fits(Pass::Relaxed, self.stated) {
            if self.loose_information() >= INFORMATIVE {
                return found(self.stated, Pass::Relaxed);
            }
            if information < INFORMATIVE {
                return Err(Miss::Ambiguous([vec![self.stated], near].concat()));
            }
            // The end that is not exactly there says little (`}`), and near by is exactly what was written.
        }
        let candidates = self.most_plausible(near);
        let [only] = candidates.as_slice() else { return Err(Miss::Ambiguous(candidates)) };
        if information < INFORMATIVE {
            let everywhere = self.all_of_length(pass, only.len());
            if everywhere.len() > 1 {
                return Err(Miss::Ambiguous(everywhere));
            }
        }
        found(*only, pass)
    }

    /// The information of what is not at the stated lines exactly.
    fn loose_information(&self) -> usize {
        let (first, last) = self.anchors.parts();
        let here = |exact: bool, lines: &[String]| match exact {
            true => usize::MAX,
            false => lines.iter().map(|line| information(line)).sum(),
        };
        let first = here(self.begins(Pass::Strict, self.stated.start, first), first);
        let last = here(self.ends(Pass::Strict, self.stated.end, last), last);
        first.min(last)
    }

    /// The likely slips are both ends off by the same number of lines, and one end off with the other right.
    /// Where neither explains a place, all are left.
    fn most_plausible(&self, near: Vec<Span>) -> Vec<Span> {
        let slip = |span: &Span| {
            let same_length = span.len() == self.stated.len();
            same_length || span.start == self.stated.start || span.end == self.stated.end
        };
        let slips: Vec<_> = near.iter().copied().filter(slip).collect();
        if slips.is_empty() { near } else { slips }
    }

    /// With the text after `[TO]` left empty, a range that begins exactly as stated ends as stated.
    fn trust_end_number(&self) -> Option<Found> {
        let Anchors::Ends { first, last } = self.anchors else { return None };
        let begins = |pass: &Pass| self.begins(*pass, self.stated.start, first);
        let inside = self.stated.end <= self.lines.len() && first.len() <= self.stated.len();
        if last.iter().any(|line| !line.trim().is_empty()) || !inside {
            return None;
        }
        let pass = Pass::ALL.into_iter().find(begins)?;
        Some(Found { span: self.stated, pass, end: End::Numbered })
    }

    fn anywhere(&self) -> Result<Found, Miss> {
        if let Anchors::Block(block) = self.anchors
            && block.len() != self.stated.len()
        {
            return Err(Miss::Length { pasted: block.len() });
        }
        for pass in [Pass::Strict, Pass::Relaxed] {
            let everywhere = self.all_of_length(pass, self.stated.len());
            match everywhere.as_slice() {
                [] => {}
                [only] if self.anchors.information() >= self.needed(pass, *only) => {
                    return Ok(Found { span: *only, pass, end: End::Confirmed });
                }
                [only] => return Err(Miss::TooCommon(*only)),
                _ => return Err(Miss::Ambiguous(everywhere)),
            }
        }
        Err(Miss::NotFound)
    }

    /// The information that anchors need to be followed to `place`.
    fn needed(&self, pass: Pass, place: Span) -> usize {
        match pass {
            _ if place.start.abs_diff(self.stated.start) > DRIFT => UNMISTAKABLE,
            Pass::Strict => TELLING,
            Pass::Relaxed | Pass::Folded => TELLING_LOOSELY,
        }
    }

    /// The places within the tolerance of the stated one, at both ends.
    fn near(&self, pass: Pass) -> Vec<Span> {
        let starts =
            window(self.stated.start).filter(|start| self.begins(pass, *start, self.anchors.parts().0));
        let starts: Vec<_> = starts.collect();
        if starts.is_empty() {
            return Vec::new();
        }
        let ends: Vec<_> = window(self.stated.end)
            .filter(|end| match self.anchors {
                Anchors::Block(block) => starts.iter().any(|start| start + block.len() == *end),
                Anchors::Ends { last, .. } => self.ends(pass, *end, last),
            })
            .collect();
        let pair = |start: &usize| {
            let start = *start;
            ends.iter().map(move |end| (start, *end)).filter(|(start, end)| self.possible(*start, *end))
        };
        starts.iter().flat_map(pair).map(|(start, end)| Span { start, end }).collect()
    }

    fn possible(&self, start: usize, end: usize) -> bool {
        match self.anchors {
            Anchors::Block(block) => start + block.len() == end,
            Anchors::Ends { first, last } => start + first.len().max(last.len()) <= end,
        }
    }

    fn all_of_length(&self, pass: Pass, length: usize) -> Vec<Span> {
        let Some(last_start) = self.lines.len().checked_sub(length) else { return Vec::new() };
        (0..=last_start)
            .map(|start| Span { start, end: start + length })
            .filter(|span| self.fits(pass, *span))
            .collect()
    }

    fn fits(&self, pass: Pass, span: Span) -> bool {
        let (first, last) = self.anchors.parts();
        self.possible(span.start, span.end)
            && self.begins(pass, span.start, first)
            && self.ends(pass, span.end, last)
    }

    fn begins(&self, pass: Pass, start: usize, anchor: &[String]) -> bool {
        self.lines
            .get(start..start + anchor.len())
            .is_some_and(|lines| lines.iter().zip(anchor).all(|(line, text)| pass.matches(line, text)))
    }

    fn ends(&self, pass: Pass, end: usize, anchor: &[String]) -> bool {
        end.checked_sub(anchor.len()).is_some_and(|start| self.begins(pass, start, anchor))
    }
}

fn window(stated: usize) -> impl Iterator<Item = usize> {
    stated.saturating_sub(TOLERANCE)..=stated.saturating_add(TOLERANCE)
}
