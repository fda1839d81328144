//! The governor: notices when a run goes round in circles, tells the model, tells it again more plainly,
//! and at last ends the run with a reason.
//!
//! Three patterns count. A *cycle*: the same one to four steps, over and over, with the same results. A
//! *standstill*: many steps in a row in which nothing was new, in whatever order. A *failure* that comes
//! again and again although the arguments differ. A result that was not seen before, or an open file with a
//! content that was not seen before, is progress: polling something that changes, and running the same
//! test after edits, are no circles.

mod fingerprint;

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use slipway_protocol::Problem;
use slipway_protocol::tool::ToolStatus;
use slipway_protocol::transcript::{AssistantStep, Entry, ToolResult};

use crate::run::guard::fingerprint::{call_fingerprint, error_class, view_fingerprint};

/// Longest cycle that is looked for, in steps.
const LONGEST_CYCLE: usize = 4;

/// Rounds of a cycle after which the model is told, told again, and the run ends.
const ROUNDS: Thresholds = Thresholds { note: 2, warning: 3, stop: 4 };

/// Steps in a row without anything new, likewise.
const STANDSTILL: Thresholds = Thresholds { note: 6, warning: 9, stop: 12 };

/// Steps in a row that failed in the same way, likewise.
const FAILURES: Thresholds = Thresholds { note: 6, warning: 9, stop: 12 };

/// Steps after which a failure no longer belongs to the one before: between two tries a model looks around.
const FAILURE_GAP: u64 = 4;

/// A step that takes as long as this waits for something, for example for a build. It costs little, and
/// what it waits for may yet come.
const WAITING_MS: u64 = 5_000;

/// How much more patience there is with waiting steps.
const PATIENCE: u64 = 4;

/// Steps that are remembered: enough for the longest cycle made of waiting steps.
const HISTORY: usize = 80;

/// Counts at which each level is reached.
struct Thresholds {
    note: u64,
    warning: u64,
    stop: u64,
}

impl Thresholds {
    fn level(&self, count: u64) -> Level {
        match count {
            count if count >= self.stop => Level::Stop,
            count if count >= self.warning => Level::Warning,
            count if count >= self.note => Level::Note,
            _ => Level::Nothing,
        }
    }
}

/// How far a circle has gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    #[default]
    Nothing,
    Note,
    Warning,
    Stop,
}

/// What to do after a step.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Go on.
    GoOn,
    /// Tell the model this.
    Tell(String),
    /// End the run.
    Stop(Box<Problem>),
}

/// What goes round.
#[derive(Debug, PartialEq, Eq)]
enum Pattern {
    Cycle { steps: usize, rounds: u64 },
    Standstill { steps: u64 },
    Failure { tool: String, times: u64 },
}

/// Remembers a run's steps.
#[derive(Debug)]
pub(crate) struct Governor {
    /// Entries of the transcript that have been looked at.
    looked_at: usize,
    /// The newest steps, oldest first.
    steps: VecDeque<Step>,
    /// Fingerprints of all calls with their results, and of all views.
    seen: HashSet<u64>,
    /// Weight of the steps in a row that brought nothing new.
    stale: u64,
    /// Steps taken so far.
    taken: u64,
    /// Failures in a row, by error class.
    failures: HashMap<u64, Streak>,
    /// What the model has been told of the present circle.
    told: Level,
}

#[derive(Debug, Clone, Copy)]
struct Step {
    fingerprint: u64,
    /// [`PATIENCE`], or 1 for a waiting step.
    weight: u64,
}

/// Failures of one kind.
#[derive(Debug, Default)]
struct Streak {
    times: u64,
    /// Tools that failed so; a success of one of them ends the streak.
    tools: BTreeSet<String>,
    /// The tool that failed last.
    tool: String,
    /// The step that failed last.
    newest: u64,
}

