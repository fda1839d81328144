//! Everything the launcher says to a person: results on standard output, the rest on standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How often a progress line is redrawn.
const REDRAW: Duration = Duration::from_millis(120);

/// A result, on standard output. A closed pipe is not an error worth reporting.
pub(crate) fn result(text: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Part of a result, without a line end, shown at once.
pub(crate) fn partial(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// Something good to know, on standard error.
pub(crate) fn note(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Something the person must know, on standard error.
pub(crate) fn warning(text: impl Display) {
    note(format_args!("{} {text}", styled("warning:", "1;33")));
}

/// Why it did not work, on standard error.
pub(crate) fn error(text: impl Display) {
    note(format_args!("{} {text}", styled("error:", "1;31")));
}

/// `text` in an SGR style (for example `1` for bold), where standard error is a terminal.
pub(crate) fn styled(text: &str, style: &str) -> String {
    if io::stderr().is_terminal() { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_owned() }
}

/// A line on standard error that shows what goes on; where that is no terminal, one line at each step.
pub(crate) struct Progress {
    bar: ProgressBar,
    plain: bool,
}

impl Progress {
    /// Begins with `title`.
    pub(crate) fn start(title: impl Into<String>) -> Self {
        let plain = !io::stderr().is_terminal();
        let title = title.into();
        if plain {
            note(format_args!("{title}…"));
        }
        let bar = ProgressBar::new_spinner().with_message(title);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed:>4} {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(REDRAW);
        Self { bar, plain }
    }

    /// Shows a step. Every one of them is shown also where there is no terminal.
    pub(crate) fn step(&self, text: &str) {
        if self.plain {
            note(format_args!("  {text}"));
        }
        self.bar.set_message(text.to_owned());
    }

    /// Shows a detail, only on a terminal.
    pub(crate) fn detail(&self, text: &str) {
        self.bar.set_message(text.to_owned());
    }

    /// Replaces the line by `text` and the time that it took.
    pub(crate) fn done(self, text: &str) {
        let took = self.bar.elapsed();
        self.bar.finish_and_clear();
        note(format_args!("{text} ({:.1} s)", took.as_secs_f64()));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
