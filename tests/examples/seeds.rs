//! Writes the seeds of every fuzz target to a folder: `cargo run -p trib-tests --example seeds -- tests/fuzz/corpus`.

use std::path::PathBuf;
use std::{env, fs, io};

use trib_tests::fuzz::TARGETS;

fn main() -> io::Result<()> {
    let corpus = PathBuf::from(env::args().nth(1).unwrap_or_else(|| "corpus".to_owned()));
    for (name, _, seeds) in TARGETS {
        let folder = corpus.join(name);
        fs::create_dir_all(&folder)?;
        for (at, seed) in seeds().iter().enumerate() {
            fs::write(folder.join(format!("seed-{at}")), seed)?;
        }
    }
    Ok(())
}
