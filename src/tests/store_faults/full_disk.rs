//! A full disk for one process: its files may not grow beyond a size, and writing beyond it fails.
//! The rest of the machine is not affected. The process must ignore SIGXFSZ, as all processes of the harness do.

use std::process::Command;

/// Limits the files of a process to this number of bytes; `None` removes the limit. `user` is the beginning of a
/// command that runs as the process' user.
pub fn limit_files(user: &[&str], process: u32, bytes: Option<u64>) {
    let limit = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
    // This changes the soft limit only, which may be raised again.
    let limiting = ["prlimit", "--pid", &process.to_string(), &format!("--fsize={limit}:")];
    let command = [user, &limiting].concat();
    assert!(Command::new(command[0]).args(&command[1..]).status().unwrap().success(), "{command:?}");
}
