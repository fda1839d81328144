//! Any file, any call: no panic, and a call that was corrected does the same again.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use slipway_tools::edit::{Edit, EditFileArgs, EditRequest, Edited, edit};

#[derive(Debug, Arbitrary)]
struct Input {
    disk: Vec<u8>,
    seen: Option<Vec<u8>>,
    edits: Vec<(u8, u8, String, String)>,
}

fuzz_target!(|input: Input| {
    let edits = input.edits.into_iter().map(|(start, length, content, text)| Edit {
        remove_line_number: format!("{start}-{}", u16::from(start) + u16::from(length)),
        content_to_remove: content,
        replace_content: text,
    });
    let args = EditFileArgs { file: "file".to_owned(), edits: edits.collect() };
    let disk = &input.disk;
    let _ = edit(&EditRequest { disk, seen: input.seen.as_deref() }, "file", &args);
    if let Edited::Applied { bytes, corrected: Some(corrected), .. } =
        edit(&EditRequest { disk, seen: None }, "file", &args)
    {
        let again = edit(&EditRequest { disk, seen: None }, "file", &corrected);
        assert!(matches!(again, Edited::Applied { bytes: same, .. } if same == bytes));
    }
});
