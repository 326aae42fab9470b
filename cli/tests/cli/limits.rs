//! Texts and folders that no one means: they end soon, with a message and an exit code.

use std::time::{Duration, Instant};

use super::{Project, Run, SOUND};

/// [`SOUND`] with this expression for `displayName`, after these declarations.
fn program(declarations: &str, expression: &str) -> String {
    format!(
        "{declarations}\n{}",
        SOUND.replace("displayName ?? cn", expression)
    )
}

fn checked(text: impl AsRef<[u8]>) -> Run {
    let project = Project::new(&[]);
    project.write("a.trib", text);
    let start = Instant::now();
    let run = project.run(&["check", "a.trib"]);
    assert!(
        start.elapsed() < Duration::from_secs(60),
        "it takes too long"
    );
    assert_eq!(run.out, "");
    assert!(
        run.err.len() < 1 << 20,
        "{} bytes of messages",
        run.err.len()
    );
    run
}

fn refused(text: impl AsRef<[u8]>, code: i32, message: &str) {
    let run = checked(text);
    assert_eq!(run.code, code, "{}", run.err);
    let words = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(message), "no `{message}` in {words}");
}

#[test]
fn what_is_no_text_is_told_by_line_and_byte() {
    refused(
        b"connector corp : ad\n# caf\xe9\n",
        65,
        "`a.trib` is not UTF-8 text (line 2, byte 25)",
    );
    refused([0; 5000], 65, "holds a NUL (line 1, byte 0)");
    refused(b"# x\n\0", 65, "holds a NUL (line 2, byte 4)");
}

#[test]
fn large_texts_are_refused() {
    let large = "# comment\n".repeat((16 << 20) / 10 + 1);
    refused(large, 1, "a rule file holds at most 16 MiB");
    let run = checked("a ".repeat(500_000));
    assert_eq!(run.code, 1);
    assert!(
        run.err.contains("(a.trib:1:1)") && run.err.len() < 1000,
        "a line of a megabyte is named, not shown: {} bytes",
        run.err.len()
    );
}

#[test]
fn thousands_of_errors_are_counted() {
    let many: String = (0..5000)
        .map(|at| format!("let a{at} = nosuch{at}\n"))
        .collect();
    let run = checked(many);
    assert_eq!(run.code, 1);
    for part in ["and 4800 more", "5000 errors"] {
        assert!(run.err.contains(part), "{part}");
    }
}

#[test]
fn deep_expressions_run_or_are_refused() {
    let nested = |depth: usize, inner: &str| {
        format!("{}{inner}{}", "Trim(".repeat(depth), ")".repeat(depth))
    };
    refused(
        program("", &nested(200, "cn")),
        1,
        "nests deeper than 128 levels",
    );
    // What one function may hold, two may together.
    let text = program(
        &format!("fn f(x: string) -> string = {}", nested(100, "x")),
        &format!("f({})", nested(100, "cn")),
    );
    let project = Project::new(&[("a.trib", &text)]);
    for arguments in [
        &["check", "a.trib"][..],
        &["build", "a.trib", "-o", "rules.bundle"],
        &["verify", "rules.bundle"],
    ] {
        let run = project.run(arguments);
        assert_eq!(run.code, 0, "{}", run.err);
    }
}

#[test]
fn functions_that_unfold_without_end_are_refused() {
    let doubled = |count: usize, first: &str, next: &dyn Fn(usize) -> String| {
        let all = (1..count).map(next).collect::<String>();
        format!("{first}{all}")
    };
    let bomb = doubled(30, "fn f0(x: string) -> string = x & x\n", &|at| {
        let before = at - 1;
        format!("fn f{at}(x: string) -> string = f{before}(x) & f{before}(x)\n")
    });
    refused(
        program(&bomb, "f29(cn)"),
        1,
        "unfold to more than 1000000 expressions",
    );
    let constants = doubled(40, "let c0 = \"x\"\n", &|at| {
        format!("let c{at} = c{} & c{}\n", at - 1, at - 1)
    });
    refused(
        program(&constants, "c39"),
        1,
        "unfold to more than 1000000 expressions",
    );
    let (open, close) = ("Trim(".repeat(100), ")".repeat(100));
    let chain = doubled(
        20,
        &format!("fn f0(x: string) -> string = {open}x{close}\n"),
        &|at| {
            let before = at - 1;
            format!("fn f{at}(x: string) -> string = {open}f{before}(x){close}\n")
        },
    );
    refused(program(&chain, "f19(cn)"), 1, "nest deeper than 256 levels");
}

#[test]
#[cfg(unix)]
fn folders_are_walked_once_and_without_circles() {
    use std::os::unix::fs::symlink;
    let project = Project::new(&[("rules/a.trib", SOUND), ("rules/deep/x.txt", "")]);
    let rules = project.path().join("rules");
    symlink(&rules, rules.join("deep/round")).unwrap();
    symlink("loop.trib", rules.join("loop.trib")).unwrap();
    symlink(rules.join("a.trib"), rules.join("again.trib")).unwrap();
    let run = project.run(&["check", "rules"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(
        run.err.contains("1 rule in 1 file: no errors"),
        "{}",
        run.err
    );
    let run = project.run(&["check", "rules/loop.trib"]);
    assert_eq!(run.code, 65, "{}", run.err);
    assert!(run.err.contains("`rules/loop.trib`"), "{}", run.err);
}

#[test]
fn a_folder_is_no_file() {
    let project = Project::new(&[("rules/a.trib", SOUND), ("folder.trib/b.trib", SOUND)]);
    for (arguments, code, message) in [
        (&["check", "folder.trib"][..], 0, "1 rule in 1 file"),
        (&["verify", "rules"], 65, "cannot read `rules`"),
        (
            &["build", "rules", "-o", "rules"],
            65,
            "cannot write `rules`",
        ),
        (
            &["build", "rules", "-o", "out", "--sign", "rules"],
            65,
            "cannot read `rules`",
        ),
        (&["-c", "rules", "plan"], 65, "cannot read"),
    ] {
        let run = project.run(arguments);
        assert_eq!(run.code, code, "{arguments:?}: {}", run.err);
        assert!(run.err.contains(message), "{}", run.err);
    }
}

#[test]
#[cfg(unix)]
fn files_that_cannot_be_read_are_named() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new(&[("a.trib", SOUND)]);
    let path = project.path().join("a.trib");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o000)).unwrap();
    // The administrator reads everything.
    if std::fs::read(&path).is_ok() {
        std::fs::remove_file(&path).unwrap();
        let socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let run = project.run(&["check", "a.trib"]);
        drop(socket);
        assert_eq!(run.code, 65, "{}", run.err);
        assert!(run.err.contains("cannot read `a.trib`"), "{}", run.err);
        return;
    }
    let run = project.run(&["check", "a.trib"]);
    assert_eq!(run.code, 65, "{}", run.err);
    assert!(run.err.contains("cannot read `a.trib`"), "{}", run.err);
}
