//! `Settings`: looks up variables by all their names and collects everything that is wrong with them, and which of them
//! are set: a setting that is read is on that list.
//! The meaning and the default of each setting are in `config`.

use std::cell::RefCell;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use url::Url;

use super::{Config, LogFormat, Problems};
use crate::api::diagnosis::Setting;

type Variables<'a> = Box<dyn Fn(&str) -> Option<String> + 'a>;
type Files<'a> = Box<dyn Fn(&Path) -> std::io::Result<String> + 'a>;
type Hosts<'a> = Box<dyn Fn(&str) -> std::io::Result<Vec<IpAddr>> + 'a>;

/// A source of variables, with the problems found so far.
pub(super) struct Settings<'a> {
    variable: Variables<'a>,
    read_file: Files<'a>,
    resolve: Hosts<'a>,
    problems: Vec<String>,
    /// Every setting that was looked up, each once, in the order of the first look.
    looked_up: RefCell<Vec<Setting>>,
}

impl<'a> Settings<'a> {
    pub(super) fn new(
        variable: impl Fn(&str) -> Option<String> + 'a,
        read_file: impl Fn(&Path) -> std::io::Result<String> + 'a,
        resolve: impl Fn(&str) -> std::io::Result<Vec<IpAddr>> + 'a,
    ) -> Self {
        Self {
            variable: Box::new(variable),
            read_file: Box::new(read_file),
            resolve: Box::new(resolve),
            problems: Vec::new(),
            looked_up: RefCell::default(),
        }
    }

    /// The addresses of a host.
    pub(super) fn resolve(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        (self.resolve)(host)
    }

    pub(super) fn problem(&mut self, problem: String) {
        self.problems.push(problem);
    }

    pub(super) fn finish(self, config: Config) -> Result<Config, Problems> {
        let config = Config { settings: self.looked_up.into_inner(), ..config };
        if self.problems.is_empty() {
            return Ok(config);
        }
        Err(Problems { texts: self.problems, log_format: config.log_format })
    }

    /// As [`Self::finish`], for some of the settings.
    pub(super) fn finish_part<T>(self, part: T) -> Result<T, Problems> {
        if self.problems.is_empty() {
            return Ok(part);
        }
        // Only commands need a part of the settings, and they report in words of their own.
        Err(Problems { texts: self.problems, log_format: LogFormat::default() })
    }

    /// The value under any of the names; empty and blank count as unset. Two names with different values are a problem.
    pub(super) fn one_of(&mut self, names: &[&str]) -> Option<String> {
        let set = names.iter().filter_map(|name| Some((*name, self.value(name)?))).collect();
        self.agreed(set)
    }

    /// The value that all these names have.
    fn agreed(&mut self, set: Vec<(&str, String)>) -> Option<String> {
        let (first_name, first) = set.first()?.clone();
        if let Some((other, _)) = set.iter().find(|(_, value)| *value != first) {
            self.problem(format!(
                "{first_name} and {other} are set to different values: they mean the same, keep one."
            ));
        }
        Some(first)
    }

    fn value(&self, name: &str) -> Option<String> {
        let value = self.unlisted_value(name);
        self.list(name, || value.clone());
        value
    }

    /// As [`Self::value`], of a secret.
    fn secret_value(&self, name: &str) -> Option<String> {
        let value = self.unlisted_value(name);
        self.list(name, || value.is_some().then(Setting::hidden));
        value
    }

    fn unlisted_value(&self, name: &str) -> Option<String> {
        (self.variable)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn list(&self, name: &str, value: impl FnOnce() -> Option<String>) {
        let mut looked_up = self.looked_up.borrow_mut();
        if !looked_up.iter().any(|setting| setting.name == name) {
            looked_up.push(Setting::of(name, value()));
        }
    }

    pub(super) fn is_set(&self, name: &str) -> bool {
        self.unlisted_value(name).is_some()
    }

    /// A secret: the value under any of the names, or the content of the file that the setting `file_name` names;
    /// `content` says in a sentence what the file holds. The text of a problem never contains the secret.
    pub(super) fn secret(&mut self, names: &[&str], file_name: &str, content: &str) -> Option<String> {
        let set = names.iter().filter_map(|name| Some((*name, self.secret_value(name)?))).collect();
        let direct = self.agreed(set);
        let Some(path) = self.value(file_name) else { return direct };
        let from_file = match (self.read_file)(Path::new(&path)) {
            Ok(text) if !text.trim().is_empty() => text.trim().to_owned(),
            Ok(_) => {
                self.problem(format!("{file_name} names {path:?}, which is empty: put {content} into it."));
                return direct;
            }
            Err(error) => {
                self.problem(format!(
                    "{file_name} names {path:?}, which cannot be read ({error}): name a file that holds {content}."
                ));
                return direct;
            }
        };
        if direct.as_ref().is_some_and(|direct| *direct != from_file) {
            self.problem(format!("{} and the file at {file_name} hold different values: keep one.", names[0]));
        }
        Some(from_file)
    }

    /// An absolute http or https URL.
    pub(super) fn url(&mut self, names: &[&str], default: &Url) -> Url {
        let Some(text) = self.one_of(names) else { return default.clone() };
        match Url::parse(&text) {
            Ok(url) if url.has_host() && matches!(url.scheme(), "http" | "https") => url,
            _ => {
                self.problem(format!(
                    "{} is {text:?}, which is not an http or https URL: write for example {default}.",
                    names[0]
                ));
                default.clone()
            }
        }
    }

    /// Whole seconds within a range.
    pub(super) fn seconds(&mut self, name: &str, allowed: RangeInclusive<Duration>, default: Duration) -> Duration {
        let Some(text) = self.one_of(&[name]) else { return default };
        match text.parse().map(Duration::from_secs) {
            Ok(duration) if allowed.contains(&duration) => duration,
            _ => {
                let (least, most) = (allowed.start().as_secs(), allowed.end().as_secs());
                self.problem(format!("{name} is {text:?}: write whole seconds, from {least} to {most}."));
                default
            }
        }
    }
}
