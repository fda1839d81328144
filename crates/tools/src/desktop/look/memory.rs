//! What conversations saw last: not the picture, but enough to tell what has changed.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::{Mutex, PoisonError};

use slipway_protocol::id::ConversationId;

use crate::desktop::rfb::{Area, Frame};
use crate::desktop::windows::Window;

/// Side of the squares that are compared, in pixels.
const TILE: u32 = 16;

/// Conversations that are remembered; then the one that looked least recently is forgotten.
const MOST: usize = 64;

/// What was seen at one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Glance {
    pub(super) size: Area,
    /// A hash of each tile, row by row.
    tiles: Vec<u64>,
    pub(super) windows: Vec<Window>,
}

impl Glance {
    /// What is to be seen on a frame and in its windows.
    pub(super) fn of(frame: &Frame, windows: Vec<Window>) -> Self {
        let size = frame.area();
        let tiles = places(size).map(|(x, y)| {
            let tile = Area { x, y, width: TILE, height: TILE }.common(size);
            let mut hasher = DefaultHasher::new();
            (0..tile.height).for_each(|row| hasher.write(frame.row(tile, row)));
            hasher.finish()
        });
        Self { size, tiles: tiles.collect(), windows }
    }

    /// The area around all that looks different, and how many pixels of it do, in tiles; `None` where the
    /// desktop has another size.
    pub(super) fn difference(&self, newer: &Self) -> Option<(Area, u64)> {
        if self.size != newer.size {
            return None;
        }
        let pairs = self.tiles.iter().zip(&newer.tiles).zip(places(self.size));
        let changed = pairs.filter(|((old, new), _)| old != new);
        Some(changed.fold((Area::default(), 0), |(around, pixels), (_, (x, y))| {
            let tile = Area { x, y, width: TILE, height: TILE }.common(self.size);
            (around.around(tile), pixels + tile.pixels())
        }))
    }
}

/// Where tiles begin, row by row.
fn places(size: Area) -> impl Iterator<Item = (u32, u32)> {
    let columns = size.width.div_ceil(TILE);
    (0..size.height.div_ceil(TILE))
        .flat_map(move |row| (0..columns).map(move |column| (column * TILE, row * TILE)))
}

/// The last glance of each conversation.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    glances: HashMap<ConversationId, Glance>,
    /// Least recent first.
    order: VecDeque<ConversationId>,
}

impl Memory {
    pub(super) fn get(&self, conversation: &ConversationId) -> Option<Glance> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).glances.get(conversation).cloned()
    }

    pub(super) fn put(&self, conversation: &ConversationId, glance: Glance) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.order.retain(|other| other != conversation);
        remembered.order.push_back(conversation.clone());
        remembered.glances.insert(conversation.clone(), glance);
        if remembered.order.len() > MOST
            && let Some(oldest) = remembered.order.pop_front()
        {
            remembered.glances.remove(&oldest);
        }
    }

    pub(super) fn forget(&self, conversation: &ConversationId) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.order.retain(|other| other != conversation);
        remembered.glances.remove(conversation);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_pixel_is_found_in_its_tile() {
        let mut frame = Frame::new(100, 40).expect("small");
        let before = Glance::of(&frame, Vec::new());
        assert_eq!(before.difference(&Glance::of(&frame, Vec::new())), Some((Area::default(), 0)));
        let all = frame.area();
        frame.row_mut(all, 39)[4 * 99] = 200;
        let corner = Area { x: 96, y: 32, width: 4, height: 8 };
        assert_eq!(before.difference(&Glance::of(&frame, Vec::new())), Some((corner, 32)));
        let other = Frame::new(90, 40).expect("small");
        assert_eq!(before.difference(&Glance::of(&other, Vec::new())), None);
    }

    #[test]
    fn only_so_many_conversations_are_remembered() {
        let memory = Memory::default();
        for number in 0..=MOST {
            memory.put(&ConversationId(number.to_string()), Glance::default());
        }
        assert!(memory.get(&"0".into()).is_none());
        assert!(memory.get(&"1".into()).is_some());
        memory.forget(&"1".into());
        assert!(memory.get(&"1".into()).is_none());
    }
}
