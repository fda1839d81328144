//! Shows a run's events: as JSON lines, or so that a person can read along.

use std::collections::{HashMap, HashSet};
use std::io::IsTerminal as _;

use serde_json::Value;
use slipway_protocol::event::{Event, EventBody};
use slipway_protocol::message::{NoticeLevel, Part, PartBody, Role, ToolPart, ToolPartStatus};
use slipway_protocol::{MessageId, PartId};

use crate::plain::Plain;
use crate::terminal;

/// Longest summary of a call's arguments, in characters.
const SUMMARY_LENGTH: usize = 100;
/// Lines of a result that are shown when nothing was shown live.
const RESULT_LINES: usize = 6;

/// Where events are shown, and what has been shown of parts that still stream.
pub(super) struct Printer {
    form: Form,
    parts: HashMap<PartId, Shown>,
    /// Messages of sub-agents: their report is shown, not how they came to it.
    nested: HashSet<MessageId>,
    at_line_start: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    /// For a person, with or without colours and reasoning.
    Readable {
        styled: bool,
    },
}

/// A part that streams.
struct Shown {
    kind: Kind,
    plain: Plain,
    arguments: String,
    characters: usize,
}

enum Kind {
    Text,
    Reasoning,
    Tool { name: String },
    Other,
}

impl Printer {
    /// Prints JSON lines or, without `json`, for a person.
    pub(super) fn new(json: bool) -> Self {
        let form = if json { Form::Json } else { Form::Readable { styled: std::io::stdout().is_terminal() } };
        Self { form, parts: HashMap::new(), nested: HashSet::new(), at_line_start: true }
    }

    /// Shows an event; `raw` is its JSON as received.
    pub(super) fn show(&mut self, event: &Event, raw: &str) {
        if self.form == Form::Json {
            terminal::result(raw);
            return;
        }
        match &event.body {
            EventBody::MessageCreated { message } if message.call_id.is_some() => {
                self.nested.insert(message.id.clone());
            }
            EventBody::PartStarted { part }
            | EventBody::PartDone { part }
            | EventBody::ToolFinished { part }
                if self.nested.contains(&part.message_id) => {}
            EventBody::MessageCreated { message } if message.role == Role::System => {
                message.parts.iter().for_each(|part| self.begin(part));
            }
            EventBody::PartStarted { part } => self.begin(part),
            EventBody::PartDelta { part_id, text } => self.more(part_id, text),
            EventBody::ToolOutput { part_id, text, skipped_bytes } => {
                if *skipped_bytes > 0 {
                    self.line(&format!("  … {skipped_bytes} bytes not shown"), "2");
                }
                self.more(part_id, text);
            }
            EventBody::ToolArgs { part_id, text } => {
                if let Some(shown) = self.parts.get_mut(part_id) {
                    shown.arguments.push_str(text);
                }
            }
            EventBody::ToolStarted { part_id, .. } => self.call(part_id),
            EventBody::PartDone { part } | EventBody::ToolFinished { part } => self.end(part),
            EventBody::RunStatus { retry: Some(retry), problem, .. } => {
                let why = problem.as_ref().map(ToString::to_string).unwrap_or_default();
                self.line(&format!("(attempt {} follows: {why})", retry.attempt), "2");
            }
            EventBody::Notice { level, text } => self.notice(*level, text),
            _ => {}
        }
    }

    /// Ends the last line.
    pub(super) fn finish(&mut self) {
        if !self.at_line_start {
            self.write("\n");
        }
    }

    fn begin(&mut self, part: &Part) {
        let kind = match &part.body {
            PartBody::Text { .. } => Kind::Text,
            PartBody::Reasoning { .. } => Kind::Reasoning,
            PartBody::Tool(tool) => Kind::Tool { name: tool.name.clone() },
            PartBody::Notice { level, text, .. } => {
                self.notice(*level, text);
                Kind::Other
            }
        };
        let arguments = match &part.body {
            PartBody::Tool(tool) => tool.arguments.clone(),
            PartBody::Text { .. } | PartBody::Reasoning { .. } | PartBody::Notice { .. } => String::new(),
        };
        let shown = Shown { kind, plain: Plain::default(), arguments, characters: 0 };
        self.parts.insert(part.id.clone(), shown);
        if let PartBody::Text { text } | PartBody::Reasoning { text } = &part.body {
            self.more(&part.id, text);
        }
    }

    fn more(&mut self, id: &PartId, text: &str) {
        let Some(shown) = self.parts.get_mut(id) else { return };
        let first = shown.characters == 0;
        shown.characters += text.chars().count();
        let text = shown.plain.push(text);
        match shown.kind {
            Kind::Text => {
                if first {
                    self.finish();
                }
                self.write(&text);
            }
            // Worth reading along, not worth keeping in a file.
            Kind::Reasoning if self.form == (Form::Readable { styled: true }) => {
                self.write(&format!("\x1b[2m{text}\x1b[0m"));
            }
            Kind::Tool { .. } => {
                let start = if self.at_line_start { "  " } else { "" };
                let ends = text.ends_with('\n');
                let body = text.strip_suffix('\n').unwrap_or(&text).replace('\n', "\n  ");
                self.write(&format!("{start}{body}{}", if ends { "\n" } else { "" }));
            }
            Kind::Reasoning | Kind::Other => {}
        }
    }

