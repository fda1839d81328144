//! What must hold for any file and any call.

use proptest::prelude::*;
use slipway_tools::edit::{Document, Edit, EditFileArgs, EditRequest, Edited, edit};

/// A file that the model was shown as it is, unless `seen` says otherwise.
fn run(disk: &[u8], seen: Option<&[u8]>, args: &EditFileArgs) -> Edited {
    edit(&EditRequest { disk, seen: Some(seen.unwrap_or(disk)) }, "file", args)
}

/// Lines that repeat a lot, with all kinds of endings and stray bytes.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let body = prop::sample::select(vec![
        &b""[..],
        b"}",
        b"  }",
        b"\t}",
        b"end",
        b"foo(bar);",
        b"    foo(bar);",
        b"\tfoo(bar);",
        b"caf\xE9",
        "na\u{EF}ve \u{2014} \u{201C}x\u{201D}".as_bytes(),
        b"[TO]",
        b"12\tx",
        b"unique_name_here()",
        b"  ",
        b"\xEF\xBB\xBF",
        b"a\rb",
        b"other_name = 1;",
    ]);
    let ending = prop::sample::select(vec![&b"\n"[..], b"\n", b"\r\n", b"\r\r\n"]);
    let lines = prop::collection::vec((body.clone(), ending), 0..14);
    (lines, prop::option::of(body)).prop_map(|(lines, last)| {
        let mut bytes: Vec<u8> = lines.iter().flat_map(|(body, ending)| [*body, *ending].concat()).collect();
        bytes.extend_from_slice(last.unwrap_or_default());
        bytes
    })
}

fn replacement() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "",
        "\n",
        "x",
        "x\n",
        "  x\n  y\n",
        "x\r\ny",
        "\tx\n\t\ty\n",
        "foo(bar);",
        "[TO]",
        "new\n\n",
        "}\n}",
    ])
    .prop_map(str::to_owned)
}

/// Edits that name real lines of `file`, truthfully or nearly so.
fn calls(file: &[u8]) -> impl Strategy<Value = EditFileArgs> + use<> {
    let texts: Vec<String> =
        Document::parse(file).lines.iter().map(|line| line.text().into_owned()).collect();
    let count = texts.len().max(1);
    let edit = (0..count, 0..4_usize, -4..5_isize, -2..3_isize, 0..4_u8, replacement());
    prop::collection::vec(edit, 0..5).prop_map(move |edits| {
        let edits = edits.into_iter().map(|(start, length, shift, stretch, form, replace_content)| {
            let end = (start + length).min(count - 1);
            let text = |index: usize| texts.get(index).cloned().unwrap_or_default();
            let number = |index: usize, by: isize| (index + 1).saturating_add_signed(by);
            let numbers = format!("{}-{}", number(start, shift), number(end, shift + stretch));
            let content_to_remove = match form {
                0 => texts.get(start..=end).map(|lines| lines.join("\n")).unwrap_or_default(),
                1 => text(start).trim().to_owned(),
                _ => format!("{}\n[TO]\n{}", text(start), text(end)),
            };
            Edit { remove_line_number: numbers, content_to_remove, replace_content }
        });
        EditFileArgs { file: "file".to_owned(), edits: edits.collect() }
    })
}

fn file_and_call() -> impl Strategy<Value = (Vec<u8>, EditFileArgs)> {
    file().prop_flat_map(|file| {
        let args = calls(&file);
        (Just(file), args)
    })
}

