//! A projection that is kept while its transcript grows: for each request only what is new is sorted in,
//! and only the messages that are not as they were are written anew.

use std::collections::HashMap;
use std::sync::Arc;

use slipway_protocol::transcript::{Entry, ViewId};

use crate::context::collapse::{self, CollapseFacts};
use crate::context::entries::Entries;
use crate::context::groups::{Group, GroupBody, Groups};
use crate::context::look::{self, Seen};
use crate::context::measure::{Measured, ViewSizes, measure};
use crate::context::riders::Rider;
use crate::context::{Layout, Projection, ProjectionFacts, system_prompt, wire};
use crate::provider::ready::ReadyMessage;
use crate::provider::request::WireMessage;

/// What is known of a transcript, and of the requests that came of it. What it gives is always what
/// [`crate::context::project`] gives for the same transcript, byte for byte.
///
/// The facts must be the same each time, and a transcript must begin with the one before.
#[derive(Debug, Default)]
pub struct KeptContext {
    state: Option<State>,
}

#[derive(Debug)]
struct State {
    groups: Groups,
    messages: Vec<Arc<ReadyMessage>>,
    /// So many messages are before each group, and at last how many there are. Groups of which nothing is
    /// written yet are missing.
    ends: Vec<usize>,
    view_sizes: ViewSizes,
}

impl KeptContext {
    /// The next request. See [`crate::context::project`].
    pub fn projection(&mut self, transcript: &[Entry], facts: &ProjectionFacts<'_>) -> Projection {
        self.at_request(transcript, facts, |state, _| state.projection())
    }

    /// The views that are to shrink before the next request. See [`collapse::collapse`].
    pub fn collapse(&mut self, transcript: &[Entry], facts: &CollapseFacts<'_>) -> Vec<ViewId> {
        if facts.projection.layout() != Layout::Lazy {
            return Vec::new();
        }
        let measured = self.at_request(transcript, &facts.projection, |state, entries| {
            state.groups.has_stale().then(|| state.measure(entries))
        });
        measured.map(|request| collapse::choose(request, transcript, facts)).unwrap_or_default()
    }

    /// What is in the next request's messages, each by itself.
    pub(crate) fn look(&mut self, transcript: &[Entry], facts: &ProjectionFacts<'_>) -> Vec<Seen> {
        self.at_request(transcript, facts, |state, entries| state.look(entries))
    }

    /// The messages of the next request, which is the last one.
    pub(crate) fn into_messages(
        mut self,
        transcript: &[Entry],
        facts: &ProjectionFacts<'_>,
    ) -> Vec<WireMessage> {
        self.at_request(transcript, facts, |_, _| ());
        let messages = self.state.map(|state| state.messages).unwrap_or_default();
        let alone = |message: Arc<ReadyMessage>| match Arc::try_unwrap(message) {
            Ok(message) => message.into_message(),
            Err(shared) => shared.message().clone(),
        };
        messages.into_iter().map(alone).collect()
    }

    /// Looks at the state as it is when a request is made now.
    fn at_request<T>(
        &mut self,
        transcript: &[Entry],
        facts: &ProjectionFacts<'_>,
        look: impl FnOnce(&mut State, Entries<'_>) -> T,
    ) -> T {
        if self.state.as_ref().is_some_and(|state| state.groups.taken() > transcript.len()) {
            self.state = None;
        }
        let state = self.state.get_or_insert_with(|| State::new(facts));
        let entries = Entries(transcript);
        state.groups.take_new(entries);
        let open = state.groups.close();
        state.write(entries, facts);
        let seen = look(state, entries);
        state.groups.reopen(open);
        seen
    }
}

impl State {
    fn new(facts: &ProjectionFacts<'_>) -> Self {
        let system = WireMessage::System { content: system_prompt::text(facts.prompt) };
        Self {
            groups: Groups::new(facts.layout()),
            messages: vec![Arc::new(ReadyMessage::new(system))],
            ends: vec![1],
            view_sizes: HashMap::new(),
        }
    }

    /// Writes the groups that are new or not as they were.
    fn write(&mut self, entries: Entries<'_>, facts: &ProjectionFacts<'_>) {
        let unchanged = self.groups.take_unchanged();
        let groups = &self.groups.groups;
        let written = self.ends.len() - 1;
        let first = own_message(groups, entries, unchanged.min(written));
        self.ends.truncate(first + 1);
        self.messages.truncate(self.ends.last().copied().unwrap_or_default());
        let mut new = Vec::new();
        for group in groups.iter().skip(first) {
            wire::append(group, entries, facts, &mut new);
            self.ends.push(self.messages.len() + new.len());
        }
        self.messages.extend(new.into_iter().map(|message| Arc::new(ReadyMessage::new(message))));
    }

    fn projection(&self) -> Projection {
        let live = self.groups.groups.iter().enumerate();
        let live = live.filter(|(_, group)| group.riders.iter().any(Rider::is_live));
        Projection {
            same: self.end_of(self.groups.same),
            request_ends: self.groups.request_ends.iter().map(|groups| self.end_of(*groups)).collect(),
            live: live.map(|(position, group)| self.rider_of(position, group)).collect(),
            messages: self.messages.clone(),
        }
    }

    fn look(&self, entries: Entries<'_>) -> Vec<Seen> {
        let mut seen = vec![Seen::default(); self.messages.len()];
        for (position, group) in self.groups.groups.iter().enumerate() {
            if let Some(message) = seen.get_mut(self.rider_of(position, group)) {
                message.views.extend(look::views(group, entries));
            }
            let first = self.end_of(position) + 1;
            for (message, result) in seen.iter_mut().skip(first).zip(look::results(group, entries)) {
                message.result = result;
            }
        }
        seen
    }

    fn measure(&mut self, entries: Entries<'_>) -> Measured {
        let mut tokens = vec![0];
        for message in &self.messages {
            tokens.push(tokens.last().copied().unwrap_or_default() + message.tokens());
        }
        let ends: Vec<u64> =
            self.ends.iter().map(|end| tokens.get(*end).copied().unwrap_or_default()).collect();
        measure(&self.groups, entries, &ends, &mut self.view_sizes)
    }

    /// The message on which the group's riders ride. Behind an answer's results there may be their pictures.
    fn rider_of(&self, position: usize, group: &Group) -> usize {
        match &group.body {
            GroupBody::Assistant(_, calls) => self.end_of(position) + calls.len(),
            _ => self.end_of(position + 1).saturating_sub(1),
        }
    }

    /// So many messages are in so many groups.
    fn end_of(&self, groups: usize) -> usize {
        self.ends.get(groups).copied().unwrap_or_default()
    }
}

/// The last group up to `position` that begins with a message of its own: words that nobody has answered
/// yet are one message, whoever said them, and stand with the pictures before them.
fn own_message(groups: &[Group], entries: Entries<'_>, position: usize) -> usize {
    let goes_on = |at: usize| {
        let body = groups.get(at).map(|group| &group.body);
        matches!(body, Some(GroupBody::User(_) | GroupBody::Slipway | GroupBody::Gone))
    };
    let ends_with_an_answer = |at: usize| match groups.get(at).map(|group| &group.body) {
        Some(GroupBody::Assistant(_, calls)) => {
            let results = calls.iter().filter_map(|called| entries.result(called.result?));
            results.map(|result| result.outcome.images.len()).sum::<usize>() == 0
        }
        _ => false,
    };
    let mut first = position;
    while first > 0 && goes_on(first) && !ends_with_an_answer(first - 1) {
        first -= 1;
    }
    first
}