    fn call(&mut self, id: &PartId) {
        let Some(Shown { kind: Kind::Tool { name }, arguments, .. }) = self.parts.get(id) else { return };
        let line = format!("● {name} {}", summary(arguments));
        self.line(&line, "1;36");
    }

    fn end(&mut self, part: &Part) {
        let shown = self.parts.remove(&part.id);
        let seen = shown.as_ref().map_or(0, |shown| shown.characters);
        match &part.body {
            PartBody::Text { text } => {
                // All of it when it came in one piece, else what the stream had not brought yet.
                let rest: String = text.chars().skip(seen).collect();
                let rest = Plain::default().push(&rest);
                self.write(&rest);
                self.finish();
            }
            PartBody::Reasoning { .. } => self.finish(),
            PartBody::Tool(tool) => self.result(tool, seen),
            PartBody::Notice { .. } => {}
        }
    }

    fn result(&mut self, tool: &ToolPart, seen: usize) {
        let ok = tool.status == ToolPartStatus::Ok;
        let text = Plain::default().push(tool.result.as_deref().unwrap_or_default());
        let lines: Vec<&str> = text.lines().collect();
        if !ok || seen == 0 {
            for line in lines.iter().take(RESULT_LINES) {
                self.line(&format!("  {line}"), "2");
            }
            if lines.len() > RESULT_LINES {
                self.line(&format!("  … {} more lines", lines.len() - RESULT_LINES), "2");
            }
        }
        let took =
            tool.duration_ms.map(|ms| format!(" {}.{} s", ms / 1000, ms % 1000 / 100)).unwrap_or_default();
        let code = tool.data.get("exit_code").and_then(serde_json::Value::as_i64).filter(|code| *code != 0);
        let (mark, style) = if ok && code.is_none() { ("✓", "32") } else { ("✗", "31") };
        let status = match code {
            Some(code) if ok => format!(" exit {code}"),
            _ if ok => String::new(),
            _ => format!(" {}", status_name(tool.status)),
        };
        self.line(&format!("  {mark}{status}{took}"), style);
    }

    fn notice(&mut self, level: NoticeLevel, text: &str) {
        let text = Plain::default().push(text);
        match level {
            NoticeLevel::Info => self.line(&text, "2"),
            NoticeLevel::Warning => self.line(&format!("warning: {text}"), "33"),
            NoticeLevel::Error => self.line(&format!("error: {text}"), "31"),
        }
    }

    /// Writes a line of its own, styled where that shows.
    fn line(&mut self, text: &str, style: &str) {
        self.finish();
        match self.form {
            Form::Readable { styled: true } => self.write(&format!("\x1b[{style}m{text}\x1b[0m\n")),
            Form::Readable { styled: false } | Form::Json => self.write(&format!("{text}\n")),
        }
    }

    fn write(&mut self, text: &str) {
        if !text.is_empty() {
            terminal::partial(text);
            self.at_line_start = text.ends_with('\n');
        }
    }
}

fn status_name(status: ToolPartStatus) -> &'static str {
    match status {
        ToolPartStatus::Proposed => "proposed",
        ToolPartStatus::Running => "running",
        ToolPartStatus::Ok => "ok",
        ToolPartStatus::Error => "error",
        ToolPartStatus::Denied => "denied",
        ToolPartStatus::Stopped => "stopped",
        ToolPartStatus::TimedOut => "timed out",
        ToolPartStatus::Interrupted => "interrupted",
    }
}

/// The arguments on one line: the values of an object, shortened; else the text as it is.
fn summary(arguments: &str) -> String {
    let text = match serde_json::from_str(arguments) {
        Ok(Value::Object(map)) => map.values().map(value_text).collect::<Vec<_>>().join("  "),
        _ => arguments.to_owned(),
    };
    let line = Plain::default().push(&text).replace('\n', "↵ ");
    let mut short: String = line.chars().take(SUMMARY_LENGTH).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}

fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            other.to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_summed_up_on_one_short_line() {
        assert_eq!(summary(r#"{"path":"notes.txt","content":"one\ntwo"}"#), "notes.txt  one↵ two");
        assert_eq!(summary("not json"), "not json");
        let long = summary(&format!(r#"{{"command":"{}"}}"#, "x".repeat(500)));
        assert_eq!(long.chars().count(), SUMMARY_LENGTH + 1);
        assert!(!summary(r#"{"command":"\u001b]52;c;x\u0007ls"}"#).contains('\x1b'));
    }
}
