//! What the commands of a script come to: keywords are left out, scripts that shells are given are read too, and it
//! is noted where programs that run other programs may name one.

use super::script::{Command, Expands, MAX_DEPTH, Script, Word, read};

/// Words that may come before a command and are none.
const KEYWORDS: [&str; 11] =
    ["if", "then", "else", "elif", "do", "while", "until", "!", "{", "time", "coproc"];

/// Programs that read a script.
const SHELLS: [&str; 8] = ["sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "rbash"];

/// Programs that run what one of their words names.
const RUNNERS: [&str; 37] = [
    "sudo", "doas", "su", "env", "exec", "command", "builtin", "nohup", "nice", "ionice", "timeout", "time",
    "stdbuf", "setsid", "chroot", "unshare", "nsenter", "flock", "xargs", "parallel", "find", "fd", "watch",
    "strace", "ltrace", "script", "busybox", "toybox", "setpriv", "runuser", "chrt", "taskset", "entr",
    "ssh", "docker", "podman", "npx",
];

/// All commands of a text, as far as they can be told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Commands {
    /// Each of them.
    pub(super) commands: Vec<Shown>,
    /// Whether there may be more.
    pub(super) is_unclear: bool,
}

/// A command whose first word is a program.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) command: Command,
    /// Whether each of its words may be a program that it runs.
    pub(super) runs_others: bool,
}

/// The commands of a text.
pub(super) fn commands(text: &str) -> Commands {
    let mut found = Commands::default();
    found.add(read(text, 0), 0);
    found
}

/// The last part of a program's path.
pub(super) fn program(word: &Word) -> &str {
    word.text.rsplit('/').next().unwrap_or(&word.text)
}

impl Commands {
    fn add(&mut self, script: Script, depth: u32) {
        self.is_unclear |= script.is_unclear;
        for mut command in script.commands {
            let is_keyword =
                |word: &Word| KEYWORDS.contains(&word.text.as_str()) && word.expands == Expands::Not;
            let keywords = command.words.iter().take_while(|word| is_keyword(word)).count();
            command.words.drain(..keywords);
            if command.words.is_empty() {
                continue;
            }
            let runs_others = command.words.first().is_some_and(|word| RUNNERS.contains(&program(word)));
            let starts = if runs_others { command.words.len() } else { 1 };
            for start in 0..starts {
                self.look_inside(command.words.get(start..).unwrap_or_default(), depth);
            }
            self.commands.push(Shown { command, runs_others });
        }
    }

    /// Reads the script that a command is given, if it is one that reads scripts.
    fn look_inside(&mut self, words: &[Word], depth: u32) {
        let Some((first, arguments)) = words.split_first() else { return };
        if first.expands > Expands::ToFiles {
            return;
        }
        match program(first) {
            "eval" => self.read_inside(arguments, depth),
            "trap" => self.read_inside(arguments.get(..1).unwrap_or_default(), depth),
            // What these names stand for from now on is not followed.
            "alias" | "shopt" | "enable" => self.is_unclear |= !arguments.is_empty(),
            name if SHELLS.contains(&name) => {
                let is_script = |word: &Word| {
                    word.text.starts_with('-') && !word.text.starts_with("--") && word.text.contains('c')
                };
                match arguments.iter().position(is_script) {
                    Some(at) => {
                        let rest = arguments.get(at + 1..).unwrap_or_default();
                        let is_option = |word: &&Word| word.text.starts_with(['-', '+']);
                        let skipped = rest.iter().take_while(is_option).count();
                        self.read_inside(rest.get(skipped..=skipped).unwrap_or_default(), depth);
                    }
                    // Without a file it reads what it is sent.
                    None => {
                        let names_file = arguments.iter().any(|word| !word.text.starts_with('-'));
                        let reads_input = arguments.iter().any(|word| word.text == "-s");
                        self.is_unclear |= !names_file || reads_input;
                    }
                }
            }
            _ => {}
        }
    }

    fn read_inside(&mut self, words: &[Word], depth: u32) {
        if depth >= MAX_DEPTH || words.iter().any(|word| word.expands != Expands::Not) {
            self.is_unclear = true;
            return;
        }
        let text: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        self.add(read(&text.join(" "), depth + 1), depth + 1);
    }
}
