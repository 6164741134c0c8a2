//! The system's limit on this process's file descriptors, and how many connections it leaves room for.

use std::io;

/// At most this many connections, whatever the limit is: each costs some memory.
const MAX_CONNECTIONS: usize = 16_384;
/// At least this many, however low the limit is; below it, the site could hardly serve one browser.
const MIN_CONNECTIONS: usize = 8;
/// The stores' files and connections, the ports, connections that wait to be served, and the runtime: about 60 in all.
const MIN_RESERVE: usize = 64;
/// Each sign-in needs a connection to the issuer for a moment.
const MAX_RESERVE: usize = 1024;

/// Raises the soft limit of this process to its hard limit. Systems set the soft one low for the sake of programs that
/// use `select`, and leave it to others to raise it.
#[cfg(unix)]
pub fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let found = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: found.maximum, ..found }) {
        tracing::debug!(%error, ?found, "the limit on file descriptors stays as it is");
    }
}

/// Does nothing: this system has no such limit.
#[cfg(not(unix))]
pub fn raise_descriptor_limit() {}

/// How many connections the limit leaves room for, as it is now.
pub(super) fn room() -> usize {
    limit().map_or(MAX_CONNECTIONS, room_within)
}

#[cfg(unix)]
fn limit() -> Option<usize> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current?;
    Some(usize::try_from(limit).unwrap_or(usize::MAX))
}

#[cfg(not(unix))]
fn limit() -> Option<usize> {
    None
}

fn room_within(limit: usize) -> usize {
    let reserve = (limit / 8).clamp(MIN_RESERVE, MAX_RESERVE);
    limit.saturating_sub(reserve).clamp(MIN_CONNECTIONS, MAX_CONNECTIONS)
}

/// Fewer than there are connections: for when not even those leave a descriptor free.
pub(super) fn room_below(connections: usize) -> usize {
    connections.saturating_sub(connections / 8 + 1).max(MIN_CONNECTIONS)
}

/// Whether an accept failed because the process, or the system, has no descriptor left.
#[cfg(unix)]
pub(super) fn are_lacking(error: &io::Error) -> bool {
    use rustix::io::Errno;
    matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
}

#[cfg(not(unix))]
pub(super) fn are_lacking(_: &io::Error) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_limit_is_kept_for_stores_and_issuer() {
        for (limit, room) in [(16, 8), (128, 64), (256, 192), (1024, 896), (4096, 3584), (1 << 20, MAX_CONNECTIONS)] {
            assert_eq!(room_within(limit), room, "{limit}");
        }
    }
}
