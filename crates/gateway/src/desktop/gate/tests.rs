//! The gate against a server that reads message by message, as `TigerVNC` does.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const HELLO: &[u8] = b"RFB 003.008\n\x01\x01";

/// What a server does with what it reads.
#[derive(Debug, Default, PartialEq, Eq)]
struct Server {
    /// Kinds of all messages, in order.
    kinds: Vec<u8>,
    /// Keys and buttons that are down.
    keys: Vec<u32>,
    buttons: u8,
    /// Bytes of a message that has not come whole.
    rest: usize,
}

impl Server {
    fn reads(mut bytes: &[u8]) -> Self {
        let mut server = Self::default();
        bytes = bytes.strip_prefix(HELLO).unwrap_or_default();
        while let Some(length) = message_length(bytes) {
            let (message, rest) = bytes.split_at(length);
            server.hears(message);
            bytes = rest;
        }
        server.rest = bytes.len();
        server
    }

    fn hears(&mut self, message: &[u8]) {
        self.kinds.push(message[0]);
        let number = |at: usize| u32::from_be_bytes(message[at..at + 4].try_into().unwrap());
        let (down, key) = match message[0] {
            4 => (message[1] != 0, number(4)),
            255 => (message[2..4] != [0, 0], number(8)),
            5 => {
                self.buttons = message[1];
                return;
            }
            _ => return,
        };
        self.keys.retain(|held| *held != key);
        if down {
            self.keys.push(key);
        }
    }
}

/// Length of the message that begins here; `None` when it has not come whole.
fn message_length(bytes: &[u8]) -> Option<usize> {
    let short = |at: usize| Some(usize::from(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?])));
    let length = match bytes.first()? {
        0 => 20,
        2 => 4 + 4 * short(2)?,
        3 | 150 => 10,
        4 => 8,
        5 => 6,
        6 => {
            let length = i32::from_be_bytes(bytes.get(4..8)?.try_into().ok()?);
            8 + usize::try_from(length.unsigned_abs()).ok()?
        }
        248 => 9 + usize::from(*bytes.get(8)?),
        251 => 8 + 16 * usize::from(*bytes.get(6)?),
        255 => 12,
        other => panic!("the server was sent a message of the unknown kind {other}"),
    };
    (bytes.len() >= length).then_some(length)
}

fn is_input(kind: u8) -> bool {
    matches!(kind, 4 | 5 | 6 | 251 | 255)
}

fn key(down: u8, sign: u32) -> Vec<u8> {
    [&[4, down, 0, 0][..], &sign.to_be_bytes()].concat()
}

fn placed_key(down: u8, sign: u32, place: u32) -> Vec<u8> {
    [&[255, 0, 0, down][..], &sign.to_be_bytes(), &place.to_be_bytes()].concat()
}

/// Any message of a known kind, bodies of little size included.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let any_bytes = |length: usize| vec(any::<u8>(), length);
    let with_kind = move |kind: u8, length: usize| {
        any_bytes(length - 1).prop_map(move |rest| [vec![kind], rest].concat())
    };
    let encodings =
        vec(prop_oneof![any::<i32>(), Just(-316), Just(-308), Just(7)], 0..6).prop_map(|encodings| {
            let count = u16::try_from(encodings.len()).unwrap().to_be_bytes();
            let list: Vec<u8> = encodings.iter().flat_map(|encoding| encoding.to_be_bytes()).collect();
            [&[2, 0][..], &count, &list].concat()
        });
    let cut_text = (vec(any::<u8>(), 0..40), any::<bool>()).prop_map(|(text, extended)| {
        let length = i32::try_from(text.len()).unwrap() * if extended { -1 } else { 1 };
        [&[6, 0, 0, 0][..], &length.to_be_bytes(), &text].concat()
    });
    let fence = vec(any::<u8>(), 0..64).prop_map(|payload| {
        [&[248, 0, 0, 0, 0, 0, 0, 1][..], &[u8::try_from(payload.len()).unwrap()], &payload].concat()
    });
    let size = (0_u8..4).prop_flat_map(move |screens| {
        any_bytes(16 * usize::from(screens))
            .prop_map(move |layout| [&[251, 0, 4, 0, 3, 0, screens, 0][..], &layout].concat())
    });
    prop_oneof![
        with_kind(0, 20),
        encodings,
        with_kind(3, 10),
        (0_u8..2, 0_u32..6).prop_map(|(down, sign)| key(down, sign)),
        with_kind(5, 6),
        cut_text,
        with_kind(150, 10),
        fence,
        size,
        (0_u8..2, 0_u32..6, 1_u32..6).prop_map(|(down, sign, place)| placed_key(down, sign, place)),
    ]
}

/// Cuts bytes into pieces at these places, wherever they are taken to lie.
fn pieces<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> =
        cuts.iter().map(|cut| cut % (bytes.len() + 1)).chain([0, bytes.len()]).collect();
    places.sort_unstable();
    places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

fn fed(gate: &mut Gate, bytes: &[u8], cuts: &[usize], role: Role) -> Vec<u8> {
    let passed = pieces(bytes, cuts).into_iter().map(|piece| gate.feed(piece, role).expect("known words"));
    passed.collect::<Vec<_>>().concat()
}

/// A message as it is passed on.
fn as_passed(message: &[u8]) -> Vec<u8> {
    let mut message = message.to_vec();
    if message[0] == 2 {
        for encoding in message[4..].chunks_exact_mut(4).filter(|encoding| *encoding == EXTENDED_BUTTONS) {
            encoding.copy_from_slice(&RAW);
        }
    }
    message
}

