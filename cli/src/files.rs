//! Reading and writing files, with errors that name them.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::output::{Exit, Failure};

/// The text of a file.
pub fn read(path: &Path) -> Result<String, Failure> {
    let bytes = read_bytes(path)?;
    let file = path.display();
    let line = |at: usize| 1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count();
    if let Err(error) = std::str::from_utf8(&bytes) {
        let at = error.valid_up_to();
        let message = format!("`{file}` is not UTF-8 text (line {}, byte {at})", line(at));
        return Err(Failure::input(message).help("save it as UTF-8"));
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        let message = format!(
            "`{file}` is no text: it holds a NUL (line {}, byte {at})",
            line(at)
        );
        return Err(Failure::input(message).help("save it as UTF-8"));
    }
    String::from_utf8(bytes).map_err(|_| Failure::input(format!("`{file}` is not UTF-8 text")))
}

/// The bytes of a file.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::input(format!("there is no file `{}`", path.display())),
        _ => Failure::input(format!("cannot read `{}`: {error}", path.display())),
    })
}

/// Replaces a file as a whole: whoever reads it sees the old text or the new one.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error| {
        Failure::new(
            Exit::Input,
            format!("cannot write `{}`: {error}", path.display()),
        )
    };
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let old = fs::metadata(&target);
    if old.as_ref().is_ok_and(|old| !old.is_file()) {
        return fs::write(&target, bytes).map_err(failed);
    }
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = target.with_file_name(name);
    fs::write(&new, bytes)
        .and_then(|()| old.map_or(Ok(()), |old| fs::set_permissions(&new, old.permissions())))
        .and_then(|()| fs::rename(&new, &target))
        .inspect_err(|_| drop(fs::remove_file(&new)))
        .map_err(failed)
}
