//! The tools of a run: which there are, in a fixed order, and who answers for each.

use std::collections::HashMap;

use slipway_protocol::Problem;
use slipway_protocol::fetch::WEB_FETCH;
use slipway_protocol::tool::{ToolAccess, ToolSpec};

use crate::tools::builtin::{Builtin, web_browser};
use crate::tools::endpoint::{Endpoint, EndpointError};

/// Attempts to get an endpoint's list.
const ATTEMPTS: u32 = 5;

/// Edits by which a name may differ from one that it is taken for.
const CLOSE: usize = 3;

/// The tools of a run.
#[derive(Debug)]
pub(crate) struct Catalog {
    /// In the order in which the model is told of them.
    specs: Vec<ToolSpec>,
    /// Position in `specs` of each name, and who answers for it.
    places: HashMap<String, (usize, Answerer)>,
}

/// Who answers for a tool.
#[derive(Debug, Clone)]
pub(crate) enum Answerer {
    /// An endpoint.
    Endpoint(Endpoint),
    /// The engine itself.
    Engine(Builtin),
    /// The engine, with pages that this endpoint fetches.
    Browser(Endpoint),
}

impl Catalog {
    /// Asks every endpoint what it offers; the first that offers a name answers for it. The engine's own
    /// tools come last, and their names are reserved.
    ///
    /// # Errors
    /// An endpoint did not answer, not even when asked again after a while.
    pub(crate) async fn fetch(
        endpoints: &[Endpoint],
        retry_wait: std::time::Duration,
    ) -> Result<Self, Problem> {
        let mut catalog = Self { specs: Vec::new(), places: HashMap::new() };
        for endpoint in endpoints {
            let mut attempt = 1;
            let list = loop {
                match endpoint.list().await {
                    Ok(list) => break list,
                    Err(error) if attempt >= ATTEMPTS || is_final(&error) => return Err(unavailable(&error)),
                    Err(_) => tokio::time::sleep(retry_wait).await,
                }
                attempt += 1;
            };
            for spec in list.tools {
                if spec.name == WEB_FETCH {
                    catalog.add(web_browser::spec(), Answerer::Browser(endpoint.clone()));
                } else if is_reserved(&spec.name) {
                    tracing::warn!(name = spec.name, "an endpoint offers a tool with a reserved name");
                } else {
                    catalog.add(spec, Answerer::Endpoint(endpoint.clone()));
                }
            }
        }
        for builtin in Builtin::ALL {
            catalog.add(builtin.spec(), Answerer::Engine(builtin));
        }
        Ok(catalog)
    }

    /// The tools of a sub-agent: those that change nothing, and of the engine's own the one that shows what is
    /// not shown any more.
    pub(crate) fn reading(&self) -> Self {
        let mut reading = Self { specs: Vec::new(), places: HashMap::new() };
        for spec in self.specs.iter().filter(|spec| spec.access == ToolAccess::ReadOnly) {
            match self.find(&spec.name) {
                Some((
                    _,
                    answerer @ (Answerer::Endpoint(_)
                    | Answerer::Browser(_)
                    | Answerer::Engine(Builtin::RecallOutput)),
                )) => {
                    reading.add(spec.clone(), answerer.clone());
                }
                Some((_, Answerer::Engine(_))) | None => {}
            }
        }
        reading
    }

    fn add(&mut self, spec: ToolSpec, answerer: Answerer) {
        if !self.places.contains_key(&spec.name) {
            self.places.insert(spec.name.clone(), (self.specs.len(), answerer));
            self.specs.push(spec);
        }
    }

    /// All tools, in the order in which the model is told of them.
    pub(crate) fn specs(&self) -> &[ToolSpec] {
        &self.specs
    }

    /// The tool of that name and who answers for it.
    pub(crate) fn find(&self, name: &str) -> Option<(&ToolSpec, &Answerer)> {
        let (position, answerer) = self.places.get(name)?;
        Some((self.specs.get(*position)?, answerer))
    }

    /// What to tell a model that called a tool that does not exist.
    pub(crate) fn unknown(&self, name: &str) -> String {
        let names: Vec<&str> = self.specs.iter().map(|spec| spec.name.as_str()).collect();
        let close = close_matches(name, &names);
        let guess = match close.as_slice() {
            [] => String::new(),
            close => format!(" Did you mean {}?", quoted(close, " or ")),
        };
        match names.as_slice() {
            [] => format!("There is no tool `{name}`; there are no tools at all in this conversation."),
            names => format!("There is no tool `{name}`.{guess} The tools are: {}.", quoted(names, ", ")),
        }
    }
}

fn is_reserved(name: &str) -> bool {
    Builtin::named(name).is_some() || name == web_browser::NAME
}

/// Whether asking again cannot help.
fn is_final(error: &EndpointError) -> bool {
    match error {
        EndpointError::Refused(problem) => problem.status < 500,
        EndpointError::Silent(_) => true,
        EndpointError::Unreachable(_) | EndpointError::Broken(_) => false,
    }
}

fn unavailable(error: &EndpointError) -> Problem {
    Problem::new(503, "tools_unavailable", "The tools are not available")
        .detail(error.to_string())
        .hint("Check that the sandbox is running, then continue.")
}

fn quoted(names: &[&str], separator: &str) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(separator)
}

/// Names that `wanted` may have been meant for, best first.
fn close_matches<'a>(wanted: &str, names: &[&'a str]) -> Vec<&'a str> {
    let wanted = letters(wanted);
    let mut close: Vec<(usize, &str)> = names
        .iter()
        .filter_map(|name| {
            let candidate = letters(name);
            let contains = wanted.len() > CLOSE
                && (candidate.contains(wanted.as_str()) || wanted.contains(candidate.as_str()));
            let distance = distance(&wanted, &candidate);
            (contains || distance <= CLOSE).then_some((distance, *name))
        })
        .collect();
    close.sort_by_key(|(distance, _)| *distance);
    close.into_iter().take(3).map(|(_, name)| name).collect()
}

fn letters(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .take(64)
        .collect()
}

/// Insertions, deletions and replacements that make one text of the other.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.chars().enumerate() {
        let mut diagonal = line;
        let mut before = line + 1;
        let mut next = vec![before];
        for (to, above) in right.iter().zip(row.iter().skip(1)) {
            let replaced = diagonal + usize::from(from != *to);
            before = replaced.min(*above + 1).min(before + 1);
            next.push(before);
            diagonal = *above;
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_names_are_found() {
        let names = ["read_file", "write_file", "run_terminal_command", "grep_search"];
        assert_eq!(close_matches("readFile", &names), ["read_file"]);
        assert_eq!(close_matches("read_fil", &names)[0], "read_file");
        assert_eq!(close_matches("terminal", &names), ["run_terminal_command"]);
        assert_eq!(close_matches("functions.grep_search", &names), ["grep_search"]);
        assert!(close_matches("frobnicate_everything", &names).is_empty());
        assert!(close_matches("", &names).is_empty());
    }

    #[test]
    fn distances_are_right() {
        for (left, right, wanted) in [("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("abc", "abc", 0)]
        {
            assert_eq!(distance(left, right), wanted);
            assert_eq!(distance(right, left), wanted);
        }
    }
}
