//! Sorts a transcript's entries into messages: what was said, and each answer with the results of its
//! calls, in call order, whatever order they came in.

mod changes;

use std::collections::HashMap;

use slipway_protocol::CallId;
use slipway_protocol::transcript::{
    AssistantStep, ContextChange, Entry, PlanOrigin, PlanUpdate, ToolCall, ToolResult, UserMessage, View,
    ViewId,
};
use slipway_protocol::view::RenderedContent;

use crate::context::Layout;
use crate::context::open_files::OpenFiles;
use crate::context::placed_views::{Ended, Place, PlacedViews};
use crate::context::plan;
use crate::context::riders::{Fate, Rider, Shown};

/// What makes one message, or an answer and the results of its calls.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    pub(crate) body: GroupBody<'a>,
    /// What rides on the group's last message.
    pub(crate) riders: Vec<Rider<'a>>,
}

#[derive(Debug)]
pub(crate) enum GroupBody<'a> {
    /// Somebody said something.
    User(&'a UserMessage),
    /// Slipway has something to say, and there is nothing that it could ride on.
    Slipway,
    /// The model answered.
    Assistant(&'a AssistantStep, Vec<Called<'a>>),
    /// What stands for all groups before it: the person's words, and a summary of the rest.
    Summary { said: Vec<&'a UserMessage>, summary: &'a str },
    /// A summary stands for it.
    Gone,
}

/// A call and what came of it.
#[derive(Debug)]
pub(crate) struct Called<'a> {
    pub(crate) call: &'a ToolCall,
    pub(crate) result: Option<&'a ToolResult>,
    /// Whether only the beginning and the end of the result are shown.
    pub(crate) masked: bool,
}

impl Group<'_> {
    /// Whether its last message is one of the model's, so that nothing can ride on it.
    fn ends_with_the_model(&self) -> bool {
        matches!(&self.body, GroupBody::Assistant(_, calls) if calls.is_empty())
    }
}

/// A transcript as groups; the last one never ends with the model.
#[derive(Debug)]
pub(crate) struct Collected<'a> {
    pub(crate) groups: Vec<Group<'a>>,
    /// Where earlier requests ended that this one still begins with: so many groups were in them.
    pub(crate) request_ends: Vec<usize>,
    /// So many of the first groups are as they were in the last request.
    pub(crate) same: usize,
}

impl Collected<'_> {
    /// Whether a view is shown in full although it has ended.
    pub(crate) fn has_stale(&self) -> bool {
        self.groups.iter().flat_map(|group| &group.riders).any(|rider| rider.stale().is_some())
    }
}

/// Sorts the entries.
pub(crate) fn collect(transcript: &[Entry], layout: Layout) -> Collected<'_> {
    let mut groups = Groups::new(layout);
    transcript.iter().for_each(|entry| groups.take(entry));
    groups.before_request();
    Collected { groups: groups.groups, request_ends: groups.request_ends, same: groups.same }
}

struct Groups<'a> {
    layout: Layout,
    groups: Vec<Group<'a>>,
    /// The entry with which each group began.
    starts: Vec<usize>,
    /// Entries taken so far.
    taken: usize,
    /// The group that waits for the result of a call, by the call's id.
    waiting: HashMap<&'a CallId, usize>,
    views: PlacedViews<'a>,
    /// Where all open files are shown at once.
    block: Option<Place>,
    block_is_due: bool,
    open: OpenFiles,
    /// State of `open` at the last request.
    requested_at: u64,
    request_ends: Vec<usize>,
    same: usize,
}

impl<'a> Groups<'a> {
    fn new(layout: Layout) -> Self {
        Self {
            layout,
            groups: Vec::new(),
            starts: Vec::new(),
            taken: 0,
            waiting: HashMap::new(),
            views: PlacedViews::default(),
            block: None,
            block_is_due: false,
            open: OpenFiles::default(),
            requested_at: 0,
            request_ends: Vec::new(),
            same: 0,
        }
    }

    fn take(&mut self, entry: &'a Entry) {
        self.open.apply(entry);
        match entry {
            Entry::User(message) => self.push(GroupBody::User(message)),
            Entry::Assistant(step) => self.answer(step),
            Entry::ToolResult(result) => self.result(result),
            Entry::View(view) => self.view(view),
            Entry::Notice(notice) => {
                self.ride(Rider::notice(&notice.text));
            }
            Entry::ContextChange(ContextChange::Collapse { views }) => self.collapse(views),
            Entry::ContextChange(ContextChange::Evict { paths }) => {
                let ended = self.views.evict(paths);
                self.end(ended);
            }
            Entry::ContextChange(ContextChange::Mask { calls }) => self.mask(calls),
            Entry::ContextChange(ContextChange::Compact { entries, summary }) => {
                self.compact(*entries, summary);
            }
            Entry::Plan(PlanUpdate { plan, origin: PlanOrigin::Handover }) => {
                self.ride(Rider::notice(&plan::carried(plan)));
            }
            Entry::Correction(_)
            | Entry::Handover(_)
            | Entry::Plan(PlanUpdate { origin: PlanOrigin::Call, .. }) => {}
        }
        self.taken += 1;
    }

