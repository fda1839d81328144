//! What a `sudo` command line asks for.

/// What to do for a command line of `sudo`'s.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sudo {
    /// Run this program with these arguments, under these variables.
    Run {
        /// `NAME=value`, as given.
        variables: Vec<String>,
        /// As typed.
        program: String,
        /// Its arguments.
        arguments: Vec<String>,
    },
    /// Say yes: something only asked whether it may.
    Allowed,
    /// It cannot be done, for this reason.
    Refused(String),
}

/// Options that say what to run with, and make no difference here.
const IGNORED: &[&str] = &[
    "-n",
    "--non-interactive",
    "-E",
    "--preserve-env",
    "-H",
    "--set-home",
    "-S",
    "--stdin",
    "-k",
    "-b",
    "-P",
    "-B",
];

/// Options with a value that make no difference here.
const IGNORED_WITH_VALUE: &[&str] =
    &["-u", "--user", "-g", "--group", "-p", "--prompt", "-h", "--host", "-C", "-T", "-r", "-t"];

/// Reads the arguments of `sudo`.
pub(super) fn parse(arguments: &[String]) -> Sudo {
    let mut rest = arguments.iter();
    let mut variables = Vec::new();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--" => return command(variables, rest.next(), rest.as_slice()),
            "-v" | "--validate" | "-l" | "--list" | "-K" => return Sudo::Allowed,
            "-i" | "--login" | "-s" | "--shell" if rest.as_slice().is_empty() => {
                return Sudo::Refused("there is no root shell here".to_owned());
            }
            "-i" | "--login" | "-s" | "--shell" => {}
            option if IGNORED.contains(&option) => {}
            option if IGNORED_WITH_VALUE.contains(&option) => {
                rest.next();
            }
            option if option.starts_with("--") && option.contains('=') => {}
            option if is_cluster(option) => {}
            option if option.starts_with('-') => {
                return Sudo::Refused(format!("the option {option} is not known here"));
            }
            assignment if is_assignment(assignment) => variables.push(assignment.to_owned()),
            _ => return command(variables, Some(argument), rest.as_slice()),
        }
    }
    Sudo::Refused("say which command to run".to_owned())
}

fn command(variables: Vec<String>, program: Option<&String>, arguments: &[String]) -> Sudo {
    match program {
        Some(program) => Sudo::Run { variables, program: program.clone(), arguments: arguments.to_vec() },
        None => Sudo::Refused("say which command to run".to_owned()),
    }
}

/// Several short options in one word, such as `-nE`.
fn is_cluster(option: &str) -> bool {
    let letters = option.strip_prefix('-').filter(|letters| !letters.is_empty());
    letters.is_some_and(|letters| letters.chars().all(|letter| "nEHSkbPB".contains(letter)))
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, program: &str, arguments: &[&str], variables: &[&str]) {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let expected = Sudo::Run {
            variables: owned(variables),
            program: program.to_owned(),
            arguments: owned(arguments),
        };
        assert_eq!(parse(&words), expected, "{line}");
    }

    #[test]
    fn options_and_variables_come_before_the_command() {
        check("apt-get install -y x", "apt-get", &["install", "-y", "x"], &[]);
        check("-nE -u root -- apt -q update", "apt", &["-q", "update"], &[]);
        check(
            "DEBIAN_FRONTEND=noninteractive apt-get update",
            "apt-get",
            &["update"],
            &["DEBIAN_FRONTEND=noninteractive"],
        );
        check("--preserve-env=PATH make install", "make", &["install"], &[]);
        check("-H pip install -U x", "pip", &["install", "-U", "x"], &[]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in ["-i", "-s", "--", "-u root", "--frobnicate x", "-Z x"] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert!(matches!(parse(&words), Sudo::Refused(_)), "{line}");
        }
        assert!(matches!(parse(&[]), Sudo::Refused(_)));
        assert_eq!(parse(&["-v".to_owned()]), Sudo::Allowed);
    }
}
