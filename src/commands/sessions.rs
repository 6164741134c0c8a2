//! `kinde-leptos sessions`: lists or ends a user's sessions, or ends all, while the site runs or not.

use std::process::ExitCode;

use clap::builder::NonEmptyStringValueParser;
use kinde_leptos::auth::{EndedSessions, ListedSessions, UserSession};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tracing::Instrument;

use super::confirmation::{Confirmation, ask};
use super::output::Format;
use super::progress::Progress;
use super::running_site::RunningSite;
use super::{Done, exit_code};

/// What is done with sessions.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List the sessions of a user
    ///
    /// The list has what the user sees on the account page. Nothing in it opens a session.
    List(List),
    /// End the sessions of a user, or all
    ///
    /// They end at once, on SQLite within half a second. Their tokens are revoked at the issuer. Each
    /// end is a line of the audit log, which this command writes to standard error. With --all, a
    /// sign-in under way ends without a session; a session that begins meanwhile stays, unless its user
    /// had another one.
    #[command(verbatim_doc_comment)]
    End(End),
}

/// The command line arguments of `kinde-leptos sessions list`.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// The user's id at the issuer (`sub`), as the audit log names it: kp_…
    #[arg(long, value_name = "SUBJECT", value_parser = NonEmptyStringValueParser::new())]
    user: String,
    #[command(flatten)]
    format: Format,
}

/// The command line arguments of `kinde-leptos sessions end`.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("whose").required(true)))]
pub(crate) struct End {
    /// End the sessions of this user, named by the id at the issuer (`sub`)
    #[arg(long, value_name = "SUBJECT", group = "whose", value_parser = NonEmptyStringValueParser::new())]
    user: Option<String>,
    /// End the sessions of all users; sign-ins under way must be begun again
    #[arg(long, group = "whose")]
    all: bool,
    /// With --all: do not ask. Needed where there is no terminal
    #[arg(long, conflicts_with = "user")]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

/// A confirmation is missing: a mistake of the command line.
#[derive(Debug, thiserror::Error)]
#[error("nothing was ended: there is no terminal to ask at, so --all needs --yes")]
struct NeedsYes;

impl Command {
    pub(super) fn format(&self) -> Format {
        match self {
            Self::List(list) => list.format,
            Self::End(end) => end.format,
        }
    }
}

/// # Errors
/// When the settings or the store cannot be used.
pub(super) async fn run(command: Command) -> Done {
    match command {
        Command::List(list) => run_list(&list).await,
        Command::End(End { user: Some(user), format, .. }) => end_of_user(&user, format).await,
        Command::End(End { yes, format, .. }) => end_all(yes, format).await,
    }
}

async fn run_list(List { user, format }: &List) -> Done {
    let site = RunningSite::open().await?;
    let listed = site.auth.list_sessions_of(user).await?;
    let sessions: Vec<_> = listed.sessions.iter().map(as_json).collect();
    let result = json!({ "user": user, "sessions": sessions, "unreadable": listed.unreadable });
    format.print(&result, || list_as_text(user, &listed))?;
    Ok(exit_code(listed.unreadable == 0))
}

async fn end_of_user(user: &str, format: Format) -> Done {
    let site = RunningSite::open().await?;
    // The audit log names what ended a session by the span.
    let span = tracing::info_span!("command", name = "sessions end --user");
    let ended = site.auth.end_sessions_and_tokens_of(user).instrument(span).await?;
    let EndedSessions { ended: number, revoked, not_revoked, .. } = ended;
    let result = json!({ "user": user, "ended": number, "tokens_revoked": revoked, "tokens_not_revoked": not_revoked });
    format.print(&result, || match ended {
        EndedSessions { ended: 0, revoked: 0, not_revoked: 0, .. } => no_session(user),
        _ => ended_as_text(&format!("Ended sessions of {user}"), &ended),
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn end_all(is_confirmed: bool, format: Format) -> Done {
    let site = RunningSite::open().await?;
    if !is_confirmed {
        let question =
            format!("This signs out all users of {}, in the store {}.", site.config.site_url, site.config.store);
        match ask(&question)? {
            Confirmation::Given => {}
            Confirmation::Refused => return Err("nothing was ended".into()),
            Confirmation::Impossible => {
                format.print_error(&NeedsYes);
                return Ok(ExitCode::from(2));
            }
        }
    }
    let mut progress = Progress::begin();
    let ended = site
        .auth
        .end_all_sessions(|so_far| progress.say(|| format!("{} sessions ended so far", so_far.ended)))
        .instrument(tracing::info_span!("command", name = "sessions end --all"))
        .await?;
    let EndedSessions { ended: number, revoked, not_revoked, unreadable, .. } = ended;
    let result = json!({
        "ended": number, "tokens_revoked": revoked, "tokens_not_revoked": not_revoked, "unreadable": unreadable
    });
    format.print(&result, || ended_as_text("Ended sessions", &ended))?;
    Ok(exit_code(unreadable == 0))
}

fn as_json(session: &UserSession) -> Value {
    json!({
        "id": session.id,
        "device": session.device,
        "started_at": text_of(session.started_at),
        "last_seen": session.last_seen.map(text_of),
    })
}

fn list_as_text(user: &str, ListedSessions { sessions, unreadable, .. }: &ListedSessions) -> String {
    let line =
        |began: &str, seen: &str, id: &str, device: &str| format!("{began:<20}  {seen:<20}  {id:<22}  {device}\n");
    let mut text = match (sessions.is_empty(), unreadable) {
        (true, 0) => no_session(user),
        (true, _) => String::new(),
        (false, _) => line("SIGNED IN", "LAST SEEN", "ID", "BROWSER"),
    };
    for session in sessions {
        let seen = session.last_seen.map_or_else(|| "not known".to_owned(), text_of);
        let device = session.device.as_deref().unwrap_or("not known");
        text += &line(&text_of(session.started_at), &seen, &session.id, device);
    }
    if *unreadable > 0 {
        text += &format!(
            "Sessions of {user} that open with none of SESSION_ENCRYPTION_KEYS: {unreadable}. Run this with the keys of the site.\n"
        );
    }
    text
}

/// What Kinde's ids of users begin with.
const KINDE_USER: &str = "kp_";

/// Says that a user has no session. An email address or a name has none either, which must not pass for an answer.
fn no_session(user: &str) -> String {
    let hint = if user.starts_with(KINDE_USER) {
        ""
    } else {
        " A user is named by the id at the issuer (sub), kp_… at Kinde, as the audit log has it: not by name or address."
    };
    format!("{user} has no session.{hint}\n")
}

fn ended_as_text(whose: &str, EndedSessions { ended, revoked, not_revoked, unreadable, .. }: &EndedSessions) -> String {
    let mut text = format!("{whose}: {ended}. Their tokens revoked at the issuer: {revoked}.\n");
    if *not_revoked > 0 {
        text += &format!(
            "Not revoked: {not_revoked}, because the issuer did not take them, or they open with none of SESSION_ENCRYPTION_KEYS. They live there until they expire.\n"
        );
    }
    if *unreadable > 0 {
        text += &format!(
            "Left alone: {unreadable}, which open with none of SESSION_ENCRYPTION_KEYS, or are another application's (two on one store have a SESSION_STORE_NAMESPACE each).\n"
        );
    }
    text
}

/// A time in whole seconds, as RFC 3339 writes it.
fn text_of(time: OffsetDateTime) -> String {
    let seconds = time.replace_nanosecond(0).unwrap_or(time);
    seconds.format(&Rfc3339).expect("a time of this program is between the years 0 and 9999")
}
