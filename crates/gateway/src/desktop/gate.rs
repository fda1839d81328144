//! What a viewer says to the desktop, message by message, so that input passes only from the one that drives.
//!
//! The words are those of RFC 6143 and of the extensions that `TigerVNC` has. What is passed on is read by the
//! server exactly as it is read here: a version, a way to log in or a kind of message that is not known here ends
//! the connection, and the one extension that changes the shape of another message is not let come about.

/// Versions in which a client says the same things.
const VERSIONS: [&[u8]; 2] = [b"RFB 003.007\n", b"RFB 003.008\n"];

/// The way to log in that the desktop has: none, because the gateway asks before.
const NO_SECURITY: u8 = 1;

/// Kinds of messages, by their first byte.
const SET_PIXEL_FORMAT: u8 = 0;
const SET_ENCODINGS: u8 = 2;
const UPDATE_REQUEST: u8 = 3;
const KEY: u8 = 4;
const POINTER: u8 = 5;
const CUT_TEXT: u8 = 6;
const CONTINUOUS_UPDATES: u8 = 150;
const FENCE: u8 = 248;
const SET_DESKTOP_SIZE: u8 = 251;
const QEMU: u8 = 255;

/// The message of the kind [`QEMU`] that is known: a key with its place on the keyboard.
const QEMU_KEY: u8 = 0;

/// The pseudo-encoding by which a client offers to send pointer events with a further byte.
const EXTENDED_BUTTONS: [u8; 4] = (-316_i32).to_be_bytes();

/// An encoding that every server knows, to stand in its place.
const RAW: [u8; 4] = 0_i32.to_be_bytes();

/// Most bytes of text for the desktop's clipboard.
const MAX_CUT_TEXT: u64 = 4 << 20;

/// Most keys that a viewer may hold down; nobody has so many fingers.
const MAX_HELD: usize = 64;

/// Why a viewer is not listened to any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Nonsense {
    /// It begins in a way that is not known.
    #[error("the viewer speaks another version of the protocol, or wants to log in in another way")]
    Beginning,
    /// It says something that is not known.
    #[error("the viewer sent a message of the unknown kind {0}")]
    Kind(u8),
    /// It says too much at once.
    #[error("the viewer sent a text of {0} bytes")]
    Length(u64),
}

/// Whether a viewer drives the desktop or only looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Its input passes.
    Drives,
    /// Its input is dropped.
    Looks,
}

/// Reads what one viewer says, in pieces of any size, and passes on what may pass. Keeps no more than the
/// beginning of one message.
#[derive(Debug, Default)]
pub(super) struct Gate {
    stage: Stage,
    /// What has come of the present part.
    part: Vec<u8>,
    held: Held,
}

/// What comes next. All but bodies is read in parts of a known length.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Version,
    Security,
    /// Whether the desktop is shared with others.
    Sharing,
    /// The beginning of a message, as far as it has one length for its kind.
    Head,
    /// The rest of one.
    Body {
        left: u64,
        passes: bool,
    },
    /// One of so many encodings.
    Encoding {
        left: u16,
    },
}

impl Gate {
    /// Reads on, and gives what the desktop is to hear of it.
    ///
    /// # Errors
    /// When the connection must end, because what follows cannot be understood.
    pub(super) fn feed(&mut self, mut bytes: &[u8], role: Role) -> Result<Vec<u8>, Nonsense> {
        let mut passed = Vec::with_capacity(bytes.len());
        while !bytes.is_empty() {
            if let Stage::Body { left, passes } = self.stage {
                let count = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                let (body, rest) = bytes.split_at(count);
                if passes {
                    passed.extend_from_slice(body);
                }
                bytes = rest;
                self.stage = body_of(left - count as u64, passes);
                continue;
            }
            let missing = self.wanted()?.saturating_sub(self.part.len());
            let (taken, rest) = bytes.split_at(missing.min(bytes.len()));
            self.part.extend_from_slice(taken);
            bytes = rest;
            if self.part.len() == self.wanted()? {
                let part = std::mem::take(&mut self.part);
                self.stage = self.complete(&part, role, &mut passed)?;
            }
        }
        Ok(passed)
    }

    /// What lets go of everything that the viewer holds down, for when it has lost the right to do so itself.
    /// Nothing while a message is passed on in part; the next call of [`Self::feed`] makes up for that.
    pub(super) fn let_go(&mut self) -> Vec<u8> {
        let is_between = match self.stage {
            Stage::Body { passes, .. } => !passes,
            Stage::Encoding { .. } => false,
            Stage::Version | Stage::Security | Stage::Sharing | Stage::Head => true,
        };
        if is_between { self.held.let_go() } else { Vec::new() }
    }

    /// Length of the present part as far as it is known.
    fn wanted(&self) -> Result<usize, Nonsense> {
        Ok(match self.stage {
            Stage::Version => 12,
            Stage::Security | Stage::Sharing => 1,
            Stage::Encoding { .. } => 4,
            Stage::Head => match self.part.first() {
                Some(kind) => head_length(*kind).ok_or(Nonsense::Kind(*kind))?,
                None => 1,
            },
            Stage::Body { .. } => 0,
        })
    }

