//! Which host ports an instance gets.

use std::net::{Ipv4Addr, TcpListener};

use slipway_protocol::api::UsualPorts;

use crate::state::{InstanceNumber, Ports};

/// How many ports are tried when the usual one is taken.
const ATTEMPTS: u16 = 200;

/// No port was free.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "none of the ports {first} to {last} is free on 127.0.0.1; stop a program that listens on one of them"
)]
pub(crate) struct NoFreePort {
    first: u16,
    last: u16,
}

/// The usual ports of an instance.
pub(crate) fn usual(instance: InstanceNumber) -> Ports {
    let UsualPorts { ui, desktop } = UsualPorts::of_instance(instance.get());
    Ports { ui, desktop }
}

/// The usual ports where they are free, else the next ones that are. `taken` is asked for each candidate.
pub(crate) fn choose(instance: InstanceNumber, taken: impl Fn(u16) -> bool) -> Result<Ports, NoFreePort> {
    let usual = usual(instance);
    // The two ranges lie further apart than they are long.
    Ok(Ports { ui: next_free(usual.ui, &taken)?, desktop: next_free(usual.desktop, &taken)? })
}

/// Whether a program on this machine listens on a port of the loopback address.
pub(crate) fn is_taken(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err()
}

fn next_free(first: u16, taken: impl Fn(u16) -> bool) -> Result<u16, NoFreePort> {
    let last = first.saturating_add(ATTEMPTS);
    (first..=last).find(|port| !taken(*port)).ok_or(NoFreePort { first, last })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(number: u32) -> InstanceNumber {
        number.to_string().parse().unwrap()
    }

    #[test]
    fn instances_are_ten_ports_apart() {
        assert_eq!(usual(instance(1)), Ports { ui: 3000, desktop: 6080 });
        assert_eq!(usual(instance(2)), Ports { ui: 3010, desktop: 6090 });
        assert_eq!(usual(instance(1000)), Ports { ui: 12990, desktop: 16070 });
    }

    #[test]
    fn a_taken_port_is_passed_over() {
        let ports = choose(instance(1), |port| port == 3000 || port == 3001 || port == 6080);
        assert_eq!(ports, Ok(Ports { ui: 3002, desktop: 6081 }));
    }

    #[test]
    fn all_taken_is_said() {
        let error = choose(instance(1), |_| true).unwrap_err();
        assert!(error.to_string().contains("3000 to 3200"), "{error}");
    }

    #[test]
    fn a_listening_port_is_taken() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        assert!(is_taken(listener.local_addr().unwrap().port()));
    }
}
