//! Archives as an attacker would write them, byte by byte where libraries refuse to.

use std::io::Write as _;

use flate2::{Compression, Crc};

/// An entry of a zip file, with everything that its headers can lie about.
#[derive(Clone)]
pub(crate) struct ZipEntry {
    pub(crate) name: Vec<u8>,
    pub(crate) content: Vec<u8>,
    /// Unix mode with the kind of file.
    pub(crate) mode: u32,
    pub(crate) flags: u16,
    /// Compression method; the content is written as it is.
    pub(crate) method: u16,
    /// Added to the checksum.
    pub(crate) wrong: u32,
    /// Stands at the place of the first entry instead of its own.
    pub(crate) overlaps: bool,
}

impl ZipEntry {
    pub(crate) fn file(name: &str, content: &str) -> Self {
        Self {
            name: name.as_bytes().to_vec(),
            content: content.as_bytes().to_vec(),
            mode: 0o100_644,
            // Names are UTF-8.
            flags: 0x800,
            method: 0,
            wrong: 0,
            overlaps: false,
        }
    }

    pub(crate) fn link(name: &str, target: &str) -> Self {
        Self { mode: 0o120_777, ..Self::file(name, target) }
    }

    pub(crate) fn of_mode(name: &str, mode: u32) -> Self {
        Self { mode, ..Self::file(name, "") }
    }
}

/// A zip file of these entries.
pub(crate) fn zip(entries: &[ZipEntry]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let mut crc = Crc::new();
        crc.update(&entry.content);
        let (size, length) = (entry.content.len() as u32, entry.name.len() as u16);
        let mut common = Vec::new();
        for half in [20, entry.flags, entry.method, 0, 0x21] {
            common.extend(half.to_le_bytes());
        }
        for word in [crc.sum().wrapping_add(entry.wrong), size, size] {
            common.extend(word.to_le_bytes());
        }
        common.extend(length.to_le_bytes());
        common.extend(0_u16.to_le_bytes());
        let offset = if entry.overlaps { 0 } else { file.len() as u32 };
        if !entry.overlaps {
            file.extend(b"PK\x03\x04");
            file.extend(&common);
            file.extend(&entry.name);
            file.extend(&entry.content);
        }
        directory.extend(b"PK\x01\x02");
        // Made by Unix.
        directory.extend([20, 3]);
        directory.extend(&common);
        directory.extend([0; 6]);
        directory.extend((entry.mode << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(&entry.name);
    }
    let (start, length, count) = (file.len() as u32, directory.len() as u32, entries.len() as u16);
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    for half in [count, count] {
        file.extend(half.to_le_bytes());
    }
    for word in [length, start] {
        file.extend(word.to_le_bytes());
    }
    file.extend([0, 0]);
    file
}

/// A zip file of one deflated file of zeros.
pub(crate) fn zip_of_zeros(name: &str, size: usize) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("memory");
    zip.write_all(&vec![0; size]).expect("memory");
    zip.finish().expect("memory").into_inner()
}

/// An entry of a tar file.
#[derive(Debug, Clone)]
pub(crate) struct TarEntry {
    pub(crate) name: Vec<u8>,
    pub(crate) kind: u8,
    pub(crate) link: Vec<u8>,
    pub(crate) mode: u32,
    pub(crate) content: Vec<u8>,
    /// Size in the header, when it is not the content's.
    pub(crate) claims: Option<u64>,
    /// Added to the checksum.
    pub(crate) wrong: u32,
}

impl TarEntry {
    pub(crate) fn of_kind(kind: u8, name: &str, content: &[u8]) -> Self {
        Self {
            name: name.as_bytes().to_vec(),
            kind,
            link: Vec::new(),
            mode: 0o644,
            content: content.to_vec(),
            claims: None,
            wrong: 0,
        }
    }

    pub(crate) fn file(name: &str, content: &str) -> Self {
        Self::of_kind(b'0', name, content.as_bytes())
    }

    pub(crate) fn directory(name: &str) -> Self {
        Self { mode: 0o755, ..Self::of_kind(b'5', name, b"") }
    }

    pub(crate) fn link(name: &str, target: &str) -> Self {
        Self { link: target.as_bytes().to_vec(), ..Self::of_kind(b'2', name, b"") }
    }

    pub(crate) fn hard_link(name: &str, target: &str) -> Self {
        Self { link: target.as_bytes().to_vec(), ..Self::of_kind(b'1', name, b"") }
    }

    /// Records of an extended header.
    pub(crate) fn pax(kind: u8, records: &[(&str, &str)]) -> Self {
        let mut content = Vec::new();
        for (key, value) in records {
            let rest = format!(" {key}={value}\n");
            let digits = (1..4).find(|digits| (rest.len() + digits).to_string().len() == *digits);
            let length = rest.len() + digits.expect("a short record");
            content.extend(format!("{length}{rest}").into_bytes());
        }
        Self::of_kind(kind, "pax", &content)
    }
}

/// A tar file of these entries.
pub(crate) fn tar(entries: &[TarEntry]) -> Vec<u8> {
    let mut file = Vec::new();
    for entry in entries {
        let mut header = [0_u8; 512];
        let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &entry.name[..entry.name.len().min(100)]);
        put(100, format!("{:07o}\0", entry.mode).as_bytes());
        put(108, b"0000000\0");
        put(116, b"0000000\0");
        let size = entry.claims.unwrap_or(entry.content.len() as u64);
        put(124, format!("{size:011o}\0").as_bytes());
        put(136, b"00000000000\0");
        put(148, b"        ");
        put(156, &[entry.kind]);
        put(157, &entry.link[..entry.link.len().min(100)]);
        put(257, b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum::<u32>() + entry.wrong;
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        file.extend(header);
        file.extend(&entry.content);
        file.resize(file.len().next_multiple_of(512), 0);
    }
    file.extend([0; 1024]);
    file
}

/// The same, compressed.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}
