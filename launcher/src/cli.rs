//! The command line.

mod user;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use slipway_protocol::api::SandboxProfile;
use slipway_protocol::budget::money_from_text;

pub(crate) use self::user::UserCommand;
use crate::state::InstanceNumber;

/// An autonomous coding agent in a sandbox. Without a command: `up`.
#[derive(Debug, Parser)]
#[command(name = "slipway", version, about)]
pub(crate) struct Cli {
    /// Number of the instance, from 1; each has its own containers, ports and data
    #[arg(short = 'n', long = "instance", global = true, default_value = "1", value_name = "N")]
    pub(crate) instance: InstanceNumber,
    /// Label for everything made in Docker, for example for clean-up after tests
    #[arg(long = "label", global = true, hide = true, env = "SLIPWAY_LABELS", value_delimiter = ',')]
    pub(crate) labels: Vec<String>,
    /// What to do
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start Slipway and open it in a browser
    Up(UpArgs),
    /// Stop Slipway; conversations and files stay
    Down(DownArgs),
    /// List what runs
    Ps,
    /// Show what the programs have logged
    Logs(LogsArgs),
    /// Open a running Slipway in a browser
    Open,
    /// Open a shell in the sandbox, as the agent has it
    Shell,
    /// Make the sandbox anew from its image: installed packages and everything outside the workspace are gone
    Reset,
    /// Carry out what the person asks of the sandbox in the browser; `up` starts this in the background
    #[command(hide = true)]
    Attend,
    /// Add people, and reset their passwords
    #[command(subcommand)]
    User(UserCommand),
    /// Make a new key for the secrets in the database; it takes the place of the old one at the next start
    RotateKey,
    /// Check this machine and say what is missing
    Doctor,
    /// Write what helps to find a fault to a file: versions, states, counters, the gateway's newest log lines
    ///
    /// Nothing that was said, no file's contents and no secret that the gateway knows is in it. Look at it all the same
    /// before you send it to somebody.
    Diagnostics(DiagnosticsArgs),
    /// Have one task done without a browser, and show it here
    Exec(ExecArgs),
    /// Answer a question of the model, for which a conversation waits
    ///
    /// Without an answer it shows what is asked. The run goes on once everything is answered. Exits with 0 when the
    /// answer was taken, with 1 when it was not, with 2 when the command line is wrong, with 4 when questions remain
    /// (or, without an answer, when something is asked).
    Answer(AnswerArgs),
    /// Let a run go on that was paused, was stopped or reached a limit
    ///
    /// Exits with 0 when it goes on, with 1 when it does not, with 2 when several are paused and none was named.
    Continue(ContinueArgs),
    /// Write everything that Slipway keeps (conversations, settings, recorded states, not the workspace) to a file
    ///
    /// Runs go on meanwhile; what is in the file is as it was at one moment.
    Backup(BackupArgs),
    /// Go back to what `backup` has written, instead of everything that is there; stops Slipway
    Restore(RestoreArgs),
    /// Write a conversation to a file, to be read or to be played again
    Export(ExportArgs),
    /// Play an exported conversation again, without a model, and tell where tools answer differently
    ///
    /// The recorded answers of the model are given again, in an instance of its own that is removed
    /// afterwards; no key is needed and none is used. The tools really run. Exits with 0 when every result
    /// is the same as the recorded one, with 1 when one differs or is missing, with 2 when it could not be
    /// tried. Durations, times, process ids, ports and temporary paths may differ.
    Replay(ReplayArgs),
}

/// Arguments of `up`.
#[derive(Debug, Default, Args)]
pub(crate) struct UpArgs {
    /// Run the programs on this machine instead of in containers
    #[arg(long)]
    pub(crate) local: bool,
    /// Directory that the agent works in [default: the last one, or one in Slipway's data directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) workspace: Option<PathBuf>,
    /// With --local: return when it is ready, and leave it running in the background
    #[arg(long, requires = "local")]
    pub(crate) detach: bool,
    /// Set by `--detach` on the launcher that stays
    #[arg(long, requires = "local", hide = true)]
    pub(crate) detached: bool,
    /// Power in the sandbox, from now on: installable (the agent can install system packages) or strict
    /// (nobody in it has any power, and its system cannot be written)
    #[arg(long, value_name = "PROFILE", conflicts_with = "local")]
    pub(crate) profile: Option<SandboxProfile>,
    /// Do not open a browser
    #[arg(long)]
    pub(crate) no_browser: bool,
}

/// Arguments of `down`.
#[derive(Debug, Args)]
pub(crate) struct DownArgs {
    /// Also delete conversations, settings and keys (not the workspace)
    #[arg(long)]
    pub(crate) volumes: bool,
}

