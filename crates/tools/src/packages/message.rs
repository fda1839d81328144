//! What shim and broker tell each other: one request with two descriptors, one answer.

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};
use serde::{Deserialize, Serialize};

/// Longest request in bytes.
const MAX_REQUEST: usize = 64 << 10;

/// Runs a package program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Request {
    /// Its name, without a directory.
    pub(super) program: String,
    /// Its arguments.
    pub(super) arguments: Vec<String>,
    /// Where to run it, absolute.
    pub(super) directory: PathBuf,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    /// With this code; 128 and the signal's number when a signal ended it.
    Exited(i32),
    /// It was not run, for this reason.
    Refused(String),
}

/// Where the program writes.
pub(super) struct Outputs {
    pub(super) stdout: OwnedFd,
    pub(super) stderr: OwnedFd,
}

/// Sends a request in one piece, with copies of the descriptors that its program is to write to.
///
/// # Errors
/// When the other side is gone or the request is longer than 64 KiB.
pub(super) fn send(stream: &UnixStream, request: &Request, outputs: [BorrowedFd<'_>; 2]) -> io::Result<()> {
    let body = serde_json::to_vec(request)?;
    if body.len() > MAX_REQUEST {
        return Err(io::Error::other("the arguments are too long"));
    }
    let descriptors = outputs.map(|output| output.as_raw_fd());
    let sent = sendmsg::<()>(
        stream.as_raw_fd(),
        &[IoSlice::new(&body)],
        &[ControlMessage::ScmRights(&descriptors)],
        MsgFlags::empty(),
        None,
    )?;
    if sent == body.len() { Ok(()) } else { Err(io::Error::other("the request did not fit")) }
}

/// Receives what [`send`] sent.
///
/// # Errors
/// `WouldBlock` when nothing has come yet; others when what comes is no request.
#[expect(unsafe_code, reason = "received descriptors come as numbers")]
pub(super) fn receive(stream: &impl std::os::fd::AsFd) -> io::Result<(Request, Outputs)> {
    let mut body = vec![0; MAX_REQUEST];
    let mut space = nix::cmsg_space!([std::os::fd::RawFd; 2]);
    let (length, descriptors) = {
        let mut slices = [IoSliceMut::new(&mut body)];
        let flags = MsgFlags::MSG_CMSG_CLOEXEC;
        let message = recvmsg::<()>(stream.as_fd().as_raw_fd(), &mut slices, Some(&mut space), flags)?;
        let numbers = message.cmsgs()?.filter_map(|control| match control {
            ControlMessageOwned::ScmRights(numbers) => Some(numbers),
            _ => None,
        });
        // SAFETY: the kernel has just opened these descriptors for this process; nobody else knows them.
        let owned = numbers.flatten().map(|number| unsafe { OwnedFd::from_raw_fd(number) });
        (message.bytes, owned.collect::<Vec<_>>())
    };
    let request = serde_json::from_slice(body.get(..length).unwrap_or_default())?;
    let [stdout, stderr] = <[OwnedFd; 2]>::try_from(descriptors)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "two descriptors were expected"))?;
    Ok((request, Outputs { stdout, stderr }))
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::fd::AsFd as _;

    use super::*;

    #[test]
    fn a_request_brings_its_descriptors() {
        let (shim, broker) = UnixStream::pair().unwrap();
        let (mut reader, writer) = std::io::pipe().unwrap();
        let request = Request {
            program: "apt-get".to_owned(),
            arguments: vec!["install".to_owned(), "a b".to_owned()],
            directory: "/workspace".into(),
        };
        send(&shim, &request, [writer.as_fd(), writer.as_fd()]).unwrap();
        drop(writer);
        let (received, outputs) = receive(&broker).unwrap();
        assert_eq!(received, request);
        std::fs::File::from(outputs.stdout).write_all(b"out ").unwrap();
        std::fs::File::from(outputs.stderr).write_all(b"err").unwrap();
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "out err");
    }

    #[test]
    fn a_request_without_descriptors_is_none() {
        let (mut shim, broker) = UnixStream::pair().unwrap();
        shim.write_all(br#"{"program": "apt", "arguments": [], "directory": "/"}"#).unwrap();
        assert!(receive(&broker).is_err());
    }
}
