//! Makes up sessions: the entries of a conversation in which files are read, edited and closed and commands
//! are run. Sizes are calibrated on recorded trajectories of coding agents: 294 tokens of reasoning, 219 of
//! an edit's arguments, 305 of a command's output in the mean, 11.1 for a numbered line.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use slipway_protocol::MessageId;
use slipway_protocol::tool::ToolOutcome;
use slipway_protocol::transcript::{
    AssistantStep, Entry, Finish, Origin, ToolCall, ToolResult, UserMessage, View,
};
use slipway_protocol::view::{RenderedContent, RenderedFile, ViewChange};

use super::mix::{FILES, MOST_OPEN, Mix};

/// Tokens of each kind of text: fewest and most, evenly distributed.
const REASONING: (usize, usize) = (60, 528);
const EDIT_ARGUMENTS: (usize, usize) = (50, 388);
const COMMAND_OUTPUT: (usize, usize) = (30, 580);
const SEARCH_RESULT: (usize, usize) = (50, 400);
const EDIT_RESULT: usize = 40;

/// Characters per token.
const TOKEN: usize = 4;

/// Characters of a line: fewest and most. With its number, a line makes 11.1 tokens in the mean.
const LINE: (usize, usize) = (12, 67);

/// How often the same file is edited as the time before.
const SAME_FILE: f64 = 0.5;

/// How often a turn has a second call of its kind.
const SECOND_CALL: f64 = 0.15;

/// How often a command changes an open file (a formatter, a generator).
const COMMAND_CHANGES: f64 = 0.05;

/// Turns between two messages of the person.
const TURNS_PER_MESSAGE: usize = 20;

/// Milliseconds between two turns.
const TURN_MS: i64 = 15_000;

/// A file of the made-up workspace.
struct File {
    path: String,
    lines: Vec<String>,
    version: u32,
}

/// Makes up the entries of a session.
pub(crate) fn made_up(mix: &Mix, turns: usize, seed: u64) -> Vec<Entry> {
    let mut random = StdRng::seed_from_u64(seed);
    let files = (0..FILES).map(|number| {
        let lines = random.random_range(mix.lines.0..=mix.lines.1);
        let lines = (0..lines).map(|_| line(&mut random)).collect();
        File { path: format!("src/part_{number}/module_{number}.rs"), lines, version: 0 }
    });
    let files = files.collect();
    let mut session = Session {
        random,
        files,
        open: Vec::new(),
        entries: Vec::new(),
        changed: Vec::new(),
        turn: 0,
        calls: 0,
    };
    for turn in 0..turns {
        session.turn = turn;
        if turn % TURNS_PER_MESSAGE == 0 {
            session.message();
        }
        session.turn(mix);
    }
    session.answer("All of it is done.", Vec::new());
    session.entries
}

struct Session {
    random: StdRng,
    files: Vec<File>,
    /// Positions of the open files, the most recently used one last.
    open: Vec<usize>,
    entries: Vec<Entry>,
    /// Files that need a new view.
    changed: Vec<usize>,
    turn: usize,
    calls: usize,
}

/// What a turn does.
#[derive(Clone, Copy)]
enum Act {
    Read,
    Edit,
    Command,
    Search,
}

impl Session {
    fn message(&mut self) {
        if self.turn > 0 {
            self.answer("Done so far.", Vec::new());
        }
        self.entries.push(Entry::User(UserMessage {
            id: MessageId::from(format!("msg_{}", self.turn).as_str()),
            text: prose(&mut self.random, 60),
            attachments: Vec::new(),
            origin: Origin::Person,
            created_at: self.now(),
        }));
    }

    fn turn(&mut self, mix: &Mix) {
        let act = match self.random.random::<f64>() {
            _ if self.open.is_empty() => Act::Read,
            share if share < mix.edits => Act::Edit,
            share if share < mix.edits + mix.commands => Act::Command,
            _ if self.random.random_bool(0.6) => Act::Read,
            _ => Act::Search,
        };
        let second = !matches!(act, Act::Command) && self.random.random_bool(SECOND_CALL);
        let outcomes: Vec<_> = (0..=usize::from(second)).map(|_| self.act(act)).collect();
        let calls =
            outcomes.iter().map(|(name, arguments, _)| self.call(name, arguments)).collect::<Vec<_>>();
        let reasoning = self.text(REASONING);
        let ids: Vec<_> = calls.iter().map(|call| call.id.clone()).collect();
        self.answer(&reasoning, calls);
        for (call_id, (name, _, outcome)) in ids.into_iter().zip(outcomes) {
            self.entries.push(Entry::ToolResult(ToolResult {
                call_id,
                name: name.to_owned(),
                outcome,
                duration_ms: 100,
                created_at: self.now(),
            }));
        }
        self.refresh();
    }

