//! `slipway answer`: which question is meant, and what is answered.

use slipway_protocol::approval::Approval;
use slipway_protocol::question::{Answer, Choice, Question};

use crate::plain::Plain;

/// Why an answer cannot be given as it was asked for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AnswerError {
    /// Several questions wait and none was named.
    #[error("{0} questions wait; say which with --question")]
    Several(usize),
    /// The named one does not wait.
    #[error("no question `{0}` waits; without an answer `slipway answer` lists what is asked")]
    NoSuchQuestion(String),
    /// The named option does not exist.
    #[error("the question has no option `{0}`; name one of them, or its number in the list")]
    NoSuchOption(String),
    /// More options than may be chosen.
    #[error("only one option of this question may be chosen")]
    OneOnly,
}

/// The question that is meant: by its number from 1, by its call's id, or the only one.
pub(crate) fn question<'a>(
    waiting: &'a [Question],
    named: Option<&str>,
) -> Result<&'a Question, AnswerError> {
    let Some(named) = named else {
        return match waiting {
            [only] => Ok(only),
            _ => Err(AnswerError::Several(waiting.len())),
        };
    };
    let by_id = waiting.iter().find(|question| question.call_id.as_str() == named);
    by_id.or_else(|| numbered(waiting, named)).ok_or_else(|| AnswerError::NoSuchQuestion(named.to_owned()))
}

/// What is answered: options by their names or their numbers from 1, and the person's words.
pub(crate) fn answer(question: &Question, chosen: &[String], text: &str) -> Result<Answer, AnswerError> {
    if chosen.len() > 1 && question.choice == Choice::One {
        return Err(AnswerError::OneOnly);
    }
    let option = |named: &String| {
        let by_name = question.options.iter().find(|option| option.label == *named);
        let found = by_name.or_else(|| numbered(&question.options, named));
        found.map(|option| option.label.clone()).ok_or_else(|| AnswerError::NoSuchOption(named.clone()))
    };
    Ok(Answer { chosen: chosen.iter().map(option).collect::<Result<_, _>>()?, text: text.to_owned() })
}

/// A question with its options, in plain text; `number` is its place in the list.
pub(crate) fn told(number: usize, question: &Question) -> String {
    let mut text = format!("{number}. {} [{}]", question.question, question.call_id);
    for (option, number) in question.options.iter().zip(1..) {
        text.push_str(&format!("\n   {number}) {}", option.label));
        if !option.description.is_empty() {
            text.push_str(&format!(": {}", option.description));
        }
    }
    if question.choice == Choice::Several {
        text.push_str("\n   (several may be chosen)");
    }
    Plain::default().push(&text)
}

/// The call that is meant: by its number from 1, by its id, or the only one.
pub(crate) fn approval<'a>(
    waiting: &'a [Approval],
    named: Option<&str>,
) -> Result<&'a Approval, AnswerError> {
    let Some(named) = named else {
        return match waiting {
            [only] => Ok(only),
            _ => Err(AnswerError::Several(waiting.len())),
        };
    };
    let by_id = waiting.iter().find(|approval| approval.call_id.as_str() == named);
    by_id.or_else(|| numbered(waiting, named)).ok_or_else(|| AnswerError::NoSuchQuestion(named.to_owned()))
}

/// A call that waits for approval, in plain text.
pub(crate) fn to_approve(approval: &Approval) -> String {
    let what = approval.command.clone().unwrap_or_else(|| approval.arguments.to_string());
    let place = approval.directory.as_ref().map_or_else(String::new, |path| format!(" in {path}"));
    Plain::default()
        .push(&format!("{} needs your approval{place} [{}]: {what}", approval.tool, approval.call_id))
}

fn numbered<'a, T>(all: &'a [T], number: &str) -> Option<&'a T> {
    all.get(number.parse::<usize>().ok()?.checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use slipway_protocol::question::QuestionOption;

    use super::*;

    fn asks(id: &str, options: &[&str], choice: Choice) -> Question {
        let option = |label: &&str| QuestionOption { label: (*label).to_owned(), description: String::new() };
        let options = options.iter().map(option).collect();
        Question { call_id: id.into(), question: "Which?".to_owned(), options, choice }
    }

    #[test]
    fn a_question_is_named_by_id_or_number_or_is_the_only_one() {
        let waiting = [asks("call_a", &[], Choice::One), asks("call_b", &[], Choice::One)];
        assert_eq!(question(&waiting, Some("call_b")), Ok(&waiting[1]));
        assert_eq!(question(&waiting, Some("1")), Ok(&waiting[0]));
        assert_eq!(question(&waiting[..1], None), Ok(&waiting[0]));
        assert_eq!(question(&waiting, None), Err(AnswerError::Several(2)));
        for wrong in ["0", "3", "call", ""] {
            assert_eq!(question(&waiting, Some(wrong)), Err(AnswerError::NoSuchQuestion(wrong.to_owned())));
        }
    }

    #[test]
    fn options_are_named_or_counted_and_a_name_wins_over_a_number() {
        let one = asks("c", &["red", "blue", "1"], Choice::One);
        let several = asks("c", &["red", "blue"], Choice::Several);
        let chosen = |question: &Question, names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            answer(question, &names, "").map(|answer| answer.chosen)
        };
        assert_eq!(chosen(&one, &["2"]), Ok(vec!["blue".to_owned()]));
        assert_eq!(chosen(&one, &["1"]), Ok(vec!["1".to_owned()]));
        assert_eq!(chosen(&one, &["red", "blue"]), Err(AnswerError::OneOnly));
        assert_eq!(chosen(&several, &["blue", "1"]), Ok(vec!["blue".to_owned(), "red".to_owned()]));
        assert_eq!(chosen(&several, &["green"]), Err(AnswerError::NoSuchOption("green".to_owned())));
        let words = answer(&one, &[], "neither").map(|answer| answer.text);
        assert_eq!(words, Ok("neither".to_owned()));
    }

    #[test]
    fn what_is_asked_steers_no_terminal() {
        let mut question = asks("c", &["\u{1b}]0;owned\u{7}red"], Choice::Several);
        question.options[0].description = "like a rose".to_owned();
        assert_eq!(told(1, &question), "1. Which? [c]\n   1) red: like a rose\n   (several may be chosen)");
    }
}
