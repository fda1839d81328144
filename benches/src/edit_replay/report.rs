//! Figures against their bars, as a table and as JSON.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter, Write as _};

use serde::Serialize;
use serde_json::Value;

use super::history::Sample;
use super::kind::{Bar, Kind};
use super::play::{Outcome, Verdict};
use super::trial::{Expected, Trial};

/// How often each outcome occurred.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Tally {
    ok: u32,
    wrong: u32,
    reject: u32,
}

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    seed: u64,
    /// Hunks by repository.
    repositories: BTreeMap<String, usize>,
    passed: bool,
    kinds: Vec<Row>,
    failures: Vec<Failure>,
}

#[derive(Debug, Serialize)]
struct Row {
    kind: Kind,
    title: &'static str,
    cases: u32,
    #[serde(flatten)]
    tally: Tally,
    ok_percent: f64,
    wrong_percent: f64,
    bar: Bar,
    passed: bool,
}

/// A trial that did not give the file it should, to be looked at.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    kind: Kind,
    outcome: Outcome,
    repository: String,
    commit: String,
    /// The file that the commit changes.
    path: String,
    /// First and last line of the hunk before and after, from 1; an empty range ends before it starts.
    old_lines: [usize; 2],
    new_lines: [usize; 2],
    /// The case as `slipway-toolhost replay` reads it.
    case: Value,
    /// What the model was told, call by call.
    texts: Vec<String>,
}

impl Tally {
    pub(crate) fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Ok => self.ok += 1,
            Outcome::Wrong => self.wrong += 1,
            Outcome::Reject => self.reject += 1,
        }
    }

    fn cases(self) -> u32 {
        self.ok + self.wrong + self.reject
    }

    /// In percent; none of none is nothing.
    fn share(self, count: u32) -> f64 {
        100.0 * f64::from(count) / f64::from(self.cases().max(1))
    }
}

impl Display for Tally {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} cases, {:.2} % ok, {:.2} % wrong, {:.2} % refused",
            self.cases(),
            self.share(self.ok),
            self.share(self.wrong),
            self.share(self.reject)
        )
    }
}

impl Report {
    pub(crate) fn new(seed: u64, samples: &[Sample]) -> Self {
        let mut repositories = BTreeMap::new();
        for sample in samples {
            *repositories.entry(sample.repository.clone()).or_default() += 1;
        }
        Self { seed, repositories, passed: true, kinds: Vec::new(), failures: Vec::new() }
    }

    pub(crate) fn add(&mut self, kind: Kind, tally: Tally, failures: Vec<Failure>) {
        let bar = kind.bar();
        let (ok_percent, wrong_percent) = (tally.share(tally.ok), tally.share(tally.wrong));
        let reached = bar.ok.is_none_or(|least| ok_percent >= least)
            && bar.wrong.is_none_or(|most| wrong_percent <= most);
        // No case shows nothing, for or against.
        let passed = reached || tally.cases() == 0;
        self.passed &= passed;
        self.kinds.push(Row {
            kind,
            title: kind.title(),
            cases: tally.cases(),
            tally,
            ok_percent,
            wrong_percent,
            bar,
            passed,
        });
        self.failures.extend(failures);
    }

    /// Whether all bars were reached.
    pub(crate) fn passed(&self) -> bool {
        self.passed
    }

    /// The figures in Markdown.
    pub(crate) fn table(&self) -> String {
        let hunks: usize = self.repositories.values().sum();
        let mut text = format!(
            "{hunks} hunks of {} repositories, seed {}; shares in percent\n\n\
             | | perturbation | cases | ok | wrong | refused | bar | |\n|---|---|---|---|---|---|---|---|\n",
            self.repositories.len(),
            self.seed
        );
        for row in &self.kinds {
            let _ = writeln!(
                text,
                "| {:?} | {} | {} | {:.2} | {:.2} | {:.2} | {} | {} |",
                row.kind,
                row.title,
                row.cases,
                row.ok_percent,
                row.wrong_percent,
                row.tally.share(row.tally.reject),
                row.bar,
                if row.passed { "pass" } else { "FAIL" }
            );
        }
        text
    }
}

impl Display for Bar {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let parts =
            [self.ok.map(|least| format!("ok ≥ {least}")), self.wrong.map(|most| format!("wrong ≤ {most}"))];
        formatter.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

impl Failure {
    /// `None` when the outcome is the one to be wished for.
    pub(crate) fn of(trial: &Trial<'_>, verdict: &Verdict) -> Option<Self> {
        let wished = match trial.expected {
            Expected::Refusal => Outcome::Reject,
            Expected::File(_) | Expected::FileButNewEndings(_) => Outcome::Ok,
        };
        let sample = trial.sample;
        let lines = |range: &std::ops::Range<usize>| [range.start + 1, range.end];
        (verdict.outcome != wished).then(|| Self {
            kind: trial.kind,
            outcome: verdict.outcome,
            repository: sample.repository.clone(),
            commit: sample.commit.clone(),
            path: sample.path.clone(),
            old_lines: lines(&sample.hunk.old),
            new_lines: lines(&sample.hunk.new),
            case: super::play::case(0, trial),
            texts: verdict.texts.clone(),
        })
    }
}