    fn act(&mut self, act: Act) -> (&'static str, String, ToolOutcome) {
        match act {
            Act::Read => {
                let closed: Vec<usize> =
                    (0..self.files.len()).filter(|file| !self.open.contains(file)).collect();
                let file = closed.get(self.random.random_range(0..closed.len().max(1))).copied().unwrap_or(0);
                let mut outcome = ToolOutcome::ok(format!("{} is open below.", self.path(file)));
                outcome.view_changes = self.touch(file);
                self.changed.push(file);
                ("read_file", format!("{{\"file\":\"{}\"}}", self.path(file)), outcome)
            }
            Act::Edit => {
                let last = self.open.len().saturating_sub(1);
                let position = if self.random.random_bool(SAME_FILE) {
                    last
                } else {
                    self.random.random_range(0..=last)
                };
                let file = self.open.get(position).copied().unwrap_or(0);
                self.change(file);
                let mut outcome = ToolOutcome::ok(prose(&mut self.random, EDIT_RESULT));
                outcome.view_changes = self.touch(file);
                let arguments = self.text(EDIT_ARGUMENTS);
                (
                    "edit_file",
                    format!("{{\"file\":\"{}\",\"edits\":\"{arguments}\"}}", self.path(file)),
                    outcome,
                )
            }
            Act::Command => {
                if self.random.random_bool(COMMAND_CHANGES)
                    && let Some(file) = self.open.first().copied()
                {
                    self.change(file);
                }
                (
                    "run_terminal_command",
                    "{\"command\":\"cargo test\"}".to_owned(),
                    ToolOutcome::ok(self.text(COMMAND_OUTPUT)),
                )
            }
            Act::Search => (
                "grep_search",
                "{\"pattern\":\"fn main\"}".to_owned(),
                ToolOutcome::ok(self.text(SEARCH_RESULT)),
            ),
        }
    }

    /// Makes a file the most recently used one; says what opens and closes.
    fn touch(&mut self, file: usize) -> Vec<ViewChange> {
        self.open.retain(|open| *open != file);
        self.open.push(file);
        let mut changes = vec![ViewChange::Open { path: self.path(file), ranges: Vec::new() }];
        if self.open.len() > MOST_OPEN {
            let closed = self.open.remove(0);
            self.changed.retain(|changed| *changed != closed);
            changes.push(ViewChange::Close { path: self.path(closed) });
        }
        changes
    }

    /// Replaces a few lines somewhere.
    fn change(&mut self, file: usize) {
        let (removed, added) = (self.random.random_range(1..=12), self.random.random_range(1..=16));
        let new: Vec<String> = (0..added).map(|_| line(&mut self.random)).collect();
        if let Some(file) = self.files.get_mut(file) {
            let start = self.random.random_range(0..file.lines.len().max(1));
            let end = (start + removed).min(file.lines.len());
            file.lines.splice(start..end, new);
        }
        self.changed.push(file);
    }

    fn refresh(&mut self) {
        let mut changed = std::mem::take(&mut self.changed);
        changed.sort_unstable();
        changed.dedup();
        for file in changed {
            let Some(file) = self.files.get_mut(file) else { continue };
            file.version += 1;
            let numbered =
                file.lines.iter().enumerate().map(|(number, line)| format!("{}\t{line}\n", number + 1));
            let text: String = numbered.collect();
            let rendered = RenderedFile {
                path: file.path.clone(),
                content_hash: format!("{}-{}", file.path, file.version),
                lines: u32::try_from(file.lines.len()).unwrap_or(u32::MAX),
                bytes: u64::try_from(text.len()).unwrap_or(u64::MAX),
                content: RenderedContent::Text { text },
                ranges: None,
            };
            self.entries.push(Entry::View(View { version: file.version, file: rendered }));
        }
    }

    fn answer(&mut self, text: &str, tool_calls: Vec<ToolCall>) {
        self.entries.push(Entry::Assistant(AssistantStep {
            id: MessageId::from(format!("msg_a{}", self.entries.len()).as_str()),
            step: u32::try_from(self.turn % TURNS_PER_MESSAGE + 1).unwrap_or(1),
            text: text.to_owned(),
            reasoning: String::new(),
            opaque: serde_json::Map::new(),
            finish: if tool_calls.is_empty() { Finish::Stop } else { Finish::ToolCalls },
            tool_calls,
            usage: None,
            model: String::new(),
            created_at: self.now(),
        }));
    }

    fn call(&mut self, name: &str, arguments: &str) -> ToolCall {
        self.calls += 1;
        ToolCall {
            id: format!("call_{}", self.calls).as_str().into(),
            name: name.to_owned(),
            arguments: arguments.to_owned(),
            opaque: serde_json::Map::new(),
        }
    }

    fn path(&self, file: usize) -> String {
        self.files.get(file).map(|file| file.path.clone()).unwrap_or_default()
    }

    fn text(&mut self, (fewest, most): (usize, usize)) -> String {
        let tokens = self.random.random_range(fewest..=most);
        prose(&mut self.random, tokens)
    }

    fn now(&self) -> i64 {
        i64::try_from(self.turn).unwrap_or_default() * TURN_MS
    }
}

fn line(random: &mut StdRng) -> String {
    let length = random.random_range(LINE.0..=LINE.1);
    letters(random, length)
}

fn prose(random: &mut StdRng, tokens: usize) -> String {
    letters(random, tokens * TOKEN)
}

fn letters(random: &mut StdRng, length: usize) -> String {
    let letter = |code: u8| if code < 4 { ' ' } else { char::from(b'a' + code % 26) };
    (0..length).map(|_| letter(random.random_range(0..30))).collect()
}
