//! What the tenant that runs alone says when it is ready: the settings of an app that signs in there, for a shell, a `.env`
//! file or a program.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use crate::dev_issuer::DevIssuer;

/// The address of a tenant, and the credentials of its client.
#[derive(Serialize)]
pub(super) struct Announcement<'a> {
    issuer: &'a str,
    client_id: &'a str,
    client_secret: &'a str,
    console: String,
    switchboard: String,
}

impl<'a> Announcement<'a> {
    pub(super) fn of(tenant: &'a DevIssuer) -> Self {
        Self {
            issuer: tenant.issuer(),
            client_id: tenant.client_id(),
            client_secret: tenant.client_secret(),
            console: format!("{}/", tenant.origin()),
            switchboard: format!("{}/dev/", tenant.origin()),
        }
    }

    /// Prints it: as one line of JSON, or as settings.
    pub(super) fn print(&self, as_json: bool) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if as_json {
            writeln!(out, "{}", serde_json::to_string(self)?)?;
        } else {
            out.write_all(self.settings().as_bytes())?;
        }
        out.flush()
    }

    /// Puts the settings into a file that its owner alone can read. The file is there only when it is complete.
    pub(super) fn write_to(&self, path: &Path) -> io::Result<()> {
        let mut new = path.as_os_str().to_owned();
        new.push(".new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&new)?.write_all(self.settings().as_bytes())?;
        fs::rename(new, path)
    }

    /// `NAME=value` lines that are right in a `.env` file and in a shell: no value has a character that a shell knows.
    fn settings(&self) -> String {
        let Self { issuer, client_id, client_secret, console, .. } = self;
        format!(
            "# The emulated Kinde tenant is running; its console is at {console}. Settings of an app that signs in here:\n\
             KINDE_ISSUER_URL={issuer}\nCLIENT_ID={client_id}\nCLIENT_SECRET={client_secret}\n\
             # The same, as Kinde's SDKs call them:\n\
             KINDE_HOST={issuer}\nKINDE_CLIENT_ID={client_id}\nKINDE_CLIENT_SECRET={client_secret}\n"
        )
    }
}
