//! The ways in which a call is spoilt, and what must come of each.

/// A way to spoil a call, or not to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum, serde::Serialize)]
#[value(rename_all = "verbatim")]
pub(crate) enum Kind {
    /// Exact.
    K0,
    /// Both numbers off by the same 1 to 3 lines.
    K1,
    /// One number of a range off by 1 to 3 lines.
    K2,
    /// Both numbers off by 4 to 10 lines.
    K3,
    /// Both numbers off by 20 to 200 lines.
    K4,
    /// White space at the end of the anchors.
    K5,
    /// Anchors without indentation, new text as it should be.
    K6a,
    /// Anchors and new text without the indentation they share.
    K6b,
    /// Anchors indented one level too far, new text as it should be.
    K6c,
    /// Tabs written as four spaces.
    K7,
    /// A file with CRLF endings, a call with LF.
    K8,
    /// A file with a byte order mark.
    K8b,
    /// A file whose lines end in LF and CRLF at random.
    K8c,
    /// The commit's other hunks are in the file already, and the model has not seen them.
    K9,
    /// The first anchor is in no line of the file.
    K10a,
    /// The last anchor is in no line of the file.
    K10b,
    /// A block is pasted, and one line inside is in no line of the file.
    K10c,
    /// The call names another file, which the model was shown too.
    K11,
    /// The call names another file of the same repository and language, which the model was shown too.
    K11s,
    /// The call names another file of the same repository and language, which the model was never shown.
    K11n,
    /// A batch of exact edits and one with an anchor that is nowhere.
    K12,
    /// Typographic punctuation in the file, ASCII in the anchors.
    K13,
    /// The whole block pasted, without `[TO]`.
    KF,
    /// The whole block pasted, and both numbers off by 20 to 200 lines.
    KF4,
    /// Two or three exact edits of one file in one call.
    KB,
    /// Two or three exact edits of one file in calls of one step.
    KS,
}

/// The figures that a kind has to reach.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub(crate) struct Bar {
    /// Least share of calls that give exactly the file they should, in percent.
    pub(crate) ok: Option<f64>,
    /// Largest share that changes a file in another way, in percent.
    pub(crate) wrong: Option<f64>,
}

impl Kind {
    /// What the kind must reach.
    pub(crate) fn bar(self) -> Bar {
        let (ok, wrong) = match self {
            Self::K0 | Self::K5 => (Some(99.9), None),
            Self::K1 => (Some(94.0), Some(0.6)),
            Self::K2 => (None, Some(3.0)),
            Self::K3 | Self::K4 | Self::KF4 => (Some(80.0), Some(1.7)),
            Self::K6a | Self::K6b => (Some(97.5), Some(1.0)),
            Self::K6c => (Some(99.0), None),
            Self::K7 => (Some(99.5), None),
            Self::K8 | Self::K8b | Self::K8c | Self::K13 => (Some(100.0), None),
            Self::K9 => (Some(99.4), Some(0.4)),
            Self::K10a | Self::K10b | Self::K10c | Self::K12 => (None, Some(0.0)),
            Self::K11 | Self::K11n => (None, Some(0.15)),
            Self::K11s => (None, None),
            Self::KF | Self::KB | Self::KS => (Some(99.8), None),
        };
        Bar { ok, wrong }
    }

    /// What the kind is, for the table.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::K0 => "exact",
            Self::K1 => "both numbers ±1–3",
            Self::K2 => "one number ±1–3",
            Self::K3 => "both numbers ±4–10",
            Self::K4 => "both numbers ±20–200",
            Self::K5 => "trailing white space in anchors",
            Self::K6a => "anchors without indentation",
            Self::K6b => "anchors and new text dedented",
            Self::K6c => "anchors indented too far",
            Self::K7 => "tabs written as 4 spaces",
            Self::K8 => "CRLF file",
            Self::K8b => "file with a byte order mark",
            Self::K8c => "file with mixed line endings",
            Self::K9 => "file changed since it was shown",
            Self::K10a => "first anchor is nowhere",
            Self::K10b => "last anchor is nowhere",
            Self::K10c => "a line of a pasted block is nowhere",
            Self::K11 => "wrong file",
            Self::K11s => "wrong file, same repository and language",
            Self::K11n => "the same, never shown to the model",
            Self::K12 => "batch with one bad edit",
            Self::K13 => "punctuation as ASCII",
            Self::KF => "whole block pasted",
            Self::KF4 => "whole block, numbers ±20–200",
            Self::KB => "exact edits in one call",
            Self::KS => "exact edits in one step",
        }
    }
}
