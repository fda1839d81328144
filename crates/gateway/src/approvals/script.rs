//! Reads a shell script as far as is needed to tell which commands it holds: words and what separates commands.
//! It expands nothing. What it cannot follow it says so, and never guesses that something is harmless.

mod expansion;

/// Deepest nesting of substitutions and of scripts inside scripts.
pub(super) const MAX_DEPTH: u32 = 16;

/// A script as its commands.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Script {
    /// Every command in it, those of pipes, lists, groups and substitutions included.
    pub(super) commands: Vec<Command>,
    /// Whether something in it could not be followed, so that it may hold further commands.
    pub(super) is_unclear: bool,
}

/// A simple command.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// Its words, without assignments before it and without redirections.
    pub(super) words: Vec<Word>,
    /// Whether it sets variables for itself.
    pub(super) assigns: bool,
    /// Whether its output goes to a file.
    pub(super) writes: bool,
}

/// A word of a command.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// What is known of its text: quotes are gone, and expansions are left out.
    pub(super) text: String,
    /// What of it is only known when it runs.
    pub(super) expands: Expands,
}

/// What of a word is only known when it runs.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Expands {
    /// Nothing.
    #[default]
    Not,
    /// It names files that fit.
    ToFiles,
    /// Some of its text.
    ToText,
    /// Its text, and how many words it is.
    ToWords,
}

/// Reads a script.
pub(super) fn read(text: &str, depth: u32) -> Script {
    let mut reader = Reader { text: text.chars().collect(), at: 0, depth, script: Script::default() };
    reader.commands(None);
    reader.script
}

struct Reader {
    text: Vec<char>,
    at: usize,
    depth: u32,
    script: Script,
}

/// What of the present command has been read.
#[derive(Default)]
struct Present {
    command: Command,
    word: Option<Word>,
    /// Whether the present word is where a redirection leads.
    redirects: Option<Redirection>,
    /// Whether the present word has an unquoted `=` after a name.
    is_assignment: bool,
    /// Documents whose text begins on the next line.
    documents: Vec<Document>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Redirection {
    Input,
    Output,
    /// To an open file by its number, or to a file of this name.
    Copy,
    Document {
        strips_tabs: bool,
    },
}

struct Document {
    end: String,
    strips_tabs: bool,
    is_literal: bool,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.at += usize::from(next.is_some());
        next
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn give_up(&mut self) {
        self.script.is_unclear = true;
    }

    /// Reads commands until the text, or what is in parentheses, ends.
    fn commands(&mut self, until: Option<char>) {
        let mut now = Present::default();
        let mut quoted = false;
        loop {
            let Some(next) = self.next() else {
                // A document without an end, or parentheses that are not closed.
                if until.is_some() || !now.documents.is_empty() {
                    self.give_up();
                }
                break;
            };
            match next {
                '\\' => match self.next() {
                    Some('\n') => {}
                    Some(escaped) => {
                        quoted = true;
                        now.push(escaped);
                    }
                    None => self.give_up(),
                },
                '\'' => {
                    quoted = true;
                    self.single_quoted(&mut now);
                }
                '"' => {
                    quoted = true;
                    self.double_quoted(&mut now);
                }
                '$' => self.expansion(&mut now, Expands::ToWords),
                '`' => self.backticks(&mut now, Expands::ToWords),
                ' ' | '\t' | '\r' => self.end_word(&mut now, &mut quoted),
                '\n' => {
                    self.end_command(&mut now, &mut quoted);
                    for document in std::mem::take(&mut now.documents) {
                        self.document(&document);
                    }
                }
                '&' if self.peek() == Some('>') => self.end_word(&mut now, &mut quoted),
                ';' | '&' | '|' => self.end_command(&mut now, &mut quoted),
                '(' => {
                    self.end_command(&mut now, &mut quoted);
                    self.nested();
                }
                ')' => {
                    self.end_command(&mut now, &mut quoted);
                    if until == Some(')') {
                        return;
                    }
                }
                '<' | '>' => self.redirection(next, &mut now, &mut quoted),
                '#' if now.word.is_none() => {
                    while self.peek().is_some_and(|next| next != '\n') {
                        self.at += 1;
                    }
                }
                '*' | '?' | '[' => {
                    now.push(next);
                    now.expands(Expands::ToFiles);
                }
                // Braces may make several words of one.
                '{' | '}' | ',' if now.word.is_some() || self.peek().is_some_and(|c| !c.is_whitespace()) => {
                    now.push(next);
                    if next == '{' && self.peek() != Some('}') {
                        now.expands(Expands::ToWords);
                    }
                }
                '=' => {
                    let named = now.word.as_ref().is_some_and(|word| {
                        word.expands == Expands::Not && !quoted && is_name(word.text.trim_end_matches('+'))
                    });
                    now.is_assignment |= named;
                    now.push('=');
                }
                other => now.push(other),
            }
        }
        self.end_command(&mut now, &mut quoted);
    }

