//! `Log`: the log lines of one test's site and tenant, at the level of production.
//! Each test has a thread of its own, so the lines of other tests are not captured; neither are those of threads that a
//! library starts.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::Once;

use tracing_subscriber::EnvFilter;

thread_local! {
    static LINES: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

struct ToThisThread;

impl Write for ToThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.as_mut().map(|lines| lines.extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Must run before the first request of any test: `tracing` may go on skipping log statements that it first met without
/// a subscriber.
pub(super) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let filter = EnvFilter::new("info,sqlx=warn");
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(|| ToThisThread).init();
    });
}

/// The log of this thread since [`Log::capture`].
pub struct Log;

impl Log {
    /// Begins to capture.
    pub fn capture() -> Self {
        listen();
        LINES.set(Some(Vec::new()));
        Self
    }

    pub fn text(&self) -> String {
        LINES.with_borrow(|lines| String::from_utf8(lines.clone().unwrap_or_default()).unwrap())
    }

    /// The lines that contain a text.
    pub fn lines_with(&self, part: &str) -> Vec<String> {
        self.text().lines().filter(|line| line.contains(part)).map(str::to_owned).collect()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        LINES.set(None);
    }
}
