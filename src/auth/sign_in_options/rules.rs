//! The rules of each parameter of a sign-in link: its characters, its length, and the values it may have.

use super::{
    CONNECTION_ID, INVITATION_CODE, IS_CREATE_ORG, LANG, LOGIN_HINT, MAX_AGE, ORG_CODE, ORG_NAME, PAGES_MODE,
    PLAN_INTEREST, PRICING_TABLE_KEY, PROMPT, WORKFLOW_DEPLOYMENT_ID,
};

/// The longest value, in bytes.
const MAX_BYTES: usize = 255;
/// The longest age of an authentication, in seconds: 365 days.
pub(super) const LONGEST_AGE: u64 = 31_536_000;
/// How many marketing tags one sign-in may have.
pub(super) const MAX_MARKETING_TAGS: usize = 20;

/// A parameter and the values it may have.
pub(super) struct Rule {
    pub(super) name: &'static str,
    form: Form,
}

enum Form {
    /// Any text.
    Text,
    /// `[A-Za-z0-9_:.-]+`: codes, keys and ids of Kinde.
    Code,
    /// A language tag.
    Language,
    /// Seconds, written without a sign and without leading zeros, up to [`LONGEST_AGE`].
    Age,
    /// One of these.
    OneOf(&'static [&'static str]),
}

/// All parameters but marketing tags.
const RULES: [Rule; 13] = [
    Rule { name: CONNECTION_ID, form: Form::Code },
    Rule { name: INVITATION_CODE, form: Form::Code },
    Rule { name: IS_CREATE_ORG, form: Form::OneOf(&["true"]) },
    Rule { name: LANG, form: Form::Language },
    Rule { name: LOGIN_HINT, form: Form::Text },
    Rule { name: MAX_AGE, form: Form::Age },
    Rule { name: ORG_CODE, form: Form::Code },
    Rule { name: ORG_NAME, form: Form::Text },
    Rule { name: PAGES_MODE, form: Form::OneOf(&["preview"]) },
    Rule { name: PLAN_INTEREST, form: Form::Code },
    Rule { name: PRICING_TABLE_KEY, form: Form::Code },
    Rule { name: PROMPT, form: Form::OneOf(&["login", "create", "none"]) },
    Rule { name: WORKFLOW_DEPLOYMENT_ID, form: Form::Code },
];

/// The tags that Kinde's own kits forward: these names, and all names that begin with one of [`MARKETING_PREFIXES`].
const MARKETING_TAGS: [&str; 15] = [
    "ad_group_id",
    "ad_position",
    "campaign_id",
    "click_id",
    "creative",
    "device",
    "fbclid",
    "gclid",
    "keyword",
    "li_fat_id",
    "match_type",
    "msclkid",
    "network",
    "ttclid",
    "twclid",
];
const MARKETING_PREFIXES: [&str; 2] = ["utm_", "hsa_"];
/// The longest rest of a name after such a prefix, in bytes.
const MAX_SUFFIX_BYTES: usize = 32;

impl Rule {
    /// The rule of the parameter with this name.
    pub(super) fn of(name: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.name == name)
    }

    pub(super) fn accepts(&self, value: &str) -> bool {
        is_text(value)
            && match self.form {
                Form::Text => true,
                Form::Code => is_code(value),
                Form::Language => is_language_tag(value),
                Form::Age => is_age(value),
                Form::OneOf(values) => values.contains(&value),
            }
    }
}

/// Whether a text is short enough and without control characters.
pub(super) fn is_text(value: &str) -> bool {
    value.len() <= MAX_BYTES && !value.chars().any(char::is_control)
}

fn is_code(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_:.-".contains(&byte))
}

fn is_age(value: &str) -> bool {
    value.parse::<u64>().is_ok_and(|seconds| seconds <= LONGEST_AGE && seconds.to_string() == value)
}

/// The shape of RFC 5646 §2.1: a language of two to eight letters, then subtags of one to eight letters and digits.
pub(in crate::auth) fn is_language_tag(value: &str) -> bool {
    let mut subtags = value.split('-');
    let is_language =
        |language: &str| (2..=8).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_subtag =
        |subtag: &str| (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric());
    value.len() <= MAX_BYTES && subtags.next().is_some_and(is_language) && subtags.all(is_subtag)
}

/// Whether this is the name of a marketing tag.
pub(super) fn is_marketing_tag(name: &str) -> bool {
    let is_suffix = |suffix: &str| {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        (1..=MAX_SUFFIX_BYTES).contains(&suffix.len()) && suffix.bytes().all(is_plain)
    };
    MARKETING_TAGS.contains(&name)
        || MARKETING_PREFIXES.iter().any(|prefix| name.strip_prefix(prefix).is_some_and(is_suffix))
}