    /// What is in parentheses, whose opening one was read.
    fn nested(&mut self) {
        if self.depth >= MAX_DEPTH {
            self.give_up();
            self.at = self.text.len();
            return;
        }
        self.depth += 1;
        self.commands(Some(')'));
        self.depth -= 1;
    }

    fn redirection(&mut self, sign: char, now: &mut Present, quoted: &mut bool) {
        // `2>`: the number belongs to the redirection.
        let is_number = |word: &Word| !word.text.is_empty() && word.text.chars().all(|c| c.is_ascii_digit());
        if !*quoted && now.redirects.is_none() {
            now.word = now.word.take().filter(|word| !is_number(word));
        }
        self.end_word(now, quoted);
        if self.peek() == Some('(') {
            // A command in place of a file: what is in parentheses is read as commands of their own.
            return;
        }
        let redirection = if sign == '>' {
            let is_copy = self.take('&');
            let _ = self.take('>') || self.take('|');
            if is_copy { Redirection::Copy } else { Redirection::Output }
        } else if self.take('<') {
            if self.take('<') {
                Redirection::Input
            } else {
                Redirection::Document { strips_tabs: self.take('-') }
            }
        } else if self.take('>') {
            Redirection::Output
        } else {
            let _ = self.take('&');
            Redirection::Input
        };
        now.redirects = Some(redirection);
    }

    /// Skips the text of a document.
    fn document(&mut self, document: &Document) {
        loop {
            let start = self.at;
            if start >= self.text.len() {
                return self.give_up();
            }
            let rest = self.text.get(start..).unwrap_or_default();
            let length = rest.iter().position(|c| *c == '\n').unwrap_or(rest.len());
            let line: String = rest.iter().take(length).collect();
            self.at = (start + length + 1).min(self.text.len());
            let stripped = if document.strips_tabs { line.trim_start_matches('\t') } else { &line };
            if stripped == document.end {
                return;
            }
            if !document.is_literal && (line.contains("$(") || line.contains('`')) {
                self.give_up();
            }
        }
    }

    fn end_word(&mut self, now: &mut Present, quoted: &mut bool) {
        let was_quoted = std::mem::take(quoted);
        let is_assignment = std::mem::take(&mut now.is_assignment);
        let Some(word) = now.word.take() else { return };
        match now.redirects.take() {
            Some(Redirection::Document { strips_tabs }) => {
                now.documents.push(Document { end: word.text, strips_tabs, is_literal: was_quoted });
            }
            Some(to @ (Redirection::Output | Redirection::Copy)) => {
                let is_number = word.text.chars().all(|c| c.is_ascii_digit() || c == '-');
                let is_harmless = word.text == "/dev/null" || (to == Redirection::Copy && is_number);
                now.command.writes |= !is_harmless || word.expands != Expands::Not;
            }
            Some(Redirection::Input) => {}
            None if is_assignment && now.command.words.is_empty() => now.command.assigns = true,
            None => now.command.words.push(word),
        }
    }

    fn end_command(&mut self, now: &mut Present, quoted: &mut bool) {
        self.end_word(now, quoted);
        now.redirects = None;
        let command = std::mem::take(&mut now.command);
        if command != Command::default() {
            self.script.commands.push(command);
        }
    }
}

impl Present {
    fn push(&mut self, next: char) {
        self.word.get_or_insert_default().text.push(next);
    }

