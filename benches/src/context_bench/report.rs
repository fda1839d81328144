//! The tables, and what must hold of them.

use serde::Serialize;

use super::provider::PROVIDERS;
use super::trace::{Trace, cost};

/// How many times cheaper `auto` must be than `consolidated` on DeepSeek.
const BAR: f64 = 2.4;

/// The sums over some sessions of what each way of laying out costs.
#[derive(Debug, Default, Clone, Serialize)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// Model calls.
    pub(crate) calls: usize,
    /// All input tokens.
    pub(crate) total: f64,
    /// Those that no request had begun with before.
    pub(crate) uncached: f64,
    /// The largest request of a session.
    pub(crate) peak: f64,
    /// Cost by provider, in uncached input tokens.
    pub(crate) costs: Vec<f64>,
}

impl Column {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), costs: vec![0.0; PROVIDERS.len()], ..Self::default() }
    }

    /// Adds a session that went the same way for all providers.
    pub(crate) fn add(&mut self, trace: &Trace) {
        for provider in 0..PROVIDERS.len() {
            self.add_cost(provider, trace);
        }
        self.add_figures(trace);
    }

    /// Adds a session as it goes for one provider.
    pub(crate) fn add_cost(&mut self, provider: usize, trace: &Trace) {
        if let (Some(sum), Some(provider)) = (self.costs.get_mut(provider), PROVIDERS.get(provider)) {
            *sum += cost(trace, provider);
        }
    }

    /// Adds a session's figures that no provider matters for.
    #[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
    pub(crate) fn add_figures(&mut self, trace: &Trace) {
        self.calls += trace.len();
        self.total += trace.iter().map(|sent| sent.total as f64).sum::<f64>();
        self.uncached +=
            trace.iter().map(|sent| (sent.total - sent.same.min(sent.total)) as f64).sum::<f64>();
        self.peak += trace.iter().map(|sent| sent.total).max().unwrap_or_default() as f64;
    }

    /// Adds another column's sums.
    pub(crate) fn join(&mut self, other: &Self) {
        self.calls += other.calls;
        self.total += other.total;
        self.uncached += other.uncached;
        self.peak += other.peak;
        self.costs.iter_mut().zip(&other.costs).for_each(|(sum, more)| *sum += more);
    }
}

/// What some sessions cost.
#[derive(Debug, Serialize)]
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) sessions: usize,
    /// Whether `auto` is held to the bar here.
    pub(crate) has_bar: bool,
    pub(crate) columns: Vec<Column>,
}

impl Table {
    /// The table in Markdown, in thousands of tokens per session.
    #[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
    pub(crate) fn markdown(&self) -> String {
        let per_session = |sum: f64| format!("{:.0}", sum / self.sessions.max(1) as f64 / 1000.0);
        let row = |name: &str, figure: &dyn Fn(&Column) -> String| {
            let cells: Vec<String> = self.columns.iter().map(figure).collect();
            format!("| {name} | {} |\n", cells.join(" | "))
        };
        let mut text =
            format!("### {} ({} sessions, thousands of tokens per session)\n\n", self.title, self.sessions);
        text += &row("", &|column| column.name.clone());
        text += &format!("|---|{}\n", "---|".repeat(self.columns.len()));
        text += &row("model calls", &|column| {
            format!("{:.0}", column.calls as f64 / self.sessions.max(1) as f64)
        });
        text += &row("input", &|column| per_session(column.total));
        text += &row("input that is new", &|column| per_session(column.uncached));
        text += &row("largest request", &|column| per_session(column.peak));
        for (position, provider) in PROVIDERS.iter().enumerate() {
            text += &row(&format!("cost: {}", provider.name), &|column| {
                per_session(column.costs.get(position).copied().unwrap_or_default())
            });
        }
        text += &row("DeepSeek: times cheaper than consolidated", &|column| self.times_cheaper(column));
        text
    }

    /// How many times less than `consolidated` a column costs with each provider that has a bar.
    fn times_cheaper(&self, column: &Column) -> String {
        let consolidated = self.columns.iter().find(|column| column.name == "consolidated");
        let with_bar = PROVIDERS.iter().enumerate().filter(|(_, provider)| provider.has_bar);
        let times = with_bar.filter_map(|(position, _)| {
            let cost = |column: &Column| column.costs.get(position).copied();
            Some(format!("{:.2}", cost(consolidated?)? / cost(column)?))
        });
        times.collect::<Vec<_>>().join(", ")
    }

    /// What does not hold.
    pub(crate) fn missed(&self) -> Vec<String> {
        let column = |name: &str| self.columns.iter().find(|column| column.name == name);
        let (Some(auto), Some(consolidated), Some(per_file)) =
            (column("auto"), column("consolidated"), column("per_file"))
        else {
            return Vec::new();
        };
        let mut missed = Vec::new();
        for (position, provider) in PROVIDERS.iter().enumerate() {
            let cost = |column: &Column| column.costs.get(position).copied().unwrap_or_default();
            for other in [consolidated, per_file] {
                if cost(auto) > cost(other) {
                    let more = (cost(auto) / cost(other) - 1.0) * 100.0;
                    missed.push(format!(
                        "{}, {}: auto costs {more:.2} % more than {}",
                        self.title, provider.name, other.name
                    ));
                }
            }
            let times = cost(consolidated) / cost(auto);
            if self.has_bar && provider.has_bar && times < BAR {
                missed.push(format!(
                    "{}, {}: auto is {times:.2} times cheaper than consolidated, not {BAR}",
                    self.title, provider.name
                ));
            }
        }
        missed
    }
}
