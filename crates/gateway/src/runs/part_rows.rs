//! Rows of the parts that a list of changes is about: a part that changes several times is written as the last
//! of them leaves it.

use std::collections::HashMap;

use slipway_protocol::message::Part;
use slipway_protocol::{ConversationId, PartId};

use super::timeline::Change;
use crate::store::{PartAge, StoreError, Write, messages};

/// Which changes write which rows.
#[derive(Debug)]
pub(super) struct PartRows<'a> {
    /// The last change of each part, by its position.
    last: HashMap<&'a PartId, usize>,
    /// Places of parts that began among the changes.
    begun: HashMap<&'a PartId, usize>,
}

impl<'a> PartRows<'a> {
    /// The rows that these changes write.
    pub(super) fn of(changes: &'a [Change]) -> Self {
        let parts = changes.iter().enumerate();
        let last = parts.filter_map(|(position, change)| Some((&part_of(change)?.id, position))).collect();
        Self { last, begun: HashMap::new() }
    }

    /// Writes what the change at `position` leaves of its part, if none of the changes behind it does.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn write(
        &mut self,
        write: &mut Write,
        id: &ConversationId,
        change: &'a Change,
        position: usize,
    ) -> Result<(), StoreError> {
        let Some(part) = part_of(change) else { return Ok(()) };
        if let Change::PartStarted { ordinal, .. } = change {
            self.begun.insert(&part.id, *ordinal);
        }
        let begun = self.begun.get(&part.id).copied();
        if self.last.get(&part.id) == Some(&position) {
            match begun {
                Some(ordinal) => messages::insert_part(write, id, part, ordinal).await?,
                None => messages::replace_part(write, part).await?,
            }
        }
        match change {
            // What had streamed into it is in the part now.
            Change::PartRestarted { .. } | Change::PartDone { .. } | Change::ToolFinished { .. } => {
                let age = if begun.is_some() { PartAge::New } else { PartAge::Old };
                messages::forget_deltas(write, &part.id, age).await
            }
            _ => Ok(()),
        }
    }
}

/// The part that a change leaves, where its row is another one then.
fn part_of(change: &Change) -> Option<&Part> {
    match change {
        Change::PartStarted { part, .. }
        | Change::PartRestarted { part }
        | Change::PartDone { part }
        | Change::ToolFinished { part }
        | Change::ToolStarted { base: part, .. } => Some(part),
        _ => None,
    }
}
