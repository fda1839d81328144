//! A pseudo-terminal with bash on it. The only place of this crate that needs `unsafe`.
#![expect(unsafe_code, reason = "a controlling terminal can only be given between fork and exec")]

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd, RawFd};
use std::path::Path;
use std::process::Stdio;

use nix::fcntl::OFlag;
use nix::libc;
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::termios::{self, InputFlags, SetArg};
use nix::unistd::{Uid, fchown, pipe2};
use tokio::io::unix::AsyncFd;
use tokio::process::{Child, Command};

use super::screen::{COLUMNS, ROWS};
use crate::workspace::Owner;

/// Columns and rows of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) columns: u16,
    pub(crate) rows: u16,
}

/// Where bash finds the terminal and the private pipe; `init.bash` knows them too. Commands may use all
/// other numbers, and rarely use these.
const TERMINAL_FD: RawFd = 60;
const CONTROL_FD: RawFd = 61;

/// Bash on its terminal.
pub(super) struct Terminal {
    /// The shell; the leader of its own session.
    pub(super) child: Child,
    /// Our side of the terminal. Reading and writing do not block.
    pub(super) master: OwnedFd,
    /// Where the shell reads its own lines from, which programs never see. Writing does not block.
    pub(super) lines: OwnedFd,
    /// Where the shell's records arrive. Reading does not block.
    pub(super) control: OwnedFd,
    /// The terminal's settings while the shell reads commands.
    pub(super) settings: libc::termios,
}

/// Starts bash in `directory`, as `owner` if the host is root, with nothing but `environment`.
///
/// # Errors
/// When there are no terminals, processes or memory left, `directory` cannot be entered, or bash is missing.
pub(super) fn open(
    directory: &Path,
    owner: Option<Owner>,
    environment: &[(OsString, OsString)],
) -> io::Result<Terminal> {
    let (master, slave) = open_pair(Size { columns: COLUMNS.get(), rows: ROWS.get() })?;
    let settings = prepare(&slave, owner)?;
    let (control, control_writer) = pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?;
    // Only our end may be non-blocking: the shell must wait when the pipe is full.
    nix::fcntl::fcntl(&control_writer, nix::fcntl::FcntlArg::F_SETFL(OFlag::empty()))?;

    let (shell_lines, lines) = pipe2(OFlag::O_CLOEXEC)?;
    nix::fcntl::fcntl(&lines, nix::fcntl::FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;

    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "--noediting", "-i"]);
    command.env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
    command.current_dir(directory);
    command.stdin(Stdio::from(shell_lines)).stdout(Stdio::from(slave.try_clone()?));
    run_as(&mut command, owner);
    command.stderr(Stdio::from(slave));
    let control_source = control_writer.as_raw_fd();
    // SAFETY: between fork and exec only async-signal-safe system calls are made, nothing is allocated or
    // locked, and the descriptor is open in the child because `control_writer` lives until after `spawn`.
    unsafe { command.pre_exec(move || prepare_child(control_source)) };
    let child = command.spawn()?;
    Ok(Terminal { child, master, lines, control, settings: settings.into() })
}

/// Starts `command` on a terminal of its own, in `directory`, as `owner` if the host is root, with nothing but
/// `environment` and without a way to more powers. Gives the program and our side of the terminal, which does not block.
///
/// # Errors
/// When there are no terminals, processes or memory left, `directory` cannot be entered, or the program is missing. Must
/// be called within a runtime.
pub(crate) fn open_interactive(
    mut command: Command,
    directory: &Path,
    owner: Option<Owner>,
    environment: &[(OsString, OsString)],
    size: Size,
) -> io::Result<(Child, AsyncFd<OwnedFd>)> {
    let (master, slave) = open_pair(size)?;
    prepare(&slave, owner)?;
    command.env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
    command.current_dir(directory);
    run_as(&mut command, owner);
    command.stdin(Stdio::from(slave.try_clone()?)).stdout(Stdio::from(slave.try_clone()?));
    command.stderr(Stdio::from(slave));
    // SAFETY: between fork and exec only async-signal-safe system calls are made, and nothing is allocated or locked.
    unsafe { command.pre_exec(begin_session) };
    // SAFETY: the descriptor is open and nobody else's, and stays what it is until it is dropped.
    let master = unsafe { AsyncFd::register(master) }?;
    Ok((command.spawn()?, master))
}

