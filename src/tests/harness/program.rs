//! `Program`: the real binary as a child process, in a folder and an environment of its own. It waits for the program's
//! output, never longer than a deadline.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

const DEADLINE: Duration = Duration::from_secs(20);
/// A process that exceeds the size limit of a file gets an error, as with a full disk, and not a signal that ends it.
const WITHOUT_SIZE_SIGNAL: &str = r#"trap '' XFSZ; exec "$@""#;

/// A running program; it is killed with this value.
pub struct Program {
    child: Child,
    lines: Receiver<Line>,
    stdout: String,
    stderr: String,
    asked_to_end: Instant,
}

enum Line {
    Out(String),
    Err(String),
}

/// How a program ended, and everything it printed.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    /// Since it was started or asked to stop.
    pub took: Duration,
}

/// The address of a site on a port that was free.
pub struct Address {
    pub url: String,
    pub port: u16,
}

impl Address {
    pub fn on_a_free_port() -> Self {
        let port = free_port();
        Self { url: format!("http://localhost:{port}"), port }
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

/// A port that is free on both loopback addresses. It is below the range from which systems assign ports to clients, so
/// that no other test gets it in the meantime.
pub fn free_port() -> u16 {
    let random = || RandomState::new().build_hasher().finish();
    let is_taken = |host| TcpListener::bind(host).is_err_and(|error| error.kind() == ErrorKind::AddrInUse);
    let mut ports = std::iter::repeat_with(|| u16::try_from(10_000 + random() % 20_000).unwrap());
    ports.find(|port| !is_taken(("127.0.0.1", *port)) && !is_taken(("::1", *port))).unwrap()
}

impl Program {
    /// Starts the program with these environment variables and a few that the system needs.
    pub fn start(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::start_under("", folder, arguments, variables)
    }

    /// As [`Self::start`], under limits that shell commands set.
    fn start_under(limits: &str, folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::start_build(env!("CARGO_BIN_EXE_kinde-leptos"), limits, folder, arguments, variables)
    }

    /// As [`Self::start_under`], of the build in this file.
    pub fn start_build(
        program: &str,
        limits: &str,
        folder: &Path,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let mut command = Command::new("sh");
        let script = format!("{limits}{WITHOUT_SIZE_SIGNAL}");
        command.args(["-c", &script, "sh", program]);
        command.args(arguments).current_dir(folder).env_clear().envs(variables.iter().copied());
        // The variables of coverage tools, the dynamic linker and temporary folders.
        for name in ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = channel();
        forward(child.stdout.take().unwrap(), sender.clone(), Line::Out);
        forward(child.stderr.take().unwrap(), sender, Line::Err);
        Self { child, lines, stdout: String::new(), stderr: String::new(), asked_to_end: Instant::now() }
    }

    /// Starts the app on a free port and waits until it is ready. Its tenant takes any port unless the variables set
    /// one.
    pub fn start_site(folder: &Path, variables: &[(&str, &str)]) -> (Self, Address) {
        let site = Address::on_a_free_port();
        let defaults = [("SITE_URL", site.url.as_str()), ("DEV_ISSUER_PORT", "0")];
        (Self::start(folder, &[], &[&defaults, variables].concat()).ready(), site)
    }

    /// As [`Self::start_site`], with these limits on file descriptors: the soft and the hard one.
    #[cfg(target_os = "linux")]
    pub fn start_site_with_descriptors(
        folder: &Path,
        (soft, hard): (u32, u32),
        variables: &[(&str, &str)],
    ) -> (Self, Address) {
        let site = Address::on_a_free_port();
        let limits = format!("ulimit -S -n {soft} && ulimit -H -n {hard} || exit; ");
        let defaults = [("SITE_URL", site.url.as_str()), ("DEV_ISSUER_PORT", "0")];
        (Self::start_under(&limits, folder, &[], &[&defaults, variables].concat()).ready(), site)
    }

    /// Waits until it has printed the whole start block, which ends with an empty line, or has logged that it is ready.
    pub fn ready(self) -> Self {
        self.ready_or_ended().unwrap_or_else(|ended| panic!("no start block: {:?}", (ended.stdout, ended.stderr)))
    }

    /// As [`Self::ready`], for a program that may refuse to start.
    pub fn ready_or_ended(mut self) -> Result<Self, Ended> {
        while !self.is_ready() && self.read_line() {}
        if self.is_ready() { Ok(self) } else { Err(self.end()) }
    }

    fn is_ready(&self) -> bool {
        let has_printed = self.stdout.contains("API docs") && self.stdout.ends_with("\n\n");
        has_printed || self.stderr.contains("\"message\":\"ready\"")
    }

    /// Waits until standard output has this text.
    pub fn read_until(&mut self, text: &str) {
        while !self.stdout.contains(text) && self.read_line() {}
        assert!(self.stdout.contains(text), "{text} is missing: {:?}", self.output());
    }

    /// Waits until the log, which is standard error, has this text.
    #[allow(dead_code, reason = "the `store_faults` target does not use this")]
    pub fn read_log_until(&mut self, text: &str) {
        while !self.stderr.contains(text) && self.read_line() {}
        assert!(self.stderr.contains(text), "{text} is missing: {:?}", self.output());
    }

    /// The standard output read so far.
    pub fn printed(&self) -> &str {
        &self.stdout
    }

    fn output(&self) -> (&str, &str) {
        (&self.stdout, &self.stderr)
    }

    /// Its command line, which every user of the machine can read.
    pub fn command_line(&self) -> String {
        let path = format!("/proc/{}/cmdline", self.child.id());
        std::fs::read_to_string(path).unwrap_or_default()
    }

    /// How the system describes the process, with its memory.
    #[cfg(target_os = "linux")]
    pub fn status(&self) -> String {
        std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default()
    }

    /// Sends a signal and waits for the end.
    pub fn stop(mut self, signal: &str) -> Ended {
        self.asked_to_end = Instant::now();
        let script = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
        self.end()
    }

    /// Waits for the end.
    pub fn end(mut self) -> Ended {
        while self.read_line() {}
        // Both pipes are closed, so this does not wait long.
        let code = self.child.wait().unwrap().code();
        let (stdout, stderr) = (std::mem::take(&mut self.stdout), std::mem::take(&mut self.stderr));
        Ended { code, stdout, stderr, took: self.asked_to_end.elapsed() }
    }

    /// Whether there was another line before the end.
    fn read_line(&mut self) -> bool {
        match self.lines.recv_timeout(DEADLINE) {
            Ok(line) => self.keep(line),
            Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => panic!("silent for {DEADLINE:?} after {:?}", self.output()),
        }
        true
    }

    fn keep(&mut self, line: Line) {
        match line {
            Line::Out(line) => self.stdout.push_str(&line),
            Line::Err(line) => self.stderr.push_str(&line),
        }
    }
}

#[allow(dead_code, reason = "not every test target uses both")]
impl Program {
    /// The log so far, which is standard error.
    pub fn logged(&mut self) -> &str {
        while let Ok(line) = self.lines.try_recv() {
            self.keep(line);
        }
        &self.stderr
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends every line, with its end, until the pipe is closed.
fn forward(pipe: impl Read + Send + 'static, lines: Sender<Line>, as_line: fn(String) -> Line) {
    std::thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut line = String::new();
        while pipe.read_line(&mut line).is_ok_and(|length| length > 0) && lines.send(as_line(line)).is_ok() {
            line = String::new();
        }
    });
}