impl Governor {
    /// A governor of a run that begins with `transcript`.
    pub(crate) fn new(transcript: &[Entry]) -> Self {
        Self {
            looked_at: transcript.len(),
            steps: VecDeque::new(),
            seen: HashSet::new(),
            stale: 0,
            taken: 0,
            failures: HashMap::new(),
            told: Level::Nothing,
        }
    }

    /// Takes a step whose results are at the end of `transcript`, and judges.
    pub(crate) fn observe(&mut self, answer: &AssistantStep, transcript: &[Entry]) -> Verdict {
        let new = transcript.get(self.looked_at..).unwrap_or_default();
        self.looked_at = transcript.len();
        self.take_views(new);
        self.take_calls(answer, new);
        let (level, pattern) = self.worst();
        let before = self.told;
        self.told = if level == Level::Nothing { level } else { level.max(before) };
        match pattern {
            Some(pattern) if level == Level::Stop => Verdict::Stop(Box::new(pattern.problem())),
            Some(pattern) if level > before => Verdict::Tell(pattern.text(level)),
            _ => Verdict::GoOn,
        }
    }

    /// Contents of open files that were not seen before are what the step before has changed.
    fn take_views(&mut self, entries: &[Entry]) {
        for entry in entries {
            if let Entry::View(view) = entry
                && let fingerprint = view_fingerprint(view)
                && self.seen.insert(fingerprint)
            {
                self.stale = 0;
                self.failures.clear();
                if let Some(step) = self.steps.back_mut() {
                    step.fingerprint ^= fingerprint;
                }
            }
        }
    }

    /// Calls that are repeated within one step count once.
    fn take_calls(&mut self, answer: &AssistantStep, entries: &[Entry]) {
        let results: HashMap<&str, &ToolResult> = entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::ToolResult(result) => Some((result.call_id.as_str(), result)),
                _ => None,
            })
            .collect();
        let calls = answer.tool_calls.iter();
        let made: Vec<_> = calls.map(|call| (call, results.get(call.id.as_str()).copied())).collect();
        let prints: BTreeSet<u64> =
            made.iter().map(|(call, result)| call_fingerprint(call, *result)).collect();
        let results: Vec<&ToolResult> = made.iter().filter_map(|(_, result)| *result).collect();
        let longest = results.iter().map(|result| result.duration_ms).max();
        let weight = if longest.is_some_and(|longest| longest >= WAITING_MS) { 1 } else { PATIENCE };
        let mut is_new = false;
        for print in &prints {
            is_new |= self.seen.insert(*print);
        }
        self.stale = if is_new { 0 } else { self.stale + weight };
        self.take_failures(&results);
        if self.steps.len() == HISTORY {
            self.steps.pop_front();
        }
        self.steps.push_back(Step { fingerprint: fingerprint::of_all(&prints), weight });
    }

    /// A kind of failure counts once in a step: the model saw none of them before it had made all calls.
    fn take_failures(&mut self, results: &[&ToolResult]) {
        self.taken += 1;
        for result in results.iter().filter(|result| result.outcome.status == ToolStatus::Ok) {
            self.failures.retain(|_, streak| !streak.tools.contains(&result.name));
        }
        for result in results.iter().filter(|result| is_failure(result.outcome.status)) {
            let class = error_class(&result.outcome.text);
            if !self.failures.get(&class).is_some_and(|streak| self.goes_on(streak)) {
                self.failures.insert(class, Streak::default());
            }
            let streak = self.failures.entry(class).or_default();
            streak.times += u64::from(streak.newest != self.taken);
            streak.newest = self.taken;
            streak.tools.insert(result.name.clone());
            streak.tool.clone_from(&result.name);
        }
    }

    fn goes_on(&self, streak: &Streak) -> bool {
        self.taken - streak.newest <= FAILURE_GAP
    }

    /// The pattern that has gone farthest.
    fn worst(&self) -> (Level, Option<Pattern>) {
        let (steps, rounds) = self.cycle();
        let stale = self.stale / PATIENCE;
        let failure = self.failures.values().filter(|streak| self.goes_on(streak));
        let failure = failure.max_by_key(|streak| streak.times);
        let failure_level = failure.map_or(Level::Nothing, |streak| FAILURES.level(streak.times));
        let cycle_level = ROUNDS.level(rounds);
        let level = cycle_level.max(failure_level).max(STANDSTILL.level(stale));
        let pattern = match failure {
            _ if level == Level::Nothing => None,
            _ if level == cycle_level => Some(Pattern::Cycle { steps, rounds }),
            Some(streak) if level == failure_level => {
                Some(Pattern::Failure { tool: streak.tool.clone(), times: streak.times })
            }
            _ => Some(Pattern::Standstill { steps: stale }),
        };
        (level, pattern)
    }

    /// The cycle with the most rounds that the newest steps make: its length and its whole rounds.
    fn cycle(&self) -> (usize, u64) {
        let mut most = (1, 1);
        for length in 1..=LONGEST_CYCLE {
            let newest = self.steps.iter().rev();
            let before = newest.clone().skip(length);
            let repeated =
                newest.zip(before).take_while(|(step, before)| step.fingerprint == before.fingerprint);
            let weight: u64 = repeated.map(|(step, _)| step.weight).sum();
            let rounds = 1 + weight / (PATIENCE * u64::try_from(length).unwrap_or(u64::MAX));
            if rounds > most.1 {
                most = (length, rounds);
            }
        }
        most
    }
}

