//! What must hold of `edit_file` for any file and any call: no panic, no byte touched outside the lines that
//! the call replaced, and a call that was corrected does the same again.

use arbitrary::Arbitrary;
use slipway_tools::edit::{Document, Edit, EditFileArgs, EditRequest, Edited, Line, edit};

/// A file, what was shown of it, and edits of which many fit.
#[derive(Debug, Arbitrary)]
pub struct Input {
    disk: Vec<Piece>,
    seen: Option<Vec<Piece>>,
    edits: Vec<Wish>,
}

/// A line, mostly one of a few, so that files repeat themselves.
#[derive(Debug, Arbitrary)]
enum Piece {
    Known { body: u8, ending: u8 },
    Raw(Vec<u8>),
}

#[derive(Debug, Arbitrary)]
struct Wish {
    start: u8,
    length: u8,
    /// How far off the numbers are, in quarters of 64.
    off: i8,
    form: u8,
    content: String,
    replacement: Vec<Piece>,
}

const BODIES: [&[u8]; 16] = [
    b"",
    b"}",
    b"    }",
    b"\t}",
    b"fn one() {",
    b"    fn one() {",
    b"\tfn one() {",
    b"let value = compute(first, second);",
    b"    let value = compute(first, second);",
    b"caf\xE9",
    "\u{201C}quoted\u{201D} \u{2014} text".as_bytes(),
    b"[TO]",
    b"3\tnumbered",
    b" * comment",
    b"\xEF\xBB\xBF",
    b"// ... rest of code unchanged ...",
];

const ENDINGS: [&[u8]; 4] = [b"\n", b"\n", b"\r\n", b""];

/// Tries the call on the file; whether anything was applied.
///
/// # Panics
/// When something does not hold.
pub fn check(input: &Input) -> bool {
    let disk = bytes_of(&input.disk);
    let seen = input.seen.as_deref().map(bytes_of);
    let known = Document::parse(seen.as_deref().unwrap_or(&disk));
    let args = EditFileArgs {
        file: "file".to_owned(),
        edits: input.edits.iter().take(4).map(|wish| wish.edit(&known.lines)).collect(),
    };
    // Whatever was shown: no panic. Where that was the file itself, more is known.
    let _ = edit(&EditRequest { disk: &disk, seen: seen.as_deref() }, "file", &args);
    let shown = EditRequest { disk: &disk, seen: Some(&disk) };
    let Edited::Applied { bytes, corrected, .. } = edit(&shown, "file", &args) else { return false };
    let applied = corrected.as_ref().unwrap_or(&args);
    assert!(keeps_the_rest(&disk, &bytes, applied), "{args:?}\n{}", bytes.escape_ascii());
    if let Some(corrected) = &corrected {
        let again = edit(&shown, "file", corrected);
        assert!(
            matches!(&again, Edited::Applied { bytes: same, .. } if *same == bytes),
            "{args:?}\n{corrected:?}\n{}\n{again:?}",
            bytes.escape_ascii()
        );
    }
    true
}

/// Whether all lines but those that `args` replace are there, byte for byte and in order.
fn keeps_the_rest(old: &[u8], new: &[u8], args: &EditFileArgs) -> bool {
    let document = Document::parse(old);
    let mut spans: Vec<(usize, usize)> = args.edits.iter().filter_map(|edit| span(edit, &document)).collect();
    spans.sort_unstable();
    let join = |lines: &[Line<'_>]| -> Vec<u8> {
        lines.iter().flat_map(|line| [line.body, line.ending].concat()).collect()
    };
    let mut kept = vec![document.byte_order_mark.to_vec()];
    let mut next = 0;
    for (start, end) in spans {
        kept.push(join(document.lines.get(next..start).unwrap_or_default()));
        next = end;
    }
    let tail = join(document.lines.get(next..).unwrap_or_default());
    let Some(mut rest) = new.strip_suffix(tail.as_slice()) else { return false };
    for part in kept {
        let found = rest.windows(part.len().max(1)).position(|window| window == part.as_slice());
        let Some(at) = found.or(part.is_empty().then_some(0)) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    true
}

/// The lines that an applied edit replaced, counted from 0.
fn span(edit: &Edit, document: &Document<'_>) -> Option<(usize, usize)> {
    let (start, end) = edit
        .remove_line_number
        .split_once('-')
        .unwrap_or((&edit.remove_line_number, &edit.remove_line_number));
    let (start, end): (usize, usize) = (start.parse().ok()?, end.parse().ok()?);
    (start > 0).then(|| (start - 1, end.min(document.lines.len())))
}

fn bytes_of(pieces: &[Piece]) -> Vec<u8> {
    pieces.iter().take(40).flat_map(Piece::bytes).collect()
}

impl Piece {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Known { body, ending } => {
                [BODIES[usize::from(*body) % BODIES.len()], ENDINGS[usize::from(*ending) % ENDINGS.len()]]
                    .concat()
            }
            Self::Raw(bytes) => bytes.iter().copied().take(12).collect(),
        }
    }
}

impl Wish {
    /// An edit of real lines, truthful or nearly so; or of what libFuzzer makes up.
    fn edit(&self, lines: &[Line<'_>]) -> Edit {
        let count = lines.len().max(1);
        let start = usize::from(self.start) % count;
        let end = (start + usize::from(self.length) % 6).min(count - 1);
        let text = |index: usize| lines.get(index).map(|line| line.text().into_owned()).unwrap_or_default();
        let block: Vec<String> = (start..=end).map(text).collect();
        let content_to_remove = match self.form % 6 {
            0 => block.join("\n"),
            1 => text(start).trim().to_owned(),
            2 => self.content.clone(),
            3 => format!("{}\n[TO]\n{}", text(start).trim(), text(end).trim()),
            _ if start == end => text(start),
            _ => format!("{}\n[TO]\n{}", text(start), text(end)),
        };
        let off = isize::from(self.off / 32);
        let number = |index: usize| (index + 1).saturating_add_signed(off);
        Edit {
            remove_line_number: format!("{}-{}", number(start), number(end)),
            content_to_remove,
            replace_content: String::from_utf8_lossy(&bytes_of(&self.replacement)).into_owned(),
        }
    }
}
