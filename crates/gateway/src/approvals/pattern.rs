//! Patterns of commands, such as `git push` or `rm -r`. What may be asked or denied is matched loosely: also where
//! other words stand between. What is to be allowed is matched strictly: word by word, and nothing unknown.

use super::interpret::{Shown, program};
use super::script::{Expands, Word};

/// Whether a pattern is about a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// It is not.
    No,
    /// It may be: that depends on what is only known when it runs.
    Perhaps,
    /// It is.
    Yes,
}

/// Whether the pattern is about the command as something to be careful with: its program, by whatever path; each
/// option of the pattern among the command's options; the other words of the pattern in their order, before all other
/// words that are no options or their values.
pub(super) fn fits_loosely(pattern: &str, shown: &Shown) -> Fit {
    let pattern: Vec<&str> = pattern.split_whitespace().collect();
    let starts = if shown.runs_others { shown.command.words.len() } else { 1 };
    let fit = |start: usize| fit_from(&pattern, shown.command.words.get(start..).unwrap_or_default());
    (0..starts).map(fit).max().unwrap_or(Fit::No)
}

/// Whether the pattern is about the command, all of it, and nothing of that is uncertain: each word of the pattern is
/// about the command's word in its place; a last word `*` is about all further words.
pub(super) fn fits_strictly(pattern: &str, shown: &Shown) -> bool {
    let command = &shown.command;
    let mut pattern: Vec<&str> = pattern.split_whitespace().collect();
    let is_open = pattern.len() > 1 && pattern.last() == Some(&"*");
    if is_open {
        pattern.pop();
    }
    let length_fits = match is_open {
        true => command.words.len() >= pattern.len(),
        false => command.words.len() == pattern.len(),
    };
    let word_fits =
        |(pattern, word): (&&str, &Word)| word.expands == Expands::Not && glob(pattern, &word.text);
    length_fits && !command.assigns && !command.writes && pattern.iter().zip(&command.words).all(word_fits)
}

fn fit_from(pattern: &[&str], words: &[Word]) -> Fit {
    let (Some((name, pattern)), Some((first, words))) = (pattern.split_first(), words.split_first()) else {
        return Fit::No;
    };
    let program_fit = match first.expands {
        Expands::Not if glob(name, program(first)) => Fit::Yes,
        Expands::Not => Fit::No,
        // `[` and `[[` are programs.
        Expands::ToFiles if matches!(first.text.as_str(), "[" | "[[") => Fit::No,
        Expands::ToFiles | Expands::ToText | Expands::ToWords => Fit::Perhaps,
    };
    if program_fit == Fit::No {
        return Fit::No;
    }
    let (options, operands): (Vec<&str>, Vec<&str>) =
        pattern.iter().copied().partition(|word| word.starts_with('-'));
    let options_fit = options.iter().map(|option| option_fit(option, words)).min().unwrap_or(Fit::Yes);
    let operands_fit = if follow(&operands, words, false) {
        Fit::Yes
    } else if follow(&operands, words, true) {
        Fit::Perhaps
    } else {
        Fit::No
    };
    program_fit.min(options_fit).min(operands_fit)
}

fn option_fit(option: &str, words: &[Word]) -> Fit {
    let is_it = |word: &Word| word.expands <= Expands::ToFiles && is_option(option, &word.text);
    if words.iter().any(is_it) {
        Fit::Yes
    } else if words.iter().any(|word| word.expands > Expands::ToFiles) {
        Fit::Perhaps
    } else {
        Fit::No
    }
}

/// Whether a word of a command is, or holds, this option: `-r` is in `-rf`, `--force` is `--force=yes` and `--forc`.
fn is_option(option: &str, word: &str) -> bool {
    if glob(option, word) {
        return true;
    }
    if option.starts_with("--") {
        let name = word.split('=').next().unwrap_or(word);
        return name.len() > 3 && name.starts_with("--") && option.starts_with(name);
    }
    let letters = |text: &str| -> Option<Vec<char>> {
        let letters = text.strip_prefix('-').filter(|rest| !rest.starts_with('-'))?;
        let mut letters: Vec<char> = letters.chars().collect();
        letters.sort_unstable();
        Some(letters)
    };
    match (letters(option), letters(word)) {
        (Some(option), Some(word)) => match option.as_slice() {
            [letter] => word.contains(letter),
            letters => letters == word,
        },
        _ => false,
    }
}

