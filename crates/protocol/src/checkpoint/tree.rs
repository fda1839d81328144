//! A directory's entries, and the bytes that its id is made of.

use std::collections::BTreeMap;

use super::{Node, ObjectId, UnkeptReason};

/// First byte of each entry: what kind of thing it is.
const FILE: u8 = b'f';
const LINK: u8 = b'l';
const DIRECTORY: u8 = b'd';
const UNKEPT: u8 = b'u';

/// The entries of a directory, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree(pub BTreeMap<Vec<u8>, Node>);

/// Bytes that are not an encoded tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are not a tree")]
pub struct Malformed;

impl Tree {
    /// The tree as bytes: the same for the same tree, and different for a different one.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64 * self.0.len());
        for (name, node) in &self.0 {
            encode_entry(&mut bytes, name, node);
        }
        bytes
    }

    /// The tree of which these are the bytes. Names that cannot be those of files are refused, so that no path
    /// made of them leads elsewhere.
    ///
    /// # Errors
    /// When they are not what [`Tree::encode`] makes.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut input = Input(bytes);
        let mut entries = BTreeMap::new();
        let mut last: Option<Vec<u8>> = None;
        while !input.0.is_empty() {
            let (name, node) = input.entry()?;
            if !is_name(&name) || last.is_some_and(|last| last >= name) {
                return Err(Malformed);
            }
            last = Some(name.clone());
            entries.insert(name, node);
        }
        Ok(Self(entries))
    }
}

fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name != b"." && name != b".." && !name.contains(&b'/') && !name.contains(&0)
}

fn encode_entry(bytes: &mut Vec<u8>, name: &[u8], node: &Node) {
    let kind = match node {
        Node::File { .. } => FILE,
        Node::Link { .. } => LINK,
        Node::Directory { .. } => DIRECTORY,
        Node::Unkept { .. } => UNKEPT,
    };
    bytes.push(kind);
    put_bytes(bytes, name);
    match node {
        Node::File { mode, size, content } => {
            bytes.extend(mode.to_be_bytes());
            bytes.extend(size.to_be_bytes());
            bytes.extend(content.0);
        }
        Node::Link { target } => put_bytes(bytes, target),
        Node::Directory { mode, tree } => {
            bytes.extend(mode.to_be_bytes());
            bytes.extend(tree.0);
        }
        Node::Unkept { mode, size, modified_ns, reason } => {
            bytes.extend(mode.to_be_bytes());
            bytes.extend(size.to_be_bytes());
            bytes.extend(modified_ns.to_be_bytes());
            bytes.push(match reason {
                UnkeptReason::TooLarge => 0,
                UnkeptReason::Unreadable => 1,
                UnkeptReason::Changing => 2,
            });
        }
    }
}

/// Names have at most 255 bytes, targets of links at most 4095.
fn put_bytes(bytes: &mut Vec<u8>, text: &[u8]) {
    let text = text.get(..usize::from(u16::MAX)).unwrap_or(text);
    bytes.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
    bytes.extend(text);
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const COUNT: usize>(&mut self) -> Result<[u8; COUNT], Malformed> {
        self.take(COUNT)?.try_into().map_err(|_| Malformed)
    }

    fn bytes(&mut self) -> Result<Vec<u8>, Malformed> {
        let length = u16::from_be_bytes(self.array()?);
        Ok(self.take(length.into())?.to_vec())
    }

    fn entry(&mut self) -> Result<(Vec<u8>, Node), Malformed> {
        let [kind] = self.array()?;
        let name = self.bytes()?;
        let node = match kind {
            FILE => Node::File {
                mode: u32::from_be_bytes(self.array()?),
                size: u64::from_be_bytes(self.array()?),
                content: ObjectId(self.array()?),
            },
            LINK => Node::Link { target: self.bytes()? },
            DIRECTORY => {
                Node::Directory { mode: u32::from_be_bytes(self.array()?), tree: ObjectId(self.array()?) }
            }
            UNKEPT => Node::Unkept {
                mode: u32::from_be_bytes(self.array()?),
                size: u64::from_be_bytes(self.array()?),
                modified_ns: i64::from_be_bytes(self.array()?),
                reason: match self.array()? {
                    [0] => UnkeptReason::TooLarge,
                    [1] => UnkeptReason::Unreadable,
                    [2] => UnkeptReason::Changing,
                    _ => return Err(Malformed),
                },
            },
            _ => return Err(Malformed),
        };
        Ok((name, node))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Tree {
        let id = ObjectId([7; 32]);
        let nodes = [
            ("a", Node::File { mode: 0o644, size: 3, content: id }),
            ("b", Node::Link { target: b"../x\xff".to_vec() }),
            ("c", Node::Directory { mode: 0o755, tree: id }),
            ("d", Node::Unkept { mode: 0o600, size: 9, modified_ns: -1, reason: UnkeptReason::Changing }),
        ];
        Tree(nodes.into_iter().map(|(name, node)| (name.as_bytes().to_vec(), node)).collect())
    }

    #[test]
    fn a_tree_survives_its_encoding() {
        for tree in [Tree::default(), sample()] {
            assert_eq!(Tree::decode(&tree.encode()), Ok(tree));
        }
    }

    #[test]
    fn what_is_cut_or_out_of_order_or_leads_elsewhere_is_refused() {
        let bytes = sample().encode();
        for end in 1..bytes.len() {
            let cut = Tree::decode(bytes.get(..end).expect("shorter"));
            assert!(cut.is_err() || cut.is_ok_and(|tree| tree.0.len() < 4), "{end}");
        }
        for name in ["", ".", "..", "a/b", "a\0"] {
            let mut bytes = Vec::new();
            encode_entry(&mut bytes, name.as_bytes(), &Node::Link { target: Vec::new() });
            assert_eq!(Tree::decode(&bytes), Err(Malformed), "{name:?}");
        }
        let mut twice = bytes.clone();
        twice.extend(&bytes);
        assert_eq!(Tree::decode(&twice), Err(Malformed));
        assert_eq!(Tree::decode(b"x\0\x01a"), Err(Malformed));
    }
}
