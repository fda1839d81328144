//! Sorts a transcript's entries into messages: what was said, and each answer with the results of its
//! calls, in call order, whatever order they came in.

mod changes;
mod closing;

use std::collections::HashMap;

use slipway_protocol::CallId;
use slipway_protocol::transcript::{
    AssistantStep, ContextChange, Correction, Entry, PlanOrigin, PlanUpdate, ToolResult, View, ViewId,
};
use slipway_protocol::view::RenderedContent;

use crate::context::Layout;
use crate::context::entries::Entries;
use crate::context::open_files::OpenFiles;
use crate::context::placed_views::{Ended, Place, PlacedViews};
use crate::context::plan;
use crate::context::riders::{Fate, Rider, Shown};

/// What makes one message, or an answer and the results of its calls. Entries are named by their positions.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) body: GroupBody,
    /// What rides on the group's last message.
    pub(crate) riders: Vec<Rider>,
}

#[derive(Debug)]
pub(crate) enum GroupBody {
    /// Somebody said something.
    User(usize),
    /// Slipway has something to say, and there is nothing that it could ride on.
    Slipway,
    /// The model answered.
    Assistant(usize, Vec<Called>),
    /// What stands for all groups before it: the person's words, and a summary of the rest.
    Summary { said: Vec<usize>, summary: usize },
    /// A summary stands for it.
    Gone,
}

/// A call of an answer, by its number in it, and what came of it.
#[derive(Debug)]
pub(crate) struct Called {
    pub(crate) call: usize,
    pub(crate) result: Option<usize>,
    /// The newest correction of its arguments.
    pub(crate) correction: Option<usize>,
    /// Whether only the beginning and the end of the result are shown.
    pub(crate) masked: bool,
}

impl Group {
    /// Whether its last message is one of the model's, so that nothing can ride on it.
    fn ends_with_the_model(&self) -> bool {
        matches!(&self.body, GroupBody::Assistant(_, calls) if calls.is_empty())
    }
}

/// A transcript as groups: a fold that takes further entries as they come.
#[derive(Debug)]
pub(crate) struct Groups {
    layout: Layout,
    pub(crate) groups: Vec<Group>,
    /// The entry with which each group began.
    starts: Vec<usize>,
    /// Entries taken so far.
    taken: usize,
    /// The group that waits for the result of a call, by the call's id.
    waiting: HashMap<CallId, usize>,
    /// The group of the newest answer; `None` when that made no group.
    newest_answer: Option<usize>,
    views: PlacedViews,
    /// Where all open files are shown at once.
    block: Option<Place>,
    block_is_due: bool,
    open: OpenFiles,
    /// State of `open` at the last request.
    requested_at: u64,
    /// Where earlier requests ended that this one still begins with: so many groups were in them.
    pub(crate) request_ends: Vec<usize>,
    /// So many of the first groups are as they were in the last request.
    pub(crate) same: usize,
    /// So many of the first groups are as they were when that was last asked for.
    unchanged: usize,
}

impl Groups {
    pub(crate) fn new(layout: Layout) -> Self {
        Self {
            layout,
            groups: Vec::new(),
            starts: Vec::new(),
            taken: 0,
            waiting: HashMap::new(),
            newest_answer: None,
            views: PlacedViews::default(),
            block: None,
            block_is_due: false,
            open: OpenFiles::default(),
            requested_at: 0,
            request_ends: Vec::new(),
            same: 0,
            unchanged: 0,
        }
    }

    /// Entries taken so far.
    pub(crate) fn taken(&self) -> usize {
        self.taken
    }

    /// How many of the first groups have not changed since this was last asked.
    pub(crate) fn take_unchanged(&mut self) -> usize {
        std::mem::replace(&mut self.unchanged, usize::MAX).min(self.groups.len())
    }

    /// Whether a view is shown in full although it has ended.
    pub(crate) fn has_stale(&self) -> bool {
        self.groups.iter().flat_map(|group| &group.riders).any(|rider| rider.stale().is_some())
    }

    /// Takes the entries of a transcript that begins with those taken already.
    pub(crate) fn take_new(&mut self, entries: Entries<'_>) {
        while let Some(entry) = entries.0.get(self.taken) {
            self.take(entry, entries);
            self.taken += 1;
        }
    }