    fn expands(&mut self, expands: Expands) {
        let word = self.word.get_or_insert_default();
        word.expands = word.expands.max(expands);
    }
}

fn is_name(text: &str) -> bool {
    let plain = |c: char| c == '_' || c.is_ascii_alphanumeric();
    let text = text.split_once('[').map_or(text, |(name, _)| name);
    text.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic()) && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let script = read(text, 0);
        let command = |command: &Command| {
            let word = |word: &Word| match word.expands {
                Expands::Not => word.text.clone(),
                Expands::ToFiles => format!("{}~", word.text),
                Expands::ToText => format!("{}$", word.text),
                Expands::ToWords => format!("{}@", word.text),
            };
            let words: Vec<_> = command.words.iter().map(word).collect();
            let notes = [("=", command.assigns), (">", command.writes)];
            let notes: String = notes.iter().filter(|(_, is)| *is).map(|(note, _)| *note).collect();
            format!("{notes}{}", words.join(" "))
        };
        let commands: Vec<_> = script.commands.iter().map(command).collect();
        format!("{}{}", commands.join(" | "), if script.is_unclear { " !" } else { "" })
    }

    #[track_caller]
    fn check(text: &str, wanted: &str) {
        assert_eq!(shown(text), wanted, "{text}");
    }

    #[test]
    fn lists_pipes_and_groups_are_several_commands() {
        check("a b && c; d || e | f & g\nh", "a b | c | d | e | f | g | h");
        check("(a; b) && { c; }", "a | b | { c | }");
        check("if a; then b; else c; fi", "if a | then b | else c | fi");
        check("f() { rm x; }", "f | { rm x | }");
        check("a # b; c\nd", "a | d");
        check("a \\\n  b", "a b");
        check("case x in a) rm x;; esac", "case x in a | rm x | esac");
    }

    #[test]
    fn quotes_make_one_word_and_separate_nothing() {
        check("echo 'a; b' \"c && d\" e\\;f", "echo a; b c && d e;f");
        check("r\"m\" -'r' x", "rm -r x");
        check("echo '' \"\"", "echo  ");
        check("echo \"a\\\"b\"", "echo a\"b");
    }

    #[test]
    fn substitutions_are_commands_too() {
        check("echo $(rm x)", "rm x | echo @");
        check("echo \"$(rm \"a b\")\"", "rm a b | echo $");
        check("echo `rm x`", "rm x | echo @");
        check("diff <(a) >(b)", "diff | a | b");
        check("echo $((1 + 2))", "1 + 2 | echo @");
        check("git commit -m \"$(cat <<'EOF'\nit's; done)\nEOF\n)\"", "cat | git commit -m $");
    }

    #[test]
    fn what_is_known_only_later_is_marked() {
        check("rm $x \"$y\" ${z} a*", "rm @ $ @ a*~");
        check("$x a", "@ a");
        check("\"$@\"", "@");
        check("{rm,-r,x}", "{rm,-r,x}@");
        check("a $'\\x20' b", "a $ b");
        check("echo a$ $", "echo a$ $");
    }

    #[test]
    fn assignments_and_redirections_are_no_words() {
        check("A=1 B=$x a b=c", "=a b=c");
        check("A=1", "=");
        check("a > f 2>&1", ">a");
        check("a >/dev/null 2>&1 b", "a b");
        check("a &> f", ">a");
        check("a < f b <<< 'c d'", "a b");
        check("> f", ">");
        check("x[1]=2", "x[1]=2~");
    }

    #[test]
    fn documents_are_data() {
        check("cat > f <<'EOF'\nrm -r x\n$(y)\nEOF\nb", ">cat | b");
        check("cat <<-E\n\tx\n\tE\nb", "cat | b");
        check("cat <<E\n$(rm x)\nE\nb", "cat | b !");
    }

    #[test]
    fn what_cannot_be_followed_is_unclear() {
        for text in
            ["echo 'a", "echo \"a", "echo $(a", "(a", "echo `a", "a \\", "cat <<E\nx", "${a:-\"b\"}", "a $'b"]
        {
            assert!(read(text, 0).is_unclear, "{text}");
        }
        assert!(read("x=$(case a in a) rm -r /;; esac)", 0).is_unclear);
        assert!(read(&"$(".repeat(1000), 0).is_unclear);
        assert!(read(&"(".repeat(100_000), 0).is_unclear);
    }

    proptest::proptest! {
        #[test]
        fn it_reads_anything(text in "[a-z \\n'\"\\\\$`(){}<>|&;#=*,\\[\\]-]{0,60}") {
            read(&text, 0);
        }

        #[test]
        fn a_command_in_a_list_is_found(before in "[a-z]{1,5}( [a-z]{1,5}){0,3}", sign in "(&&|;|\\|\\||\\||&|\\n)",
            after in "[a-z]{1,5}") {
            let script = read(&format!("{before} {sign} target x {sign} {after}"), 0);
            let found = script.commands.iter().any(|command| {
                command.words.iter().map(|word| word.text.as_str()).eq(["target", "x"])
            });
            proptest::prop_assert!(found && !script.is_unclear);
        }

        #[test]
        fn quoted_text_is_one_word(text in "[^'\\x00]{0,40}") {
            let script = read(&format!("echo '{text}'"), 0);
            proptest::prop_assert_eq!(script.commands.len(), 1);
            proptest::prop_assert_eq!(&script.commands[0].words[1].text, &text);
        }
    }
}