/// Arguments of `logs`.
#[derive(Debug, Args)]
pub(crate) struct LogsArgs {
    /// Whose log [default: both]
    pub(crate) part: Option<PartName>,
    /// Go on showing what comes
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// How many of the last lines
    #[arg(long, default_value_t = 200, value_name = "LINES")]
    pub(crate) tail: u32,
}

/// One of the two halves of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PartName {
    /// Gateway and engine
    Control,
    /// Tool host
    Sandbox,
}

/// Arguments of `exec`.
#[derive(Debug, Args)]
pub(crate) struct ExecArgs {
    /// What to do, in words
    pub(crate) task: String,
    /// Print the events as JSON, one on each line
    #[arg(long)]
    pub(crate) json: bool,
    /// Run the programs on this machine, only for this task
    #[arg(long)]
    pub(crate) local: bool,
    /// Directory that the agent works in
    #[arg(long, value_name = "DIR")]
    pub(crate) workspace: Option<PathBuf>,
    /// Model server to use, up to and including the version part of its address
    #[arg(long, value_name = "URL", requires = "model")]
    pub(crate) base_url: Option<String>,
    /// Model to use
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// Environment variable that holds the key for the model server
    #[arg(long, value_name = "VARIABLE", requires = "base_url")]
    pub(crate) api_key_env: Option<String>,
    /// Most steps (model calls with the tool calls that they ask for)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) max_steps: Option<u64>,
    /// Most tokens of all model calls together
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_tokens: Option<u64>,
    /// Most money, in the currency of the model's prices, for example 0.50
    #[arg(long, value_name = "AMOUNT", value_parser = money)]
    pub(crate) max_cost: Option<u64>,
    /// Most minutes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_minutes: Option<u64>,
}

/// An amount of money, in millionths.
fn money(text: &str) -> Result<u64, String> {
    money_from_text(text).ok_or_else(|| "not an amount of money such as 2 or 0.50".to_owned())
}

/// Arguments of `answer`.
#[derive(Debug, Args)]
pub(crate) struct AnswerArgs {
    /// The answer in your own words
    pub(crate) text: Option<String>,
    /// An option to choose, by its name or its number in the list; may be given several times where several may be
    /// chosen
    #[arg(long = "choose", value_name = "OPTION")]
    pub(crate) chosen: Vec<String>,
    /// Let the call be made that waits for approval
    #[arg(long, conflicts_with_all = ["deny", "chosen", "text"])]
    pub(crate) approve: bool,
    /// Do not let it be made; the model is told your words, if you give any
    #[arg(long, conflicts_with = "chosen")]
    pub(crate) deny: bool,
    /// The question or the call that waits, by its number in the list or the id of its call [default: the only one that waits]
    #[arg(short, long, value_name = "QUESTION")]
    pub(crate) question: Option<String>,
    /// Id of the conversation, as its address in the browser ends [default: the only one that waits for an answer]
    #[arg(short, long, value_name = "ID")]
    pub(crate) conversation: Option<String>,
}

/// Arguments of `continue`.
#[derive(Debug, Args)]
pub(crate) struct ContinueArgs {
    /// Id of the conversation, as its address in the browser ends [default: the only one that is paused]
    pub(crate) conversation: Option<String>,
}

/// Arguments of `backup`.
#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// Where to write it (tar, compressed with zstd)
    pub(crate) file: PathBuf,
    /// Put the key in with which providers' keys are encrypted: whoever has the file has them then
    #[arg(long)]
    pub(crate) with_key: bool,
}

/// Arguments of `restore`.
#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// What `slipway backup` has written
    pub(crate) file: PathBuf,
}

/// Arguments of `export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Id of the conversation, as its address in the browser ends [default: the most recent one]
    pub(crate) conversation: Option<String>,
    /// Write Markdown for people instead of JSON for `slipway replay`
    #[arg(long)]
    pub(crate) markdown: bool,
    /// Where to write it [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Arguments of `diagnostics`.
#[derive(Debug, Args)]
pub(crate) struct DiagnosticsArgs {
    /// Where to write it [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Arguments of `replay`.
#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// A conversation as `slipway export` or the browser's "Export JSON" writes it
    pub(crate) file: PathBuf,
    /// Directory with the files as they were at the start; a copy is used [default: an empty one]
    #[arg(long, value_name = "DIR")]
    pub(crate) workspace: Option<PathBuf>,
    /// Run the programs on this machine instead of in containers
    #[arg(long)]
    pub(crate) local: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Keep the instance, to look at what became of it
    #[arg(long)]
    pub(crate) keep: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn no_two_options_have_the_same_name() {
        super::Cli::command().debug_assert();
    }
}
