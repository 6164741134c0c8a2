//! nginx with the configuration of the deployment guide (`src/deployment/nginx.conf`), at ports and with certificates of
//! the test's own. Everything else is as the guide has it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::harness::free_port;

const CONFIGURATION: &str = include_str!("../../deployment/nginx.conf");
/// The site of the guide.
const SITE: &str = "app.example.com";
const DEADLINE: Duration = Duration::from_secs(20);
const CERTIFICATES: &str = r"
    exec 2>/dev/null
    set -e
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=authority of a test' -keyout authority.key -out authority.pem
    openssl req -newkey rsa:2048 -nodes -subj /CN=app.example.com -keyout privkey.pem -out site.csr
    printf 'subjectAltName=DNS:app.example.com' >extensions
    openssl x509 -req -in site.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -extfile extensions -out fullchain.pem
";

/// A running nginx; it ends with this value.
pub struct Nginx {
    child: Child,
    folder: TempDir,
    /// For https.
    pub port: u16,
    /// For http.
    pub plain_port: u16,
}

impl Nginx {
    /// The ports of a proxy that is about to start: https and http.
    pub fn ports() -> (u16, u16) {
        (free_port(), free_port())
    }

    /// The site's origin at a port.
    pub fn origin(port: u16) -> String {
        format!("https://{SITE}:{port}")
    }

    /// Starts nginx in front of processes at these two ports.
    pub fn start((port, plain_port): (u16, u16), processes: [u16; 2]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = Command::new("sh").args(["-c", CERTIFICATES]).current_dir(&folder).status().unwrap();
        assert!(made.success(), "openssl makes no certificates (`make tools` installs it)");
        let at = |name: &str| folder.path().join(name).display().to_string();
        let mut site = CONFIGURATION.to_owned();
        for (guide, here) in [
            ("server 127.0.0.1:8000 ", format!("server 127.0.0.1:{} ", processes[0])),
            ("server 127.0.0.1:8001 ", format!("server 127.0.0.1:{} ", processes[1])),
            ("listen 443 ", format!("listen 127.0.0.1:{port} ")),
            ("listen [::]:443 ", format!("listen [::1]:{port} ")),
            ("listen 80;", format!("listen 127.0.0.1:{plain_port};")),
            ("listen [::]:80;", format!("listen [::1]:{plain_port};")),
            ("/etc/ssl/kinde-leptos/", at("")),
            ("/var/log/nginx/", at("")),
        ] {
            assert!(site.contains(guide), "the guide's configuration has no {guide:?}");
            site = site.replace(guide, &here);
        }
        fs::write(at("site.conf"), site).unwrap();
        fs::write(at("nginx.conf"), main_configuration(&at(""))).unwrap();
        // Debian keeps it away from the PATH of users.
        let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
        let child = Command::new("env")
            .args([&format!("PATH={path}"), "nginx"])
            .args(["-e", &at("error.log"), "-c", &at("nginx.conf")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut nginx = Self { child, folder, port, plain_port };
        nginx.wait_until_it_listens();
        nginx
    }

    fn wait_until_it_listens(&mut self) {
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let has_ended = self.child.try_wait().unwrap().is_some();
            assert!(
                !has_ended && begun.elapsed() < DEADLINE,
                "nginx does not start (`make tools` installs it): {}",
                self.errors()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The certificate of the authority that the site's own is from.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// Its log of errors.
    pub fn errors(&self) -> String {
        fs::read_to_string(self.folder.path().join("error.log")).unwrap_or_default()
    }

    /// Its log of requests.
    pub fn requests(&self) -> String {
        fs::read_to_string(self.folder.path().join("kinde-leptos.log")).unwrap_or_default()
    }

    /// Runs curl with the site's name and certificate, and with what a test adds.
    pub fn curl(&self, arguments: &[&str]) -> String {
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--noproxy", "*", "--cacert"])
            .arg(self.authority())
            .args(["--resolve", &format!("{SITE}:{}:127.0.0.1", self.port)])
            .args(["--resolve", &format!("{SITE}:{}:127.0.0.1", self.plain_port)])
            .args(["--cookie", "cookies", "--cookie-jar", "cookies"])
            .args(arguments)
            .current_dir(&self.folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master process ends its workers.
        let ended = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        if ended.is_ok_and(|status| status.success()) {
            let _ = self.child.wait();
        }
    }
}

/// What the system's package sets: everything beside the site.
fn main_configuration(folder: &str) -> String {
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    let user = if is_root { "user root;" } else { "" };
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("    {kind}_temp_path {folder}{kind}_temp;\n"))
        .concat();
    format!(
        "{user}\ndaemon off;\nworker_processes 2;\npid {folder}pid;\nerror_log {folder}error.log warn;\n\
         events {{ worker_connections 1024; }}\nhttp {{\n{temporary}    include {folder}site.conf;\n}}\n"
    )
}