proptest! {
    #[test]
    fn messages_pass_as_they_are_or_not_at_all(
        messages in vec(message(), 0..20),
        cuts in vec(any::<usize>(), 0..30),
        drives in any::<bool>(),
    ) {
        let role = if drives { Role::Drives } else { Role::Looks };
        let said = [HELLO.to_vec(), messages.concat()].concat();
        let passed = fed(&mut Gate::default(), &said, &cuts, role);
        let expected = messages.iter().filter(|message| drives || !is_input(message[0]));
        let expected: Vec<u8> = expected.flat_map(|message| as_passed(message)).collect();
        prop_assert_eq!(passed, [HELLO.to_vec(), expected].concat());
    }

    /// Not only messages that make sense: kinds and lengths are drawn from all there are.
    #[test]
    fn whatever_somebody_says_who_only_looks_is_no_input(
        words in vec(prop_oneof![message(), vec(prop_oneof![any::<u8>(), Just(2), Just(6), Just(251)], 0..12)], 0..12),
        cuts in vec(any::<usize>(), 0..30),
    ) {
        let said = [HELLO.to_vec(), words.concat()].concat();
        let mut gate = Gate::default();
        let mut passed = Vec::new();
        for piece in pieces(&said, &cuts) {
            match gate.feed(piece, Role::Looks) {
                Ok(more) => passed.extend(more),
                Err(_) => break,
            }
        }
        let server = Server::reads(&passed);
        prop_assert!(!server.kinds.iter().any(|kind| is_input(*kind)), "{server:?}");
    }

    #[test]
    fn who_loses_the_right_holds_nothing_down(
        before in vec(message(), 0..20),
        after in vec(message(), 0..6),
        cuts in vec(any::<usize>(), 0..30),
        lost_in_the_middle in any::<usize>(),
    ) {
        let said = [HELLO.to_vec(), before.concat()].concat();
        let (first, second) = said.split_at(HELLO.len() + lost_in_the_middle % (said.len() - HELLO.len() + 1));
        let mut gate = Gate::default();
        let mut passed = fed(&mut gate, first, &cuts, Role::Drives);
        passed.extend(gate.let_go());
        let rest = [second.to_vec(), after.concat(), vec![3, 1, 0, 0, 0, 0, 0, 9, 0, 9]].concat();
        passed.extend(fed(&mut gate, &rest, &cuts, Role::Looks));
        let server = Server::reads(&passed);
        prop_assert_eq!((&server.keys, server.buttons, server.rest), (&Vec::new(), 0, 0));
        prop_assert_eq!(server.kinds.last(), Some(&3));
    }
}

#[test]
fn who_holds_nothing_down_has_nothing_to_let_go() {
    let mut gate = Gate::default();
    gate.feed(HELLO, Role::Drives).expect("a beginning");
    let typed =
        [placed_key(1, 0x41, 30), placed_key(0, 0x61, 30), vec![5, 1, 0, 2, 0, 3], vec![5, 0, 0, 2, 0, 3]];
    gate.feed(&typed.concat(), Role::Drives).expect("known words");
    assert_eq!(gate.let_go(), [0; 0]);
    gate.feed(&[key(1, 0xffe3), vec![5, 4, 1, 2, 3, 4]].concat(), Role::Drives).expect("known words");
    assert_eq!(gate.let_go(), [key(0, 0xffe3), vec![5, 0, 1, 2, 3, 4]].concat());
    assert_eq!(gate.let_go(), [0; 0]);
}

#[test]
fn nobody_holds_more_keys_than_fingers_could() {
    let mut gate = Gate::default();
    gate.feed(HELLO, Role::Drives).expect("a beginning");
    for sign in 0..10_000 {
        gate.feed(&key(1, sign), Role::Drives).expect("known words");
    }
    assert_eq!(gate.let_go().len(), 8 * MAX_HELD);
}

#[test]
fn what_is_not_known_ends_the_connection() {
    let hello = |words: &[u8]| [HELLO, words].concat();
    let cases = [
        (b"RFB 003.003\n".to_vec(), Nonsense::Beginning),
        (b"RFB 003.889\n".to_vec(), Nonsense::Beginning),
        (b"GET / HTTP/1.1".to_vec(), Nonsense::Beginning),
        (b"RFB 003.008\n\x02".to_vec(), Nonsense::Beginning),
        (hello(&[1]), Nonsense::Kind(1)),
        (hello(&[250, 0, 1, 2]), Nonsense::Kind(250)),
        (hello(&[255, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), Nonsense::Kind(255)),
        (hello(&[6, 0, 0, 0, 0x80, 0, 0, 0]), Nonsense::Length(1 << 31)),
        (hello(&[6, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]), Nonsense::Length((1 << 31) - 1)),
    ];
    for (said, expected) in cases {
        for role in [Role::Looks, Role::Drives] {
            assert_eq!(Gate::default().feed(&said, role), Err(expected), "{said:?}");
        }
    }
}

#[test]
fn a_long_text_is_not_kept() {
    let mut gate = Gate::default();
    gate.feed(HELLO, Role::Looks).expect("a beginning");
    let length = u32::try_from(MAX_CUT_TEXT).expect("it fits").to_be_bytes();
    gate.feed(&[&[6, 0, 0, 0][..], &length].concat(), Role::Looks).expect("a text");
    for _ in 0..MAX_CUT_TEXT / 65_536 {
        assert_eq!(gate.feed(&[5; 65_536], Role::Looks), Ok(Vec::new()));
        assert!(gate.part.capacity() <= 64);
    }
    let request = [3, 0, 0, 0, 0, 0, 0, 1, 0, 1];
    assert_eq!(gate.feed(&request, Role::Looks).expect("a request"), request);
}
