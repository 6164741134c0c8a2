//! The recipes that show code and files of the project show them as they are, and name settings and commands that exist.
//! Those that are followed to the letter are followed by `.ci/recipes`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn text(path: impl AsRef<Path>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn recipe(name: &str) -> String {
    text(format!("src/recipes/{name}.md"))
}

/// The blocks of code in this language.
fn blocks(recipe: &str, language: &str) -> Vec<String> {
    let begin = format!("```{language}\n");
    recipe.split(&begin).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn code_that_another_project_runs_is_shown_as_it_runs() {
    let files = ["main.rs", "machine.rs", "tests.rs"].map(|file| text(format!("end2end/reuse/src/{file}")));
    for (name, count) in [("plain_axum", 4), ("machine", 1), ("deleted_users", 1)] {
        let shown = blocks(&recipe(name), "rust");
        assert_eq!(shown.len(), count, "{name}");
        for block in shown {
            assert!(files.iter().any(|file| file.contains(&block)), "{name}: not in end2end/reuse:\n{block}");
        }
    }
    let manifest = text("end2end/reuse/Cargo.toml");
    for line in blocks(&recipe("plain_axum"), "toml").concat().lines().filter(|line| !line.is_empty()) {
        let line = line.replace("git = \"https://github.com/OWNER/kinde-leptos\"", "path = \"../..\"");
        assert!(manifest.lines().any(|found| found == line), "{line}");
    }
}

/// The names before `=` in lines of settings.
fn settings(block: &str) -> BTreeSet<String> {
    block.lines().filter_map(|line| Some(line.split_once('=')?.0.to_owned())).collect()
}

#[test]
fn another_provider_takes_the_settings_with_which_the_program_is_tested_at_others() {
    let recipe = recipe("another_provider");
    let shown = settings(&blocks(&recipe, "sh")[0]);
    let tested = text("end2end/providers/app.mjs");
    let tested = tested.split("const env = {").nth(1).unwrap().split('}').next().unwrap();
    let tested = tested.lines().filter_map(|line| Some(line.trim().split_once(": ")?.0.to_owned()));
    // Where the site is and where its sessions are is the test's own.
    let tested: BTreeSet<_> =
        tested.filter(|name| !["SITE_URL", "SESSION_STORE_URL"].contains(&name.as_str())).collect();
    assert_eq!(shown, tested);
    for path in [kinde_leptos::auth::paths::CALLBACK, kinde_leptos::auth::paths::LOGOUT] {
        assert!(recipe.contains(&format!("http://localhost:8000{path}`")), "{path}");
    }
    let described = text(".env.example");
    for row in recipe.lines().filter_map(|line| line.strip_prefix("| `")) {
        let name = row.split('=').next().unwrap();
        assert!(described.contains(&format!("{name}=")), "{name}");
    }
}

#[test]
fn deploying_takes_the_steps_files_and_settings_that_there_are() {
    let recipe = recipe("deploying");
    let blocks = blocks(&recipe, "sh");
    let (unit, nginx) = ("src/deployment/kinde-leptos@.service", "src/deployment/nginx.conf");
    for step in [
        // The unit says where program and settings are, and whose the process is.
        format!("install -m 644 {unit} /etc/systemd/system/kinde-leptos@.service"),
        format!("install -m 644 {nginx} /etc/nginx/conf.d/kinde-leptos.conf"),
    ] {
        assert!(blocks.iter().any(|block| block.lines().any(|line| line == step)), "{step}");
    }
    let (unit, nginx, script) = (text(unit), text(nginx), text(".ci/deployment"));
    for (shown, file, line) in [
        ("/usr/local/bin/kinde-leptos\n", &unit, "ExecStart=/usr/local/bin/kinde-leptos\n"),
        ("/etc/kinde-leptos/settings\n", &unit, "EnvironmentFile=/etc/kinde-leptos/settings\n"),
        ("useradd --system kinde-leptos\n", &unit, "User=kinde-leptos\n"),
        ("enable --now kinde-leptos@8000\n", &unit, "LISTEN_ADDR=127.0.0.1:%i\n"),
        ("enable --now kinde-leptos@8000\n", &nginx, "server 127.0.0.1:8000 "),
        ("https://app.example.com/readyz\n", &nginx, "server_name app.example.com;\n"),
        ("nginx -t\n", &script, "\nnginx -t "),
    ] {
        assert!(blocks.concat().contains(shown) && file.contains(line), "{shown}{line}");
    }
    let described = text(".env.example");
    let set = settings(blocks.iter().find(|block| block.contains("SITE_URL=")).unwrap());
    assert!(set.len() >= 6, "{set:?}");
    for name in set {
        assert!(described.contains(&format!("# {name}=")) || described.contains(&format!("\n{name}=")), "{name}");
    }
    let makefile = text("Makefile");
    for target in recipe.lines().filter_map(|line| line.strip_prefix("make ")) {
        assert!(makefile.contains(&format!("\n{target}:")), "{target}");
    }
}

#[test]
fn every_recipe_is_in_the_readme_and_in_the_documentation() {
    let (readme, module) = (text("README.md"), text("src/recipes.rs"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/recipes");
    let files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 10);
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap();
        assert!(readme.contains(&format!("](src/recipes/{name}.md)")), "{name}");
        assert!(module.contains(&format!("include_str!(\"recipes/{name}.md\")")), "{name}");
    }
}
