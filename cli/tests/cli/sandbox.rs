use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Stdio};

use super::Project;

struct Server {
    child: Child,
    out: BufReader<ChildStdout>,
    first: String,
}

impl Server {
    fn start(project: &Project, arguments: &[&str]) -> Server {
        let arguments = [&["sandbox", "--listen", "127.0.0.1:0"], arguments].concat();
        let mut command = project.command(&arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        out.read_line(&mut first).unwrap();
        Server { child, out, first }
    }

    fn port(&self) -> u16 {
        self.first
            .trim_end_matches(['\n', '"', '}'])
            .rsplit_once(':')
            .unwrap()
            .1
            .parse()
            .unwrap()
    }

    /// Ends it as a service is ended, and gives its exit code and what else it printed.
    fn stop(mut self) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        assert!(
            std::process::Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        let status = self.child.wait().unwrap();
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        (status.code(), rest)
    }
}

#[cfg(unix)]
#[test]
fn it_says_where_it_listens_and_stops_when_told() {
    let project = Project::new(&[]);
    let server = Server::start(&project, &["--data", "cloud.json"]);
    assert_eq!(
        server.first,
        format!("sandbox listening on http://127.0.0.1:{}\n", server.port())
    );
    std::net::TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    assert_eq!(server.stop(), (Some(0), String::new()));
    assert!(project.path().join("cloud.json").exists());
}

#[cfg(unix)]
#[test]
fn json_is_one_document() {
    let project = Project::new(&[]);
    let server = Server::start(&project, &["--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&server.first).unwrap();
    assert_eq!(
        document["listening"],
        format!("http://127.0.0.1:{}", server.port())
    );
    assert_eq!(server.stop(), (Some(0), String::new()));
}

#[cfg(unix)]
#[test]
fn what_it_cannot_use_is_named() {
    let project = Project::new(&[("notes", "hello\n")]);
    let run = project.run(&["sandbox", "--listen", "127.0.0.1:0", "--data", "notes"]);
    assert_eq!((run.code, run.out.as_str()), (65, ""));
    assert!(
        run.err.contains("line 1 of the data file `notes`"),
        "{}",
        run.err
    );
    let server = Server::start(&project, &[]);
    let taken = format!("127.0.0.1:{}", server.port());
    let run = project.run(&["sandbox", "--listen", &taken]);
    assert_eq!(run.code, 65);
    assert!(run.err.contains(&taken), "{}", run.err);
    server.stop();
}
