//! A connection to an X server with a limit on time and on what is read.

use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use nix::poll::{PollFd, PollFlags, PollTimeout};
use x11rb::rust_connection::{PollMode, Stream};
use x11rb::utils::RawFdContainer;

/// Most bytes that the server may say.
const MAX_BYTES: usize = 8 << 20;

/// The connection.
pub(super) struct LimitedStream {
    stream: UnixStream,
    deadline: Instant,
    read: AtomicUsize,
}

impl LimitedStream {
    /// A connection that fails after `deadline`.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn new(stream: UnixStream, deadline: Instant) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self { stream, deadline, read: AtomicUsize::new(0) })
    }
}

impl Stream for LimitedStream {
    fn poll(&self, mode: PollMode) -> io::Result<()> {
        let mut flags = PollFlags::empty();
        flags.set(PollFlags::POLLIN, mode.readable());
        flags.set(PollFlags::POLLOUT, mode.writable());
        loop {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "it does not answer in time"));
            }
            let left = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
            match nix::poll::poll(&mut [PollFd::new(self.stream.as_fd(), flags)], left) {
                Ok(0) | Err(nix::errno::Errno::EINTR) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn read(&self, buffer: &mut [u8], _descriptors: &mut Vec<RawFdContainer>) -> io::Result<usize> {
        let count = (&self.stream).read(buffer)?;
        if self.read.fetch_add(count, Ordering::Relaxed) + count > MAX_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it says too much"));
        }
        Ok(count)
    }

    fn write(&self, bytes: &[u8], _descriptors: &mut Vec<RawFdContainer>) -> io::Result<usize> {
        (&self.stream).write(bytes)
    }
}
