//! Waiting for descriptors, which the standard library has no word for.

use std::os::raw::{c_int, c_short, c_ulong};
use std::os::unix::io::RawFd;
use std::time::Duration;

#[repr(C)]
struct PollFd {
    fd: c_int,
    events: c_short,
    revents: c_short,
}

extern "C" {
    fn poll(fds: *mut PollFd, count: c_ulong, timeout: c_int) -> c_int;
}

const POLLIN: c_short = 1;

/// Waits until one of the descriptors is readable; returns those that are. A
/// signal ends the wait with none.
pub fn readable(fds: &[RawFd], timeout: Option<Duration>) -> Vec<RawFd> {
    let mut entries: Vec<PollFd> =
        fds.iter().map(|&fd| PollFd { fd, events: POLLIN, revents: 0 }).collect();
    let timeout = timeout.map_or(-1, |time| time.as_millis() as c_int);
    if unsafe { poll(entries.as_mut_ptr(), entries.len() as c_ulong, timeout) } <= 0 {
        return Vec::new();
    }
    entries.iter().filter(|entry| entry.revents != 0).map(|entry| entry.fd).collect()
}
