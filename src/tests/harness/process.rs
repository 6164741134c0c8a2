//! `Program`: the program itself, as a process of its own, signing in at a tenant of the test's.
//! It is slow to start, so only what needs a whole process uses it.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::Tenant;

/// A running process; it is killed with this value.
pub struct Program {
    /// `http://localhost:PORT`, without a slash at the end.
    pub url: String,
    pub tenant: Tenant,
    child: Child,
    folder: TempDir,
}

impl Program {
    /// Starts the program with a log filter and waits until it answers.
    pub async fn start(log_filter: &str) -> Self {
        // The port is free a moment ago; the system hands out others before it comes back to it.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = format!("http://localhost:{port}");
        let (tenant, folder) = (Tenant::start(&url).await, tempfile::tempdir().unwrap());
        let output = std::fs::File::create(folder.path().join("output")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_kinde-leptos"))
            .env_clear()
            .envs([("SITE_URL", url.as_str()), ("KINDE_ISSUER_URL", tenant.issuer()), ("RUST_LOG", log_filter)])
            .envs([("CLIENT_ID", tenant.client_id()), ("CLIENT_SECRET", tenant.client_secret())])
            .envs([("SESSION_STORE_URL", "sqlite:sessions.db"), ("RUST_BACKTRACE", "0"), ("NO_COLOR", "1")])
            .current_dir(folder.path())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut program = Self { url, tenant, child, folder };
        program.wait_until_it_answers(port).await;
        program
    }

    async fn wait_until_it_answers(&mut self, port: u16) {
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "the program ended: {}", self.output());
            tokio::task::yield_now().await;
        }
    }

    /// What it has printed and logged.
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.path("output")).unwrap()).into_owned()
    }

    /// The file of the session store.
    pub fn store_file(&self) -> PathBuf {
        self.path("sessions.db")
    }

    /// How it was called, as every user of the machine can see.
    pub fn command_line(&self) -> String {
        let path = format!("/proc/{}/cmdline", self.child.id());
        std::fs::read_to_string(path).unwrap_or_default()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
