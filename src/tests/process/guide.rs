//! The requests in the guide: each returns what the guide says.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::harness::{Program, free_port};

/// The pages with requests to the app and its tenant as `cargo run` starts them.
const PAGES: [&str; 2] = ["routes.md", "emulated_tenant.md"];

/// A line of the script, and what the guide says of its output: the body and the status.
fn command(line: &str) -> (String, Option<String>) {
    if !line.starts_with("curl ") {
        return (line.to_owned(), None);
    }
    let Some((command, said)) = line.split_once("  # ") else { return (format!("{line} -s -o /dev/null"), None) };
    let (status, body) = match said.split_once(' ') {
        Some((status, body)) if status.parse::<u16>().is_ok() => (status, body),
        _ => ("200", said),
    };
    (format!("{command} -s -w ' %{{http_code}}\\n'"), Some(format!("{body} {status}")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_guides_requests_return_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/guide");
    let guide = PAGES.map(|page| fs::read_to_string(folder.join(page)).unwrap()).concat();
    let blocks = guide.split("```sh\n").skip(1).filter_map(|block| block.split("```").next());
    let lines = blocks.filter(|block| block.contains("curl ")).flat_map(str::lines).map(str::trim_end);
    let (commands, said): (Vec<String>, Vec<Option<String>>) = lines.map(command).unzip();
    let said: Vec<String> = said.into_iter().flatten().collect();
    assert!(said.len() >= 6, "{said:?}");

    let (folder, tenant) = (tempfile::tempdir().unwrap(), free_port().to_string());
    let (audience, site) = (format!("http://localhost:{}/api", free_port()), free_port());
    let site_url = format!("http://localhost:{site}");
    let variables =
        [("SITE_URL", site_url.as_str()), ("DEV_ISSUER_PORT", tenant.as_str()), ("KINDE_AUDIENCE", audience.as_str())];
    let _program = Program::start(folder.path(), &[], &variables).ready();
    let script = commands.join("\n").replace("http://localhost:8000/api\"", &format!("{audience}\""));
    let script =
        script.replace("http://localhost:8000", &site_url).replace("127.0.0.1:8001", &format!("127.0.0.1:{tenant}"));
    let ran = Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
    let printed = String::from_utf8(ran.stdout).unwrap();
    assert_eq!(printed.lines().collect::<Vec<_>>(), said, "{script}\n{}", String::from_utf8_lossy(&ran.stderr));
}
