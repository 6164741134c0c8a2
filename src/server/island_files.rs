//! The files of the islands. `make release` puts them into the program; any other build looks for them on disk once,
//! when it starts. Without them, or with those of another build, pages have no islands.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::app::{self, PageScripts};
use crate::assets::{self, Asset, Content, JAVASCRIPT, WASM};
use crate::islands::FINGERPRINT;

/// The folder where `cargo leptos` leaves the files, below the working folder.
const BUILD_FOLDER: &str = "target/site";

/// The two files that a page with islands loads. Cheap to clone.
#[derive(Debug, Clone)]
pub struct IslandFiles {
    script: Asset,
    wasm: Asset,
    /// The scripts of pages, which load both.
    pub(super) page_scripts: PageScripts,
}

impl IslandFiles {
    /// The files in the program; else those on disk where `.ci/wasm` leaves them, beside the folder of the program, or
    /// where `cargo leptos` does.
    pub fn find(live_reload_port: Option<u16>) -> Option<Self> {
        let found = Self::in_the_program().or_else(|| {
            let program = env::current_exe().ok();
            let beside_program = program.and_then(|program| Some(program.parent()?.parent()?.join("site")));
            let folders = beside_program.into_iter().chain([PathBuf::from(BUILD_FOLDER)]);
            // Often both are the same folder.
            let mut folders: Vec<_> = folders.filter_map(|folder| folder.canonicalize().ok()).collect();
            folders.dedup();
            folders.iter().find_map(|folder| Self::load(folder))
        });
        found.map(|found| Self { page_scripts: found.page_scripts.with_live_reload(live_reload_port), ..found })
    }

    /// Those that `make release` put into the program, which does not compile with those of another build.
    pub(super) fn in_the_program() -> Option<Self> {
        assets::islands().map(|[script, wasm]| Self::new(script, wasm))
    }

    /// Reads the files below a folder. `None` when there are none; when they belong to another build, a warning says
    /// so.
    pub fn load(folder: &Path) -> Option<Self> {
        let read = |extension| fs::read(folder.join(format!("pkg/kinde-leptos.{extension}"))).ok();
        let (script, wasm) = (read("js")?, read("wasm")?);
        let belongs = wasm.windows(FINGERPRINT.len()).any(|text| text == FINGERPRINT.as_bytes());
        if !belongs {
            tracing::warn!(
                "{} holds the islands of another build, so pages have none: run `.ci/wasm`, or remove the folder",
                folder.display()
            );
        }
        belongs.then(|| Self::new(Content::plain(script), Content::plain(wasm)))
    }

    /// Both files.
    pub(super) fn both(&self) -> [Asset; 2] {
        [self.script.clone(), self.wasm.clone()]
    }

    fn new(script: Content, wasm: Content) -> Self {
        let script = Asset::named("islands.js", JAVASCRIPT, script);
        let wasm = Asset::named("islands.wasm", WASM, wasm);
        let page_scripts = PageScripts::with_islands(&app::load_islands(script.path(), wasm.path()));
        Self { script, wasm, page_scripts }
    }
}