/// Changes the size of a terminal; what runs in its foreground is told by the kernel.
///
/// # Errors
/// When the terminal is gone.
pub(crate) fn resize(master: &OwnedFd, size: Size) -> io::Result<()> {
    let size = libc::winsize { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the descriptor is open and TIOCSWINSZ reads one `winsize`, which outlives the call.
    let result = unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCSWINSZ, &raw const size) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Gives a terminal its settings, and to the user of its programs, some of which open it by its name, such as tmux and gpg.
fn prepare(slave: &OwnedFd, owner: Option<Owner>) -> io::Result<termios::Termios> {
    let mut settings = termios::tcgetattr(slave)?;
    // Without flow control no stray ^S can stop the output; IUTF8 makes backspace remove whole characters.
    settings.input_flags.remove(InputFlags::IXON);
    settings.input_flags.insert(InputFlags::IUTF8);
    termios::tcsetattr(slave, SetArg::TCSANOW, &settings)?;
    if let Some(owner) = owner.filter(|_| Uid::effective().is_root()) {
        fchown(slave, Some(Uid::from_raw(owner.uid)), None)?;
    }
    Ok(settings)
}

fn run_as(command: &mut Command, owner: Option<Owner>) {
    if let Some(owner) = owner.filter(|_| Uid::effective().is_root()) {
        command.uid(owner.uid).gid(owner.gid);
    }
}

/// Makes a program that the host starts for the shell's user independent of the host's terminal and signals,
/// and unable to gain privileges.
pub(crate) fn detach(command: &mut Command) {
    let prepare = || {
        nix::unistd::setsid()?;
        nix::sys::prctl::set_no_new_privs()?;
        close_others();
        reset_signals();
        Ok(())
    };
    // SAFETY: between fork and exec only async-signal-safe system calls are made, and nothing is allocated
    // or locked.
    unsafe { command.pre_exec(prepare) };
}

/// Both ends, closed on exec from the start: other threads may fork at any moment.
fn open_pair(size: Size) -> io::Result<(OwnedFd, OwnedFd)> {
    let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let path = ptsname_r(&master)?;
    let slave = nix::fcntl::open(
        path.as_str(),
        OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC,
        nix::sys::stat::Mode::empty(),
    )?;
    let master = OwnedFd::from(master);
    resize(&master, size)?;
    Ok((master, slave))
}

/// Runs in the child, as the shell's user, with the terminal on descriptors 1 and 2.
fn begin_session() -> io::Result<()> {
    nix::unistd::setsid()?;
    nix::sys::prctl::set_no_new_privs()?;
    // Programs that leave the session and lose their parent become the shell's children, which it reaps: so
    // everything that it started can be found below it.
    nix::sys::prctl::set_child_subreaper(true)?;
    close_others();
    // SAFETY: a plain system call on a descriptor that is open here.
    if unsafe { libc::ioctl(1, libc::TIOCSCTTY, 0) } < 0 {
        return Err(io::Error::last_os_error());
    }
    reset_signals();
    Ok(())
}

/// The same for the agent's shell, which has a private pipe.
fn prepare_child(control: RawFd) -> io::Result<()> {
    begin_session()?;
    // SAFETY: plain system calls on descriptors that are open here. The control pipe is moved first: it
    // may itself be number 60. `dup2` onto the same number would keep close-on-exec, hence the `fcntl`.
    unsafe {
        if libc::dup2(control, CONTROL_FD) < 0
            || libc::fcntl(CONTROL_FD, libc::F_SETFD, 0) < 0
            || libc::dup2(1, TERMINAL_FD) < 0
        {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// What the host itself inherited by mistake is none of its children's business. On exec only, because the
/// standard library still reports through a pipe of its own. Kernels before 5.11 cannot; it does not matter
/// there, as the host opens nothing without close-on-exec.
fn close_others() {
    // SAFETY: marking descriptors is a plain system call.
    unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC) };
}

/// Signals that the host ignores would otherwise stay ignored in all children.
fn reset_signals() {
    for signal in 1..32 {
        // SAFETY: restoring a default handler is a plain system call and touches no memory.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}
