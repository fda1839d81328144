//! Listening sockets as `/proc` shows them.

use std::collections::BTreeMap;

/// The state of a socket that listens, in `/proc/net/tcp`.
const LISTENS: &str = "0A";

/// Every listening TCP socket that can be reached from this machine: its inode and its port.
pub(super) fn listening() -> BTreeMap<u64, u16> {
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .into_iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .flat_map(|table| table.lines().filter_map(parse).collect::<Vec<_>>())
        .collect()
}

/// The ports among `sockets` that these processes hold, ascending. Must run with the permissions of their user.
pub(super) fn of_processes(sockets: &BTreeMap<u64, u16>, processes: &[i32]) -> Vec<u16> {
    let mut ports: Vec<u16> = processes
        .iter()
        .filter_map(|id| std::fs::read_dir(format!("/proc/{id}/fd")).ok())
        .flat_map(Iterator::flatten)
        .filter_map(|descriptor| std::fs::read_link(descriptor.path()).ok())
        .filter_map(|target| inode(target.to_str()?))
        .filter_map(|inode| sockets.get(&inode).copied())
        .collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// `socket:[12345]`.
fn inode(target: &str) -> Option<u64> {
    target.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

/// `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …`, addresses in hexadecimal.
fn parse(line: &str) -> Option<(u64, u16)> {
    let mut fields = line.split_ascii_whitespace();
    let local = fields.nth(1)?;
    let state = fields.nth(1)?;
    let inode = fields.nth(5)?.parse().ok()?;
    let (_, port) = local.rsplit_once(':')?;
    (state == LISTENS).then_some((inode, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_both_kinds_are_read() {
        let four = "   0: 0100007F:1435 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 \
                    24681 1 0000000000000000 100 0 0 10 0";
        let six = "   0: 00000000000000000000000000000000:0BB8 00000000000000000000000000000000:0000 0A \
                   00000000:00000000 00:00000000 00000000  1000        0 777 1 0000000000000000 100 0 0 10 0";
        assert_eq!(parse(four), Some((24681, 5173)));
        assert_eq!(parse(six), Some((777, 3000)));
        assert_eq!(parse(&four.replace(" 0A ", " 01 ")), None);
        assert_eq!(
            parse("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt"),
            None
        );
    }

    #[test]
    fn own_sockets_are_found() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let own = i32::try_from(std::process::id()).expect("a process id");
        assert!(of_processes(&listening(), &[own]).contains(&port));
        drop(listener);
        assert!(!of_processes(&listening(), &[own]).contains(&port));
    }
}