fn is_failure(status: ToolStatus) -> bool {
    match status {
        ToolStatus::Error | ToolStatus::Denied | ToolStatus::TimedOut | ToolStatus::Interrupted => true,
        ToolStatus::Ok | ToolStatus::Stopped => false,
    }
}

impl Pattern {
    /// What goes round, as the model and the person are told.
    fn what(&self, who: &str) -> String {
        match self {
            Self::Cycle { steps: 1, rounds } => {
                format!("{who} made the same calls {rounds} times in a row, with the same results")
            }
            Self::Cycle { steps, rounds } => format!(
                "{who} went through the same {steps} steps {rounds} times in a row, with the same results"
            ),
            Self::Standstill { steps } => format!(
                "{who} made {steps} steps in a row in which nothing was new: every call had been made before, \
                 with the same result"
            ),
            Self::Failure { tool, times } => format!(
                "calls of `{tool}` failed in the same way in {times} steps in a row, whatever the arguments"
            ),
        }
    }

    /// What the model is told.
    fn text(&self, level: Level) -> String {
        let what = self.what("you");
        let what = what.replacen("you made", "You have made", 1).replacen("you went", "You have gone", 1);
        let what = what.replacen("calls of", "Calls of", 1).replacen("` failed", "` have failed", 1);
        if level >= Level::Warning {
            return format!(
                "{what}. If it goes on like this, the run will be ended. Leave this way: find out why \
                 what you expect does not happen, use another tool, or take a smaller step. If you cannot go \
                 on, say in words what keeps you from it."
            );
        }
        match self {
            Self::Failure { .. } => format!(
                "{what}. Read the error again: something other than the arguments must be wrong. Look at what \
                 is there, or do it another way."
            ),
            Self::Cycle { .. } | Self::Standstill { .. } => format!(
                "{what}. Making them again will not help unless something else changes first: do something \
                 else, or say what keeps you from going on."
            ),
        }
    }

    fn problem(&self) -> Problem {
        let problem = match self {
            Self::Failure { .. } => {
                Problem::new(409, "model_keeps_failing", "The model fails again and again in the same way")
            }
            Self::Cycle { .. } | Self::Standstill { .. } => {
                Problem::new(409, "model_loops", "The model goes round in circles")
            }
        };
        problem
            .detail(format!("{}, and went on after it had been told twice", self.what("it")))
            .hint("Tell it what to do differently, or use another model.")
    }
}

#[cfg(test)]
#[path = "guard/tests.rs"]
mod tests;
