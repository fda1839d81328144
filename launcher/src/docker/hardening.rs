//! What both containers are denied whatever they run.

use bollard::models::SystemInfo;

/// System calls that containers may make: the list that current Docker engines use by themselves, shipped
/// because older ones let io_uring and AF_VSOCK through (moby/profiles, `seccomp/default.json`).
const SYSTEM_CALLS: &str = include_str!("../../../docker/seccomp.json");

/// Security options for a container on this machine.
pub(super) fn security_options(machine: &SystemInfo) -> Vec<String> {
    let mut options = vec!["no-new-privileges:true".to_owned()];
    // An engine on a kernel without the filter refuses to start a container that asks for one.
    if machine.security_options.iter().flatten().any(|option| option.contains("name=seccomp")) {
        options.push(format!("seccomp={SYSTEM_CALLS}"));
    }
    options
}

/// Processor time for the sandbox in billionths of a processor: `percent` of one, or for 0 all but half a
/// processor, so that the gateway and the person's other programs go on. `None` leaves it open where the
/// number is unknown.
pub(super) fn processor_time(machine: &SystemInfo, percent: u32) -> Option<i64> {
    const PROCESSOR: i64 = 1_000_000_000;
    if percent > 0 {
        let wanted = i64::from(percent) * PROCESSOR / 100;
        // Docker refuses more than there are.
        return Some(machine.ncpu.map_or(wanted, |count| wanted.min(count.max(1) * PROCESSOR)));
    }
    machine.ncpu.filter(|count| *count > 0).map(|count| (count * PROCESSOR - PROCESSOR / 2).max(PROCESSOR))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_only_given_to_engines_that_take_it() {
        let with = SystemInfo {
            security_options: Some(vec!["name=seccomp,profile=default".to_owned()]),
            ..SystemInfo::default()
        };
        assert!(security_options(&with)[1].starts_with("seccomp={"));
        assert_eq!(security_options(&SystemInfo::default()), ["no-new-privileges:true"]);
    }

    #[test]
    fn the_list_is_an_allow_list_without_io_uring_and_vsock() {
        let list: serde_json::Value = serde_json::from_str(SYSTEM_CALLS).unwrap();
        assert_eq!(list["defaultAction"], "SCMP_ACT_ERRNO");
        assert!(!SYSTEM_CALLS.contains("io_uring"));
        let sockets = list["syscalls"].as_array().unwrap().iter();
        let sockets: Vec<_> = sockets.filter(|rule| rule["names"][0] == "socket").collect();
        assert!(sockets.iter().all(|rule| !rule["args"].is_null()), "AF_VSOCK is 40, AF_ALG 38");
    }

    #[test]
    fn half_a_processor_is_left_to_others() {
        let machine = |ncpu| SystemInfo { ncpu, ..SystemInfo::default() };
        assert_eq!(processor_time(&machine(Some(2)), 0), Some(1_500_000_000));
        assert_eq!(processor_time(&machine(Some(1)), 0), Some(1_000_000_000));
        assert_eq!(processor_time(&machine(None), 0), None);
        assert_eq!(processor_time(&machine(Some(2)), 50), Some(500_000_000));
        assert_eq!(processor_time(&machine(Some(2)), 900), Some(2_000_000_000));
    }
}
