//! The result of a call in words.

use std::fmt::Write as _;

use super::arguments::{EditFileArgs, MAX_EDITS};
use super::plan::{Applied, Note, Plan};

/// What the model is told of edits that were applied.
pub(super) fn success(display: &str, args: &EditFileArgs, plan: &Plan) -> String {
    let count = plan.edits.len();
    let mut text = format!(
        "Applied {count} edit{} to {display} ({} -> {} lines).\n",
        if count == 1 { "" } else { "s" },
        plan.lines_before,
        plan.lines_after
    );
    for edit in &plan.edits {
        let _ = writeln!(text, "Edit {}: {}", edit.number, describe(edit));
        for note in &edit.notes {
            let _ = writeln!(text, "  {}", remark(note));
        }
    }
    text.push_str(&dropped(args));
    text
}

/// What the model is told when nothing was changed.
pub(super) fn failure(display: &str, args: &EditFileArgs, refusals: &[String]) -> String {
    let sent = args.edits.len().min(MAX_EDITS);
    let scope = if sent > 1 {
        format!("{} of {sent} edits cannot be applied, so none was", refusals.len())
    } else {
        "The edit cannot be applied".to_owned()
    };
    format!("{scope}; {display} is unchanged.\n{}{}", refusals.join(""), dropped(args))
}

fn describe(edit: &Applied) -> String {
    let (old, new) = (edit.old.len(), edit.new.len());
    match (old, new) {
        (0, _) => format!("inserted lines {} at the top", edit.new),
        (_, 0) => format!("deleted line{} {} (-{old})", if old == 1 { "" } else { "s" }, edit.old),
        _ => {
            let delta = if new >= old { format!("+{}", new - old) } else { format!("-{}", old - new) };
            format!("line{} {} -> {} ({delta})", if old == 1 { "" } else { "s" }, edit.old, edit.new)
        }
    }
}

fn remark(note: &Note) -> String {
    match note {
        Note::Moved { stated, actual } => {
            format!("The text was found at {actual}, not at {stated} as stated.")
        }
        Note::EndUnproven => "No text was given for the last line; the number was trusted.".to_owned(),
        Note::WhiteSpace => "The anchor text differed from the file in white space.".to_owned(),
        Note::Punctuation => "The anchor text differed from the file in punctuation.".to_owned(),
        Note::Reindented => "The new text was indented to fit the file.".to_owned(),
        Note::NumbersStripped => "Line numbers of the view were taken out of the text.".to_owned(),
        Note::Rebased { seen, now } => {
            format!("The file had changed since you were shown it: what was at {seen} there is at {now} now.")
        }
    }
}

fn dropped(args: &EditFileArgs) -> String {
    if args.edits.len() <= MAX_EDITS {
        return String::new();
    }
    let numbers: Vec<_> = (MAX_EDITS + 1..=args.edits.len()).map(|number| number.to_string()).collect();
    format!(
        "Not applied: edit{} {}; a call takes at most {MAX_EDITS}. Send the rest with the new line numbers.\n",
        if numbers.len() == 1 { "" } else { "s" },
        numbers.join(", ")
    )
}