    /// Deals with a part that is there as a whole, and says what follows.
    fn complete(&mut self, part: &[u8], role: Role, passed: &mut Vec<u8>) -> Result<Stage, Nonsense> {
        let next = match (self.stage, part) {
            (Stage::Version, version) if VERSIONS.contains(&version) => Stage::Security,
            (Stage::Security, [NO_SECURITY]) => Stage::Sharing,
            (Stage::Sharing, [_]) => Stage::Head,
            (Stage::Encoding { left }, encoding) => {
                passed.extend_from_slice(if encoding == EXTENDED_BUTTONS { &RAW } else { encoding });
                return Ok(encodings(left - 1));
            }
            (Stage::Head, head) => return self.message(head, role, passed),
            _ => return Err(Nonsense::Beginning),
        };
        passed.extend_from_slice(part);
        Ok(next)
    }

    /// Deals with a message of which everything is there but a body.
    fn message(&mut self, head: &[u8], role: Role, passed: &mut Vec<u8>) -> Result<Stage, Nonsense> {
        if role == Role::Looks {
            passed.append(&mut self.held.let_go());
        }
        let drives = role == Role::Drives;
        let (next, passes) = match *head {
            [SET_PIXEL_FORMAT | UPDATE_REQUEST | CONTINUOUS_UPDATES, ..] => (Stage::Head, true),
            [SET_ENCODINGS, _, high, low] => (encodings(u16::from_be_bytes([high, low])), true),
            [FENCE, .., length] => (body_of(length.into(), true), true),
            [KEY | POINTER, ..] | [QEMU, QEMU_KEY, ..] => (Stage::Head, drives && self.held.note(head)),
            [CUT_TEXT, _, _, _, a, b, c, d] => {
                // Negative for the extension that knows more than Latin-1.
                let length = u64::from(i32::from_be_bytes([a, b, c, d]).unsigned_abs());
                if length > MAX_CUT_TEXT {
                    return Err(Nonsense::Length(length));
                }
                (body_of(length, drives), drives)
            }
            [SET_DESKTOP_SIZE, _, _, _, _, _, screens, _] => {
                (body_of(16 * u64::from(screens), drives), drives)
            }
            [kind, ..] => return Err(Nonsense::Kind(kind)),
            [] => return Ok(Stage::Head),
        };
        if passes {
            passed.extend_from_slice(head);
        }
        Ok(next)
    }
}

/// How many bytes at the beginning of a message tell what the rest of it is; `None` for an unknown kind.
fn head_length(kind: u8) -> Option<usize> {
    match kind {
        SET_ENCODINGS => Some(4),
        POINTER => Some(6),
        KEY | CUT_TEXT | SET_DESKTOP_SIZE => Some(8),
        FENCE => Some(9),
        UPDATE_REQUEST | CONTINUOUS_UPDATES => Some(10),
        QEMU => Some(12),
        SET_PIXEL_FORMAT => Some(20),
        _ => None,
    }
}

fn body_of(left: u64, passes: bool) -> Stage {
    if left == 0 { Stage::Head } else { Stage::Body { left, passes } }
}

fn encodings(left: u16) -> Stage {
    if left == 0 { Stage::Head } else { Stage::Encoding { left } }
}

/// What a viewer holds down.
#[derive(Debug, Default)]
struct Held {
    /// For each key the message that lets it go.
    keys: Vec<Vec<u8>>,
    /// The last pointer event, while it has buttons down.
    pointer: Option<[u8; 6]>,
}

impl Held {
    /// Takes note of a key or pointer event that is to pass; `false` when it must not.
    fn note(&mut self, event: &[u8]) -> bool {
        match *event {
            [POINTER, buttons, a, b, c, d] => {
                self.pointer = (buttons != 0).then_some([POINTER, buttons, a, b, c, d]);
                true
            }
            [kind, first, high, low, ..] => {
                let is_down = if kind == QEMU { (high, low) != (0, 0) } else { first != 0 };
                self.keys.retain(|held| !is_same_key(held, event));
                if is_down && self.keys.len() < MAX_HELD {
                    self.keys.push(letting_go(event));
                    return true;
                }
                !is_down
            }
            _ => false,
        }
    }

    /// Lets everything go.
    fn let_go(&mut self) -> Vec<u8> {
        let keys = std::mem::take(&mut self.keys).into_iter().flatten();
        let pointer = self.pointer.take().map(|[kind, _, a, b, c, d]| [kind, 0, a, b, c, d]);
        keys.chain(pointer.into_iter().flatten()).collect()
    }
}

/// A key event with its key up.
fn letting_go(event: &[u8]) -> Vec<u8> {
    let mut event = event.to_vec();
    let down = if event.first() == Some(&QEMU) { 2..4 } else { 1..2 };
    if let Some(down) = event.get_mut(down) {
        down.fill(0);
    }
    event
}

/// Whether two events are about one key: the same place on the keyboard, or the same sign where no place is told.
fn is_same_key(one: &[u8], other: &[u8]) -> bool {
    let place = |event: &[u8]| {
        event.get(8..12).map(<[u8]>::to_vec).filter(|place| place.iter().any(|byte| *byte != 0))
    };
    let sign = |event: &[u8]| event.get(4..8).map(<[u8]>::to_vec);
    match (place(one), place(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => sign(one) == sign(other),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
