//! `JsonLines`: the log as one JSON object a line.
//!
//! | field | contents |
//! | --- | --- |
//! | `time` | RFC 3339, UTC, with microseconds |
//! | `level` | `ERROR`, `WARN`, `INFO`, `DEBUG` or `TRACE` |
//! | `target` | the module, or `access`, or `audit` |
//! | `message` | the sentence, where there is one |
//! | any other | a field of the event by its own name, a field of a span as `SPAN.FIELD`: `request.id` |
//! | `trace_id` | of the request's trace, 32 hexadecimal digits, where there is one ([trace context in logs]) |
//!
//! Numbers and truth values are such in JSON, all else is text. No name stands twice: the event's field comes before a
//! span's, and that of an inner span before an outer one's.
//!
//! [trace context in logs]: https://opentelemetry.io/docs/specs/otel/compatibility/logging_trace_context/

use std::borrow::Cow;
use std::fmt::Debug;
use std::io::Write;

use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// What the records of the crate `log` have as target; their own one is a field.
const TARGET_OF_LOG: &str = "log";
/// Such a record's own target.
const LOG_TARGET: &str = "log.target";
/// The field of a span that keeps its name, because log systems look for it.
const TRACE_ID: &str = "trace_id";

/// Writes each event as a line, at once.
pub(super) struct JsonLines<W>(W);

impl<W> JsonLines<W> {
    pub(super) fn new(writer: W) -> Self {
        Self(writer)
    }
}

/// Fields of a span or an event, in the order in which they were recorded.
#[derive(Default)]
struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    /// A value that is recorded again takes the place of the earlier one.
    fn set(&mut self, field: &Field, value: Value) {
        match self.0.iter_mut().find(|(name, _)| *name == field.name()) {
            Some((_, known)) => *known = value,
            None => self.0.push((field.name(), value)),
        }
    }

    /// Removes a field.
    fn take(&mut self, name: &str) -> Option<Value> {
        let place = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.remove(place).1)
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.set(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value.into());
    }
}

/// One line: names, each once, and their values.
#[derive(Default)]
struct Line(Vec<(Cow<'static, str>, Value)>);

impl Line {
    fn add(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        let name = name.into();
        if !self.0.iter().any(|(known, _)| *known == name) {
            self.0.push((name, value.into()));
        }
    }

    fn bytes(&self) -> serde_json::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(512);
        let mut json = serde_json::Serializer::new(&mut bytes);
        let mut object = json.serialize_map(Some(self.0.len()))?;
        self.0.iter().try_for_each(|(name, value)| object.serialize_entry(name, value))?;
        object.end()?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

fn now() -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = SystemTime.format_time(&mut Writer::new(&mut text));
    text
}

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let (metadata, mut fields, mut line) = (event.metadata(), Fields::default(), Line::default());
        event.record(&mut fields);
        let own_target = fields.take(LOG_TARGET).filter(|_| metadata.target() == TARGET_OF_LOG);
        line.add("time", now());
        line.add("level", metadata.level().as_str());
        line.add("target", own_target.unwrap_or_else(|| metadata.target().into()));
        if let Some(message) = fields.take("message") {
            line.add("message", message);
        }
        for (name, value) in fields.0 {
            line.add(name, value);
        }
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(Fields(fields)) = span.extensions().get::<Fields>() {
                for (name, value) in fields {
                    let is_own = *name == TRACE_ID;
                    let name = if is_own { (*name).into() } else { Cow::from(format!("{}.{name}", span.name())) };
                    line.add(name, value.clone());
                }
            }
        }
        if let Ok(bytes) = line.bytes() {
            // Where nobody reads the log, the program goes on.
            let _ = self.0.make_writer().write_all(&bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use time::OffsetDateTime;
    use time::format_description::well_known::Rfc3339;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    /// Each call of `write` as one text.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<String>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let text = String::from_utf8(bytes.to_vec()).expect("JSON is text");
            self.0.lock().expect("no test panics with it").push(text);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(log: impl FnOnce()) -> Vec<String> {
        let written = Written::default();
        let writer = written.clone();
        let subscriber = tracing_subscriber::registry().with(JsonLines::new(move || writer.clone()));
        tracing::subscriber::with_default(subscriber, log);
        written.0.lock().expect("as above").clone()
    }

    fn object(log: impl FnOnce()) -> Value {
        let lines = logged(log);
        assert_eq!(lines.len(), 1, "{lines:?}");
        serde_json::from_str(&lines[0]).expect("a line is an object")
    }

    #[test]
    fn an_event_is_one_flat_object_with_the_fields_of_its_spans() {
        let line = object(|| {
            let span = tracing::info_span!("request", id = "x", trace_id = tracing::field::Empty, count = 1);
            span.record("trace_id", "4bf9");
            span.record("count", 2);
            span.in_scope(
                || tracing::warn!(target: "audit", ok = true, status = 200_u16, took = 1.5, "it {}", "failed"),
            );
        });
        let time = line["time"].as_str().expect("a text");
        assert!(time.ends_with('Z') && OffsetDateTime::parse(time, &Rfc3339).is_ok(), "{time}");
        let expected = serde_json::json!({
            "time": time, "level": "WARN", "target": "audit", "message": "it failed", "ok": true, "status": 200,
            "took": 1.5, "request.id": "x", "request.count": 2, "trace_id": "4bf9",
        });
        assert_eq!(line, expected);
    }

    #[test]
    fn whatever_a_text_contains_a_line_stays_one_line() {
        let text = "a\"b\\c\n\r\u{1b}[31m\u{2028}\u{e9}\0";
        let lines = logged(|| tracing::error!(text, quoted = ?text, shown = %text, "{text}"));
        assert_eq!(lines.len(), 1, "a line is written at once: {lines:?}");
        assert_eq!(lines[0].matches('\n').count(), 1, "{lines:?}");
        assert!(lines[0].chars().all(|character| character == '\n' || !character.is_control()), "{lines:?}");
        let line: Value = serde_json::from_str(&lines[0]).expect("a line is an object");
        assert_eq!([&line["text"], &line["shown"], &line["message"]], [text; 3]);
    }

    #[test]
    fn no_name_stands_twice() {
        let line = logged(|| {
            let outer = tracing::info_span!("request", id = "outer");
            let inner = outer.in_scope(|| tracing::info_span!("request", id = "inner"));
            inner.in_scope(|| tracing::info!(level = "forged", target = "forged", time = "forged", "message"));
        });
        for name in ["level", "target", "time", "request.id"] {
            assert_eq!(line[0].matches(&format!("\"{name}\":")).count(), 1, "{line:?}");
        }
        assert!(line[0].contains("inner") && !line[0].contains("forged"), "{line:?}");
    }

    #[test]
    fn a_number_that_json_lacks_is_null() {
        assert_eq!(object(|| tracing::info!(number = f64::NAN))["number"], Value::Null);
    }
}
