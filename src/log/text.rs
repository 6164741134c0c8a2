//! `PlainFields`: the fields of the log in text where it is no terminal, without the cost of the library's own writer.

use std::fmt::{Debug, Result};

use tracing::field::{Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;

/// Fields as `name=value`, texts in quotation marks. The library's own writer handles colors and escapes each character
/// also where there is none, for each request's span: a tenth of the cost of a small response.
pub(super) struct PlainFields;

impl<'writer> FormatFields<'writer> for PlainFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> Result {
        let mut fields_writer = FieldsWriter { writer, is_first: true, written: Ok(()) };
        fields.record(&mut fields_writer);
        fields_writer.written
    }
}

struct FieldsWriter<'writer> {
    writer: Writer<'writer>,
    is_first: bool,
    written: Result,
}

impl FieldsWriter<'_> {
    fn write(&mut self, field: &Field, write_value: impl FnOnce(&mut Writer<'_>) -> Result) {
        // Where a line of the crate `log` comes from. Its target stands at the line's beginning.
        if field.name().starts_with("log.") {
            return;
        }
        let separator = if std::mem::take(&mut self.is_first) { "" } else { " " };
        let (name, equals) = if field.name() == "message" { ("", "") } else { (field.name(), "=") };
        let writer = &mut self.writer;
        self.written = self.written.and_then(|()| {
            [separator, name, equals].into_iter().try_for_each(|part| writer.write_str(part))?;
            write_value(writer)
        });
    }
}

impl Visit for FieldsWriter<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        let is_plain = value.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\');
        if !is_plain {
            return self.record_debug(field, &value);
        }
        self.write(field, |writer| ["\"", value, "\""].into_iter().try_for_each(|part| writer.write_str(part)));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.write(field, |writer| write!(writer, "{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no test panics with it").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What two writers log of the same events.
    fn logged(log: impl Fn()) -> [String; 2] {
        let plain = Lines::default();
        let own = Lines::default();
        let builder = |lines: &Lines| {
            let lines = lines.clone();
            tracing_subscriber::fmt().without_time().with_ansi(false).with_writer(move || lines.clone())
        };
        tracing::subscriber::with_default(builder(&plain).finish(), &log);
        tracing::subscriber::with_default(builder(&own).fmt_fields(PlainFields).finish(), &log);
        [plain, own].map(|lines| String::from_utf8(lines.0.lock().expect("as above").clone()).expect("a log is text"))
    }

    #[test]
    fn fields_look_as_the_librarys_own_writer_writes_them() {
        let [library, own] = logged(|| {
            let path = "/a\"b\\c\n\u{1b}[31m\u{e9}";
            let span = tracing::info_span!("request", id = "x", method = "GET", path);
            span.in_scope(|| tracing::warn!(count = 3, error = %"broken\nin two", "something failed: {}", "why"));
            tracing::info!(path, quoted = ?path, "again");
            tracing::info!(nothing = tracing::field::Empty, "plain");
            tracing::info!(log.line = 1, "of another crate");
        });
        assert!(own.contains(r#"request{id="x" method="GET" path="#), "{own}");
        assert_eq!(own, library);
    }
}