/// Whether `new` is `old` with something else in at most `spots` places of whole lines.
fn differs_only_in_lines(old: &[u8], new: &[u8], spots: usize) -> bool {
    fn walk(old: &[&[u8]], new: &[&[u8]], spots: usize) -> bool {
        let same = old.iter().zip(new).take_while(|(old, new)| old == new).count();
        let (old, new) = (&old[same..], &new[same..]);
        if old.is_empty() && new.is_empty() {
            return true;
        }
        spots > 0
            && (0..=old.len()).any(|skipped| {
                (0..=new.len())
                    .any(|added| skipped + added > 0 && walk(&old[skipped..], &new[added..], spots - 1))
            })
    }
    let split = |bytes: &'_ [u8]| -> Vec<Vec<u8>> {
        bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
    };
    let (old, new) = (split(old), split(new));
    let old: Vec<&[u8]> = old.iter().map(Vec::as_slice).collect();
    let new: Vec<&[u8]> = new.iter().map(Vec::as_slice).collect();
    walk(&old, &new, spots)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_input_never_panics(
        disk in prop::collection::vec(any::<u8>(), 0..80),
        seen in prop::option::of(prop::collection::vec(any::<u8>(), 0..80)),
        edits in prop::collection::vec(("[0-9L:\\- ]{0,6}", "\\PC{0,12}(\n(\\[TO\\])?\\PC{0,4}){0,3}", "\\PC{0,8}"), 0..4),
    ) {
        let parse = |(numbers, content, text): (String, String, String)| Edit {
            remove_line_number: numbers,
            content_to_remove: content,
            replace_content: text,
        };
        let args = EditFileArgs { file: "file".to_owned(), edits: edits.into_iter().map(parse).collect() };
        edit(&EditRequest { disk: &disk, seen: seen.as_deref() }, "file", &args);
    }

    #[test]
    fn one_edit_changes_one_run_of_whole_lines((file, mut args) in file_and_call()) {
        args.edits.truncate(1);
        if let Edited::Applied { bytes, .. } = run(&file, None, &args) {
            prop_assert!(differs_only_in_lines(&file, &bytes, 1), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn the_corrected_call_does_the_same((file, args) in file_and_call()) {
        if let Edited::Applied { bytes, corrected: Some(corrected), text } = run(&file, None, &args) {
            prop_assert!(corrected.edits.len() <= 3);
            match run(&file, None, &corrected) {
                Edited::Applied { bytes: again, corrected: None, .. } => prop_assert_eq!(bytes, again),
                other => prop_assert!(false, "{text}\n{corrected:?}\n{other:?}"),
            }
        }
    }

    #[test]
    fn a_batch_with_one_bad_edit_is_refused((file, mut args) in file_and_call(), at in 0..3_usize) {
        let bad = Edit {
            remove_line_number: "1".to_owned(),
            content_to_remove: "this text is in no file".to_owned(),
            replace_content: "x".to_owned(),
        };
        args.edits.insert(at.min(args.edits.len()), bad);
        let refused = matches!(run(&file, None, &args), Edited::Refused { .. });
        prop_assert!(refused);
    }

    #[test]
    fn a_file_never_shown_is_edited_as_a_shown_one_or_not_at_all((file, args) in file_and_call()) {
        let blind = edit(&EditRequest { disk: &file, seen: None }, "file", &args);
        if let Edited::Applied { .. } = blind {
            prop_assert_eq!(blind, run(&file, None, &args));
        }
    }

    #[test]
    fn an_exact_call_is_never_refused((file, start, length) in (file(), 0..14_usize, 1..6_usize)) {
        let lines = Document::parse(&file).lines;
        let end = (start + length).min(lines.len());
        let Some(block) = lines.get(start..end).filter(|block| !block.is_empty()) else { return Ok(()) };
        let texts: Vec<_> = block.iter().map(|line| line.text().into_owned()).collect();
        // A line that reads [TO] makes the call say something else.
        prop_assume!(texts.iter().all(|text| text.trim() != "[TO]"));
        let content_to_remove = match texts.as_slice() {
            [only] => only.clone(),
            [first, .., last] => format!("{first}\n[TO]\n{last}"),
            [] => String::new(),
        };
        let exact = Edit {
            remove_line_number: format!("{}-{end}", start + 1),
            content_to_remove,
            replace_content: "something_else\n".to_owned(),
        };
        let args = EditFileArgs { file: "file".to_owned(), edits: vec![exact] };
        match run(&file, None, &args) {
            Edited::Applied { bytes, .. } => {
                let kept = |lines: &[slipway_tools::edit::Line<'_>]| -> Vec<u8> {
                    lines.iter().flat_map(|line| [line.body, line.ending].concat()).collect()
                };
                let before = kept(lines.get(..start).unwrap_or_default());
                let after = kept(lines.get(end..).unwrap_or_default());
                let mark = Document::parse(&file).byte_order_mark;
                prop_assert!(bytes.starts_with(&[mark, &before].concat()), "{}", bytes.escape_ascii());
                prop_assert!(bytes.ends_with(&after), "{}", bytes.escape_ascii());
            }
            Edited::Refused { text } => prop_assert!(false, "{text}"),
        }
    }

    #[test]
    fn rebasing_keeps_what_was_added_meanwhile((file, mut args) in file_and_call()) {
        args.edits.truncate(1);
        let disk = [b"added_on_top_meanwhile\n", file.as_slice()].concat();
        let plain = run(&file, None, &args);
        let rebased = run(&disk, Some(&file), &args);
        if let (Edited::Applied { bytes: plain, .. }, Edited::Applied { bytes: rebased, .. }) = (plain, rebased)
            && !args.edits.iter().any(|edit| edit.remove_line_number.starts_with('0'))
            // Without a line ending to copy, that of the sent text is taken.
            && file.contains(&b'\n')
            && !file.starts_with(b"\xEF\xBB\xBF")
        {
            prop_assert_eq!([b"added_on_top_meanwhile\n", plain.as_slice()].concat(), rebased);
        }
    }
}