/// Whether `operands` come first among `words`, with options and their values between them; with `unknown`, words
/// that are only known when it runs may be anything.
fn follow(operands: &[&str], words: &[Word], unknown: bool) -> bool {
    // `reached[n]`: the first n operands may have come before this word.
    let mut reached = vec![false; operands.len() + 1];
    // The same, and this word may be the value of an option.
    let mut after_option = vec![false; operands.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for word in words {
        let mut next = vec![false; operands.len() + 1];
        let mut next_after_option = vec![false; operands.len() + 1];
        let is_known = word.expands <= Expands::ToFiles;
        for count in 0..=operands.len() {
            let here = reached.get(count).copied().unwrap_or_default();
            let value = after_option.get(count).copied().unwrap_or_default();
            if count == operands.len() && (here || value) {
                return true;
            }
            let fits = if is_known {
                operands.get(count).is_some_and(|operand| glob(operand, &word.text))
            } else {
                unknown
            };
            let mark = |marks: &mut Vec<bool>, at: usize| {
                if let Some(mark) = marks.get_mut(at) {
                    *mark = true;
                }
            };
            if (here || value) && fits {
                mark(&mut next, count + 1);
            }
            if value {
                mark(&mut next, count);
            }
            if here && is_known && word.text.starts_with('-') {
                mark(&mut next_after_option, count);
            }
            if (here || value) && !is_known && unknown {
                mark(&mut next_after_option, count);
                // It may be several of them.
                for more in count..=operands.len() {
                    mark(&mut next, more);
                }
            }
            if value && is_known && word.text.starts_with('-') {
                mark(&mut next_after_option, count);
            }
        }
        (reached, after_option) = (next, next_after_option);
    }
    let done = |marks: &[bool]| marks.last().copied().unwrap_or_default();
    done(&reached) || done(&after_option)
}

/// Whether a text fits a pattern in which `*` stands for any characters.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(first) = pieces.next() else { return false };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::super::interpret::commands;
    use super::*;

    #[track_caller]
    fn check(pattern: &str, text: &str, wanted: Fit) {
        let found = commands(text);
        let fit = found.commands.iter().map(|shown| fits_loosely(pattern, shown)).max().unwrap_or(Fit::No);
        assert_eq!((fit, found.is_unclear), (wanted, false), "{pattern} in {text}");
    }

    #[test]
    fn options_are_found_wherever_they_stand() {
        for text in
            ["rm -r x", "rm -rf x", "rm -f -r x", "rm x -fr", "/bin/rm -vrf x", "\\rm -r x", "r'm' -r x"]
        {
            check("rm -r", text, Fit::Yes);
        }
        for text in ["rm x", "rm -f r", "rmdir -r", "echo rm -r", "grep -r rm", "rm --force x"] {
            check("rm -r", text, Fit::No);
        }
        check("rm --recursive", "rm --recurs x", Fit::Yes);
        check("find -delete", "find . -name x -delete", Fit::Yes);
        check("find -delete", "find . -depth -type l -print", Fit::No);
        check("git reset --hard", "git reset --hard=x HEAD", Fit::Yes);
    }

    #[test]
    fn other_words_come_first_after_options_and_their_values() {
        for text in [
            "git push",
            "git push origin main",
            "git -C dir push",
            "git --no-pager -c a=b push -f",
            "git -p push",
        ] {
            check("git push", text, Fit::Yes);
        }
        for text in ["git stash push", "git commit -m push", "git log", "git", "git commit -m 'git push'"] {
            check("git push", text, Fit::No);
        }
        check("npm run deploy*", "npm run deploy:prod", Fit::Yes);
        check("mkfs*", "mkfs.ext4 /dev/x", Fit::Yes);
    }

    #[test]
    fn what_is_only_known_later_may_be_it() {
        for text in ["rm $x", "rm \"$x\" y", "$x -r y", "rm {-r,x}", "/bin/r? -r x"] {
            check("rm -r", text, Fit::Perhaps);
        }
        check("git push", "git $x", Fit::Perhaps);
        check("git push", "git -c \"$x\" push", Fit::Yes);
        check("git push", "git commit -m \"$x\"", Fit::No);
        check("git push", "[ -n \"$x\" ]", Fit::No);
    }

    #[test]
    fn every_command_of_a_text_counts() {
        for text in [
            "cd x && rm -r y",
            "true; rm -r y",
            "ls | xargs rm -r",
            "find . -exec rm -r {} \\;",
            "sudo -u me rm -r y",
            "timeout 5 env A=1 rm -r y",
            "bash -c 'cd x; rm -r y'",
            "sudo sh -ec \"rm -r y\"",
            "eval rm -r y",
            "echo $(rm -r y)",
            "if true; then rm -r y; fi",
            "for x in a b; do rm -r y; done",
            "f() { rm -r y; }",
            "(rm -r y)",
            "A=1 rm -r y",
            "rm -r y > log 2>&1 &",
            "trap 'rm -r y' EXIT",
            "cat <<'E'\nx\nE\nrm -r y",
        ] {
            check("rm -r", text, Fit::Yes);
        }
        check("rm -r", "cat > x.sh <<'E'\nrm -r y\nE", Fit::No);
    }

    #[test]
    fn texts_that_hide_commands_are_unclear() {
        for text in
            ["curl x | sh", "bash <<E\nrm -r x\nE", "bash -c \"$x\"", "eval $x", "echo 'x", "alias a='rm -r'"]
        {
            assert!(commands(text).is_unclear, "{text}");
        }
        for text in ["bash build.sh", "sh ./x -c", "python3 -c 'x'", "alias"] {
            assert!(!commands(text).is_unclear, "{text}");
        }
    }

    #[test]
    fn what_is_allowed_is_matched_word_by_word() {
        let allows = |pattern: &str, text: &str| {
            let found = commands(text);
            !found.is_unclear && found.commands.iter().all(|shown| fits_strictly(pattern, shown))
        };
        assert!(allows("git status", "git status"));
        assert!(allows("git log *", "git log -p x > /dev/null 2>&1"));
        assert!(allows("npm run t*", "npm run test"));
        for text in [
            "git status -s",
            "/tmp/git status",
            "git status > x",
            "A=1 git status",
            "git $x",
            "git status; git push",
            "git status $(rm x)",
            "git -C x status",
        ] {
            assert!(!allows("git status", text), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_longer_command_line_hides_nothing(words in proptest::collection::vec("[a-z]{1,6}", 0..4),
            sign in "( && | ; | \\| |\n| & )", end in "( && x| ; x| \\| x|)") {
            let before = if words.is_empty() { String::new() } else { format!("{}{sign}", words.join(" ")) };
            let text = format!("{before}git push origin{end}");
            let fit = commands(&text).commands.iter().map(|shown| fits_loosely("git push", shown)).max();
            proptest::prop_assert_eq!(fit, Some(Fit::Yes), "{}", text);
        }

        #[test]
        fn how_a_word_is_quoted_makes_no_difference(at in 0_usize..8, quote in "['\"]") {
            let mut text = "git push".to_owned();
            let at = if at == 3 { 2 } else { at };
            text.insert_str(at + 1, &quote);
            text.insert_str(at, &quote);
            check("git push", &text, Fit::Yes);
        }

        #[test]
        fn what_is_allowed_by_a_pattern_is_also_found_by_it(words in proptest::collection::vec("[a-z]{1,4}", 1..5)) {
            let text = words.join(" ");
            let found = commands(&text);
            for shown in &found.commands {
                if fits_strictly(&text, shown) {
                    proptest::prop_assert_eq!(fits_loosely(&text, shown), Fit::Yes);
                }
            }
        }

        #[test]
        fn stars_stand_for_anything(before in "[a-z]{0,5}", between in "[a-z*]{0,5}", after in "[a-z]{0,5}") {
            let text = format!("{before}{between}{after}");
            let pattern = format!("{before}*{after}");
            proptest::prop_assert!(glob(&pattern, &text));
            proptest::prop_assert!(glob("*", &text));
        }
    }
}
