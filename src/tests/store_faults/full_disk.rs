//! A disk that is full, as a process sees it: its files may not grow beyond a size, and writing there fails.
//! Nothing else on the machine is affected. (The process must ignore SIGXFSZ, as all do that the harness starts.)

use std::process::Command;

/// Lets the files of a process grow to this many bytes and no further; to any size with `None`. `user` is the beginning
/// of a command that runs as the process' user does.
pub fn limit_files(user: &[&str], process: u32, bytes: Option<u64>) {
    let limit = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
    // Only the soft limit, which may be raised again.
    let limiting = ["prlimit", "--pid", &process.to_string(), &format!("--fsize={limit}:")];
    let command = [user, &limiting].concat();
    assert!(Command::new(command[0]).args(&command[1..]).status().unwrap().success(), "{command:?}");
}