    fn push(&mut self, body: GroupBody<'a>) {
        self.starts.push(self.taken);
        self.groups.push(Group { body, riders: Vec::new() });
    }

    fn answer(&mut self, step: &'a AssistantStep) {
        let says_nothing = step.text.trim().is_empty() && step.tool_calls.is_empty();
        if says_nothing {
            return;
        }
        self.before_request();
        self.request_ends.push(self.groups.len());
        self.same = self.groups.len();
        let position = self.groups.len();
        for call in &step.tool_calls {
            self.waiting.insert(&call.id, position);
        }
        let calls = step.tool_calls.iter().map(|call| Called { call, result: None, masked: false });
        self.push(GroupBody::Assistant(step, calls.collect()));
    }

    fn result(&mut self, result: &'a ToolResult) {
        for change in &result.outcome.view_changes {
            let ended = self.views.close(change);
            self.end(ended);
        }
        let Some(position) = self.waiting.get(&result.call_id).copied() else { return };
        if let Some(Group { body: GroupBody::Assistant(_, calls), .. }) = self.groups.get_mut(position) {
            let waiting =
                calls.iter_mut().find(|called| called.call.id == result.call_id && called.result.is_none());
            if let Some(called) = waiting {
                called.result = Some(result);
                self.changed(position);
            }
        }
    }

    fn view(&mut self, view: &'a View) {
        let in_block = self.layout == Layout::Consolidated && view.file.content != RenderedContent::Missing;
        let place = if in_block {
            // There is no rider of its own.
            Place { group: usize::MAX, rider: 0 }
        } else {
            self.ride(Rider::View { view, fate: Fate::Live, shown: Shown::Full })
        };
        let ended = self.views.show(view, place);
        self.block_is_due = true;
        self.end(ended);
    }

    /// Takes note of what has become of views.
    fn end(&mut self, ended: impl IntoIterator<Item = Ended>) {
        for Ended { place, fate: new } in ended {
            self.block_is_due = true;
            if let Some(Rider::View { fate, .. }) = self.rider(place) {
                *fate = new;
                if self.layout == Layout::PerFile {
                    self.shrink(place);
                }
            }
        }
    }

    /// Shrinks the named views, of which only those are there that have ended and are shown in full.
    fn collapse(&mut self, views: &[ViewId]) {
        for place in views.iter().filter_map(|id| self.views.find(id)).collect::<Vec<_>>() {
            self.shrink(place);
        }
    }

    fn shrink(&mut self, place: Place) {
        match self.rider(place) {
            Some(Rider::View { fate: Fate::Live, .. }) => {}
            Some(Rider::View { shown, .. }) if *shown == Shown::Full => {
                *shown = Shown::Stub;
                self.changed(place.group);
            }
            _ => {}
        }
    }

    fn rider(&mut self, place: Place) -> Option<&mut Rider<'a>> {
        self.groups.get_mut(place.group)?.riders.get_mut(place.rider)
    }

    /// Takes note that a group is not as it was.
    fn changed(&mut self, group: usize) {
        self.request_ends.retain(|end| *end <= group);
        self.same = self.same.min(group);
    }

    fn ride(&mut self, rider: Rider<'a>) -> Place {
        if self.groups.last().is_none_or(Group::ends_with_the_model) {
            self.push(GroupBody::Slipway);
        }
        let group = self.groups.len() - 1;
        let riders = self.groups.last_mut().map(|group| &mut group.riders);
        let rider = riders.map_or(0, |riders| {
            riders.push(rider);
            riders.len() - 1
        });
        Place { group, rider }
    }

    /// What every request ends with: the open files where they are shown at once, a warning when too much
    /// has come to be open, and somebody else's words than the model's.
    fn before_request(&mut self) {
        if self.layout == Layout::Consolidated && self.block_is_due {
            self.move_block();
        }
        if self.open.changes() != self.requested_at {
            self.requested_at = self.open.changes();
            if let Some(warning) = self.open.warning() {
                self.ride(Rider::notice(&warning));
            }
        }
        if self.groups.last().is_none_or(Group::ends_with_the_model) {
            self.ride(Rider::Text("Continue.".to_owned()));
        }
    }

    /// Shows the open files on the newest message instead of where they were.
    fn move_block(&mut self) {
        self.block_is_due = false;
        let views = self.views.live();
        let what = if views.is_empty() { "were closed" } else { "are shown again below" };
        if let Some(place) = self.block.take()
            && let Some(rider) = self.rider(place)
        {
            *rider = Rider::Text(format!("[The open files {what}]"));
            self.changed(place.group);
        }
        if !views.is_empty() {
            self.block = Some(self.ride(Rider::Block(views)));
        }
    }
}
