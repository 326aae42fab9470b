//! Runs of `trib apply`, to the end or until they are killed.

use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use trib_tests::deployment::{Deployment, PACKS};

/// What a run does, one after the other.
pub const PHASES: [&str; 3] = ["import", "synchronize", "apply"];

/// When an undisturbed run went from phase to phase, since it was started.
#[derive(Debug)]
pub struct Windows([Duration; 4]);

impl Windows {
    /// Beginning and end of a phase.
    pub fn of(&self, phase: usize) -> [Duration; 2] {
        [self.0[phase], self.0[phase + 1]]
    }
}

/// Builds the rules once, so that runs do not spend their time on them.
pub fn prepare(tenant: &Deployment) {
    let folder = tenant.folder();
    std::fs::create_dir_all(folder.join("rules")).unwrap();
    std::fs::write(folder.join("rules/main.trib"), PACKS).unwrap();
    let config = std::fs::read_to_string(folder.join("trib.toml")).unwrap();
    let mut config = config.replace("rules = \"rules\"", "rules = \"rules.bundle\"");
    // So much changes at once here that the guards would wait for an approval.
    config.push_str("\n[guard]\n");
    for kind in ["member_removals", "clears", "disables"] {
        config.push_str(&format!("{kind} = {{ count = 1000, percent = 100 }}\n"));
    }
    std::fs::write(folder.join("trib.toml"), config).unwrap();
    let built = trib(tenant, &["build", "rules", "-o", "rules.bundle"])
        .wait()
        .unwrap();
    assert!(built.success(), "{}", told(tenant));
}

fn trib(tenant: &Deployment, arguments: &[&str]) -> Child {
    let told = File::create(tenant.folder().join("told")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_trib"));
    command.args(arguments).current_dir(tenant.folder());
    command
        .stdin(Stdio::null())
        .stdout(told.try_clone().unwrap())
        .stderr(told);
    command.spawn().unwrap()
}

/// What the last run said.
fn told(tenant: &Deployment) -> String {
    std::fs::read_to_string(tenant.folder().join("told")).unwrap()
}

/// Starts again after a kill, and expects success.
pub async fn finish(tenant: &Deployment, story: &str) {
    let mut child = trib(tenant, &["apply"]);
    let status = tokio::task::spawn_blocking(move || child.wait().unwrap())
        .await
        .unwrap();
    assert!(status.success(), "{story}then {status}: {}", told(tenant));
}

/// Runs to the end, and tells when the phases began.
pub async fn undisturbed(tenant: &Deployment) -> Windows {
    let before = Marks::of(tenant);
    let start = Instant::now();
    let mut child = trib(tenant, &["apply"]);
    let mut windows = [None; 3];
    while child.try_wait().unwrap().is_none() {
        let now = start.elapsed();
        let phase = Marks::of(tenant).phase(&before);
        if phase > 0 || tenant.folder().join("state.db-wal").exists() {
            windows[..=phase]
                .iter_mut()
                .for_each(|window| *window = window.or(Some(now)));
        }
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    assert!(child.wait().unwrap().success(), "{}", told(tenant));
    let end = start.elapsed();
    let [import, synchronize, apply] = windows.map(|window| window.unwrap_or(end));
    let windows = Windows([import, synchronize, apply, end]);
    eprintln!("an undisturbed run: {windows:?}");
    windows
}

/// Kills a run; its phase, if it was still under way.
pub async fn killed(tenant: &Deployment, after: Duration) -> Option<usize> {
    let before = Marks::of(tenant);
    let mut child = trib(tenant, &["apply"]);
    tokio::time::sleep(after).await;
    let ended = child.try_wait().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    if let Some(status) = ended {
        assert!(status.success(), "{}", told(tenant));
        return None;
    }
    Some(Marks::of(tenant).phase(&before))
}

/// How far a run has come, as its store shows it.
#[derive(Debug, Default, PartialEq)]
struct Marks {
    watermarks: Vec<(i64, i64, Option<Vec<u8>>)>,
    attempted: bool,
}

impl Marks {
    fn of(tenant: &Deployment) -> Marks {
        Marks::read(tenant).unwrap_or_default()
    }

    fn read(tenant: &Deployment) -> Option<Marks> {
        let state = tenant.folder().join("state.db");
        let db = Connection::open_with_flags(state, OpenFlags::SQLITE_OPEN_READ_WRITE).ok()?;
        db.busy_timeout(Duration::from_secs(1)).ok()?;
        let sql = "SELECT connector, complete, token FROM watermark ORDER BY connector";
        let mut statement = db.prepare(sql).ok()?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let sql = "SELECT count(*) FROM pending WHERE attempted";
        let attempted: i64 = db.query_row(sql, [], |row| row.get(0)).ok()?;
        Some(Marks {
            watermarks: rows.ok()?.collect::<Result<_, _>>().ok()?,
            attempted: attempted > 0,
        })
    }

    fn phase(&self, before: &Marks) -> usize {
        // The tenant is read last.
        let read = self
            .watermarks
            .get(1)
            .is_some_and(|(_, complete, _)| *complete == 1)
            && self.watermarks.get(1) != before.watermarks.get(1);
        match (self.attempted, read) {
            (true, _) => 2,
            (false, true) => 1,
            (false, false) => 0,
        }
    }
}

/// What would still be written.
pub async fn next_plan(tenant: &Deployment) -> Vec<String> {
    let mut child = trib(tenant, &["plan", "--format", "json"]);
    let status = tokio::task::spawn_blocking(move || child.wait().unwrap())
        .await
        .unwrap();
    assert!(status.success(), "{}", told(tenant));
    let plan: serde_json::Value = serde_json::from_str(&told(tenant)).unwrap();
    let lists =
        ["changes", "errors"].map(|list| plan[list].as_array().cloned().unwrap_or_default());
    lists.iter().flatten().map(ToString::to_string).collect()
}

/// Runs to the end: the exit code and what was said.
pub async fn run(tenant: &Deployment) -> (Option<i32>, String) {
    ended(tenant, trib(tenant, &["apply"])).await
}

/// The same while no file may become larger than so many blocks.
pub async fn run_with_files_of(tenant: &Deployment, blocks: u32) -> (Option<i32>, String) {
    let told = File::create(tenant.folder().join("told")).unwrap();
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" apply");
    let mut command = Command::new("sh");
    command
        .args(["-c", &script, env!("CARGO_BIN_EXE_trib")])
        .current_dir(tenant.folder());
    command
        .stdin(Stdio::null())
        .stdout(told.try_clone().unwrap())
        .stderr(told);
    ended(tenant, command.spawn().unwrap()).await
}

async fn ended(tenant: &Deployment, mut child: Child) -> (Option<i32>, String) {
    let status = tokio::task::spawn_blocking(move || child.wait().unwrap())
        .await
        .unwrap();
    (status.code(), told(tenant))
}
