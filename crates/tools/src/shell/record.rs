//! What the shell reports over its private pipe.

/// Longest record that is accepted, in bytes: a path of 4096 bytes and some thousand job numbers fit.
const MAX_RECORD: usize = 64 * 1024;

/// One report of the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Record {
    /// The shell is set up and reads commands.
    Ready,
    /// A command begins.
    Begin {
        /// Number of the command.
        sequence: u64,
        /// Process groups and processes that earlier commands left in the background.
        jobs: Vec<i32>,
    },
    /// A command has ended.
    Finish {
        /// How.
        completion: Completion,
        /// The token of the mark that the shell prints after the last output.
        token: String,
    },
    /// What a successor needs is noted.
    Kept {
        /// Number of the last command.
        sequence: u64,
    },
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Completion {
    /// Number of the command.
    pub(crate) sequence: u64,
    /// 0 to 255.
    pub(crate) exit_code: i32,
    /// Whether the shell has children, which may print something before the next command.
    pub(crate) has_children: bool,
    /// The shell's directory now; bytes that are not UTF-8 are replaced.
    pub(crate) directory: String,
}

/// Puts records together from a byte stream; each ends with a NUL.
#[derive(Default)]
pub(super) struct RecordReader {
    pending: Vec<u8>,
}

impl RecordReader {
    /// Takes the next bytes and returns the records that they complete. Anything malformed is dropped:
    /// only the shell's own functions write here.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<Record> {
        let mut records = Vec::new();
        for byte in bytes {
            if *byte != 0 {
                if self.pending.len() < MAX_RECORD {
                    self.pending.push(*byte);
                }
                continue;
            }
            let record = std::mem::take(&mut self.pending);
            records.extend(parse(&String::from_utf8_lossy(&record)));
        }
        records
    }
}

fn parse(text: &str) -> Option<Record> {
    let (kind, rest) = text.split_at_checked(1)?;
    match kind {
        "R" => Some(Record::Ready),
        "B" => {
            let mut numbers = rest.split_ascii_whitespace();
            let sequence = numbers.next()?.parse().ok()?;
            Some(Record::Begin { sequence, jobs: numbers.filter_map(|number| number.parse().ok()).collect() })
        }
        "F" => {
            let mut fields = rest.strip_prefix(' ')?.splitn(5, ' ');
            let sequence = fields.next()?.parse().ok()?;
            let exit_code = fields.next()?.parse().ok()?;
            let token = fields.next()?.to_owned();
            let has_children = fields.next()? != "0";
            let directory = fields.next()?.to_owned();
            let completion = Completion { sequence, exit_code, has_children, directory };
            Some(Record::Finish { completion, token })
        }
        "K" => Some(Record::Kept { sequence: rest.trim().parse().ok()? }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_arrive_in_any_chunks() {
        let mut reader = RecordReader::default();
        let mut records = reader.feed(b"R\0B 7\n12\n34\n56 ?\0F 7 1");
        records.extend(reader.feed(b"30 991 1 /a b\nc\0garbage\0K 7\0"));
        assert_eq!(
            records,
            [
                Record::Ready,
                Record::Begin { sequence: 7, jobs: vec![12, 34, 56] },
                Record::Finish {
                    completion: Completion {
                        sequence: 7,
                        exit_code: 130,
                        has_children: true,
                        directory: "/a b\nc".into()
                    },
                    token: "991".into(),
                },
                Record::Kept { sequence: 7 },
            ]
        );
    }
}
