//! `Log`: the log lines of one test's site and tenant, at the level of production.
//! Each test has a thread of its own, so the lines of other tests are not captured; neither are those of threads that a
//! library starts.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::Once;

use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

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
        let filter = Targets::new().with_default(LevelFilter::INFO).with_target("sqlx", LevelFilter::WARN);
        let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| ToThisThread);
        tracing_subscriber::registry().with(lines.with_filter(filter)).init();
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