    fn take(&mut self, entry: &Entry, entries: Entries<'_>) {
        self.open.apply(entry);
        match entry {
            Entry::User(_) => self.push(GroupBody::User(self.taken)),
            Entry::Assistant(step) => self.answer(step),
            Entry::ToolResult(result) => self.result(result, entries),
            Entry::View(view) => self.view(view),
            Entry::Notice(notice) => {
                self.ride(Rider::notice(&notice.text));
            }
            Entry::Correction(correction) => self.correct(correction, entries),
            Entry::ContextChange(ContextChange::Collapse { views }) => self.collapse(views),
            Entry::ContextChange(ContextChange::Evict { paths }) => {
                let ended = self.views.evict(paths);
                self.end(ended);
            }
            Entry::ContextChange(ContextChange::Mask { calls }) => self.mask(calls, entries),
            Entry::ContextChange(ContextChange::Compact { entries: old, .. }) => self.compact(*old, entries),
            Entry::Plan(PlanUpdate { plan, origin: PlanOrigin::Handover }) => {
                self.ride(Rider::notice(&plan::carried(plan)));
            }
            Entry::Handover(_)
            | Entry::Plan(PlanUpdate { origin: PlanOrigin::Call, .. })
            | Entry::ContextChange(ContextChange::Pin { .. } | ContextChange::Unpin { .. }) => {}
        }
    }

    fn push(&mut self, body: GroupBody) {
        self.unchanged = self.unchanged.min(self.groups.len());
        self.starts.push(self.taken);
        self.groups.push(Group { body, riders: Vec::new() });
    }

    fn answer(&mut self, step: &AssistantStep) {
        self.newest_answer = None;
        let says_nothing = step.text.trim().is_empty() && step.tool_calls.is_empty();
        if says_nothing {
            return;
        }
        self.before_request();
        self.request_ends.push(self.groups.len());
        self.same = self.groups.len();
        let position = self.groups.len();
        self.newest_answer = Some(position);
        for call in &step.tool_calls {
            self.waiting.insert(call.id.clone(), position);
        }
        let called = |call| Called { call, result: None, correction: None, masked: false };
        let calls = (0..step.tool_calls.len()).map(called).collect();
        self.push(GroupBody::Assistant(self.taken, calls));
    }

    fn result(&mut self, result: &ToolResult, entries: Entries<'_>) {
        for change in &result.outcome.view_changes {
            let ended = self.views.close(change);
            self.end(ended);
        }
        let Some(position) = self.waiting.get(&result.call_id).copied() else { return };
        let taken = self.taken;
        let waits = |called: &Called| called.result.is_none();
        if let Some(called) = self.called(position, &result.call_id, entries, waits) {
            called.result = Some(taken);
            self.changed(position);
        }
    }

    /// Takes a correction of a call of the newest answer. One that comes after the next answer comes too late:
    /// the call was sent as it was, and changing it would change a request that was made already.
    fn correct(&mut self, correction: &Correction, entries: Entries<'_>) {
        let Some(position) = self.newest_answer else { return };
        let taken = self.taken;
        let Some(Group { body: GroupBody::Assistant(answer, calls), .. }) = self.groups.get_mut(position)
        else {
            return;
        };
        for called in calls {
            if entries.call(*answer, called.call).is_some_and(|call| call.id == correction.call_id) {
                called.correction = Some(taken);
            }
        }
        self.changed(position);
    }

    /// The first call with this id of the answer at `position` that is as wanted.
    fn called(
        &mut self,
        position: usize,
        id: &CallId,
        entries: Entries<'_>,
        wanted: impl Fn(&Called) -> bool,
    ) -> Option<&mut Called> {
        match &mut self.groups.get_mut(position)?.body {
            GroupBody::Assistant(answer, calls) => {
                let has_id =
                    |called: &Called| entries.call(*answer, called.call).is_some_and(|call| call.id == *id);
                calls.iter_mut().find(|called| has_id(called) && wanted(called))
            }
            _ => None,
        }
    }

    fn view(&mut self, view: &View) {
        let in_block = self.layout == Layout::Consolidated && view.file.content != RenderedContent::Missing;
        let place = if in_block {
            // There is no rider of its own.
            Place { group: usize::MAX, rider: 0 }
        } else {
            self.ride(Rider::View { entry: self.taken, fate: Fate::Live, shown: Shown::Full })
        };
        let ended = self.views.show(view, self.taken, place);
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
                *shown = Shown::Shrunk;
                self.changed(place.group);
            }
            _ => {}
        }
    }

    fn rider(&mut self, place: Place) -> Option<&mut Rider> {
        self.groups.get_mut(place.group)?.riders.get_mut(place.rider)
    }

    /// Takes note that a group is not as it was.
    fn changed(&mut self, group: usize) {
        self.request_ends.retain(|end| *end <= group);
        self.same = self.same.min(group);
        self.unchanged = self.unchanged.min(group);
    }

    fn ride(&mut self, rider: Rider) -> Place {
        if self.groups.last().is_none_or(Group::ends_with_the_model) {
            self.push(GroupBody::Slipway);
        }
        let group = self.groups.len() - 1;
        self.unchanged = self.unchanged.min(group);
        let riders = self.groups.last_mut().map(|group| &mut group.riders);
        let rider = riders.map_or(0, |riders| {
            riders.push(rider);
            riders.len() - 1
        });
        Place { group, rider }
    }
}
