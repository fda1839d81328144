//! Quotes, and what a shell puts in the place of `$` and backquotes.

use super::{Expands, MAX_DEPTH, Present, Reader, read};

impl Reader {
    pub(super) fn single_quoted(&mut self, now: &mut Present) {
        now.word.get_or_insert_default();
        loop {
            match self.next() {
                Some('\'') => return,
                Some(other) => now.push(other),
                None => return self.give_up(),
            }
        }
    }

    pub(super) fn double_quoted(&mut self, now: &mut Present) {
        now.word.get_or_insert_default();
        loop {
            match self.next() {
                Some('"') => return,
                Some('\\') => match self.next() {
                    Some('\n') => {}
                    Some(escaped @ ('$' | '`' | '"' | '\\')) => now.push(escaped),
                    Some(other) => {
                        now.push('\\');
                        now.push(other);
                    }
                    None => return self.give_up(),
                },
                Some('$') => self.expansion(now, Expands::ToText),
                Some('`') => self.backticks(now, Expands::ToText),
                Some(other) => now.push(other),
                None => return self.give_up(),
            }
        }
    }

    /// What follows a `$`.
    pub(super) fn expansion(&mut self, now: &mut Present, expands: Expands) {
        match self.peek() {
            Some('(') => {
                self.at += 1;
                now.expands(expands);
                let first = self.script.commands.len();
                self.nested();
                // Its patterns end with a parenthesis, which was taken for the end of the substitution.
                let inside = self.script.commands.get(first..).unwrap_or_default();
                if inside.iter().any(|command| command.words.first().is_some_and(|word| word.text == "case"))
                {
                    self.give_up();
                }
            }
            Some('{') => {
                self.at += 1;
                now.expands(expands);
                self.parameter(now);
            }
            Some('\'') if expands == Expands::ToWords => {
                self.at += 1;
                now.expands(Expands::ToText);
                loop {
                    match self.next() {
                        Some('\'') => return,
                        Some('\\') => self.at += 1,
                        Some(_) => {}
                        None => return self.give_up(),
                    }
                }
            }
            Some('"') if expands == Expands::ToWords => {
                self.at += 1;
                self.double_quoted(now);
            }
            Some('@' | '*') => {
                self.at += 1;
                now.expands(Expands::ToWords);
            }
            Some(next) if next == '_' || next.is_ascii_alphanumeric() || "#?-$!".contains(next) => {
                self.at += 1;
                let is_part = |more: char| more == '_' || more.is_ascii_alphanumeric();
                if next.is_ascii_alphabetic() || next == '_' {
                    while self.peek().is_some_and(is_part) {
                        self.at += 1;
                    }
                }
                now.expands(expands);
            }
            _ => now.push('$'),
        }
    }

    /// What is in the braces of a parameter.
    fn parameter(&mut self, now: &mut Present) {
        loop {
            match self.next() {
                Some('}') => return,
                Some('\'' | '"' | '\\' | '`' | '$' | '{') | None => {
                    self.give_up();
                    return;
                }
                Some('@' | '*') => now.expands(Expands::ToWords),
                Some(_) => {}
            }
        }
    }

    pub(super) fn backticks(&mut self, now: &mut Present, expands: Expands) {
        now.expands(expands);
        let mut inside = String::new();
        loop {
            match self.next() {
                Some('`') => break,
                Some('\\') => match self.next() {
                    Some(escaped @ ('$' | '`' | '\\')) => inside.push(escaped),
                    Some(other) => inside.extend(['\\', other]),
                    None => return self.give_up(),
                },
                Some(other) => inside.push(other),
                None => return self.give_up(),
            }
        }
        if self.depth >= MAX_DEPTH {
            return self.give_up();
        }
        let script = read(&inside, self.depth + 1);
        self.script.commands.extend(script.commands);
        self.script.is_unclear |= script.is_unclear;
    }
}
