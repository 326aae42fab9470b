//! The demo, and playing on with what it leaves.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use super::{Project, keys};

/// The sandbox of a demo's project; it ends with the test.
struct Cloud(Child);

impl Cloud {
    fn start(project: &Project, command: &str) -> Cloud {
        let arguments: Vec<&str> = command.split(' ').skip(1).collect();
        let mut command = project.command(&arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        assert!(first.starts_with("sandbox listening on http://"), "{first}");
        Cloud(child)
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn the_demo_runs_and_its_project_can_be_played_with() {
    let outside = Project::new(&[]);
    let (code, told) = outside.json(&["demo", "--dir", "a demo"]);
    assert_eq!(code, 0, "{told:#}");
    assert_eq!(keys(&told), ["dir", "graph", "sandbox", "steps"]);
    let steps = told["steps"].as_array().unwrap();
    let names: Vec<&Value> = steps.iter().map(|step| &step["step"]).collect();
    assert_eq!(
        names,
        ["check", "test", "plan", "apply", "second plan", "explain"]
    );
    let planned = steps[2]["result"]["counts"]["create"].as_u64().unwrap();
    assert!(planned > 400, "{told:#}");
    assert_eq!(steps[3]["result"]["written"]["create"], planned);
    assert_eq!(steps[4]["result"]["counts"]["unchanged"], planned);

    let run = outside.run(&["demo", "--dir", "a demo"]);
    assert_eq!(run.code, 65, "nothing is overwritten");
    assert!(run.err.contains("`a demo` is not empty"), "{}", run.err);

    let project = outside.folder("a demo");
    let run = project.run(&["plan"]);
    assert_eq!(run.code, 69, "the cloud is not there: {}", run.err);
    assert_eq!(project.json(&["plan"]).0, 69);
    let cloud = Cloud::start(&project, told["sandbox"].as_str().unwrap());

    plans(&project);
    applies(&project);
    explains(&project);
    fails(&project);
    stops(&project);
    drop(cloud);
}

fn change(project: &Project, old: &str, new: &str) {
    let forest = project.read("forest.ldif");
    assert!(forest.contains(old));
    project.write("forest.ldif", forest.replace(old, new));
}

fn plans(project: &Project) {
    let run = project.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("nothing to write, 5"), "{}", run.out);
    change(
        project,
        "\ndepartment: Sales\n",
        "\ndepartment: Sales and Marketing\n",
    );
    assert_eq!(project.run(&["plan"]).code, 0);
    let run = project.run(&["plan", "--detailed-exitcode", "--out", "plan.json"]);
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(
        run.out
            .contains("\"Sales\" -> \"Sales and Marketing\"   rule \"Out to Entra - User Common\""),
        "{}",
        run.out
    );
    assert!(run.out.contains("more; --all shows them"), "{}", run.out);
    let all = project.run(&["plan", "--all"]).out;
    assert!(all.len() > run.out.len() && !all.contains("more; --all"));

    let (code, plan) = project.json(&["plan"]);
    assert_eq!(code, 0);
    assert_eq!(
        keys(&plan),
        ["changes", "counts", "errors", "guards", "plan"]
    );
    assert_eq!(
        keys(&plan["counts"]),
        [
            "create",
            "delete",
            "errors",
            "link_add",
            "link_remove",
            "unchanged",
            "update"
        ]
    );
    assert_eq!(
        keys(&plan["changes"][0]),
        [
            "anchor",
            "attributes",
            "connector",
            "name",
            "op",
            "source",
            "type"
        ]
    );
    assert_eq!(plan["changes"][0]["op"], "update");
    assert_eq!(
        keys(&plan["changes"][0]["attributes"][0]),
        ["at", "name", "new", "old", "rule"]
    );
    assert_eq!(
        keys(&plan["guards"][0]),
        [
            "because",
            "connector",
            "limit",
            "name",
            "tripped",
            "would_be"
        ]
    );
    let kept: Value = serde_json::from_str(&project.read("plan.json")).unwrap();
    assert_eq!(kept, plan, "a kept plan is the document");
}

fn applies(project: &Project) {
    project.write("torn.json", "{");
    assert_eq!(project.run(&["apply", "torn.json"]).code, 65);
    assert_eq!(project.run(&["apply", "gone.json"]).code, 65);
    let (code, refused) = project.json(&["apply", "plan.json", "--approve", "0"]);
    assert_eq!(
        (code, keys(&refused)),
        (1, vec!["error"]),
        "an approval is for one plan"
    );
    let (code, applied) = project.json(&["apply", "plan.json"]);
    assert_eq!(code, 0, "{applied:#}");
    assert_eq!(
        keys(&applied),
        ["errors", "failed", "planned", "waiting", "written"]
    );
    assert!(applied["written"]["update"].as_u64().unwrap() > 10);
    assert_eq!(applied["written"]["update"], applied["planned"]["update"]);
    let (code, refused) = project.json(&["apply", "plan.json"]);
    assert_eq!(code, 1, "{refused:#}");
    assert!(
        refused["error"]["message"]
            .as_str()
            .unwrap()
            .contains("out of date"),
        "{refused:#}"
    );
    let run = project.run(&["apply"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("Written: nothing to write"), "{}", run.out);
}

fn explains(project: &Project) {
    let chief = "margarethe.ahlstrom@contoso.com";
    let (code, document) = project.json(&["explain", chief, "person.displayName"]);
    assert_eq!(
        (code, keys(&document)),
        (0, vec!["attributes", "object", "scopes"])
    );
    let attribute = &document["attributes"][0];
    assert_eq!(
        keys(attribute),
        ["absent_because", "losers", "name", "value", "winner"]
    );
    assert_eq!(attribute["value"], "Margarethe Ahlström");
    let winner = &attribute["winner"];
    assert_eq!(
        (&winner["rule"], &winner["connector"]),
        (&json!("In from AD - User Common"), &json!("corp"))
    );
    assert_eq!(keys(&document["scopes"][0]), ["failed", "in_scope", "rule"]);
    let run = project.run(&["explain", chief]);
    assert_eq!(run.code, 0);
    for part in [
        "cloud.user.displayName = \"Margarethe Ahlström\"",
        "from rule \"Out to Entra - User Join\"",
        "Without a value: person.c",
    ] {
        assert!(run.out.contains(part), "no {part} in {}", run.out);
    }
    let run = project.run(&["explain", chief, "displayNam"]);
    assert_eq!(run.code, 1);
    assert!(
        run.err.contains("did you mean `displayName`?"),
        "{}",
        run.err
    );
    assert_eq!(project.run(&["explain", "nobody@contoso.com"]).code, 1);
}

/// One object that a rule refuses: all others go on, and the run ends with 3 until it is mended.
fn fails(project: &Project) {
    let rules = project.read("rules/main.trib");
    let refuse = "extend rule \"In from AD - User Common\" {\n  flow { title <- if sn == \"Ahlström\" and title contains \"Chief\" then error \"no chiefs\" else Trim(title) }\n}\n";
    project.write("rules/main.trib", format!("{rules}\n{refuse}"));
    let (code, plan) = project.json(&["plan"]);
    assert_eq!(
        (code, &plan["counts"]["errors"]),
        (3, &json!(1)),
        "{plan:#}"
    );
    let error = &plan["errors"][0];
    assert_eq!(
        keys(error),
        ["at", "code", "connector", "message", "object", "rule"]
    );
    assert!(
        error["message"].as_str().unwrap().contains("no chiefs"),
        "{error:#}"
    );
    let run = project.run(&["plan"]);
    assert_eq!(run.code, 3);
    assert!(
        run.out.contains("no chiefs") && run.out.contains("1 object with errors"),
        "{}",
        run.out
    );
    let (code, applied) = project.json(&["apply"]);
    assert_eq!((code, &applied["errors"][0]), (3, error), "{applied:#}");
    project.write("rules/main.trib", rules);
    assert_eq!(project.run(&["apply"]).code, 0);
}

/// Taking a fifth of the people away trips the guard; the approval of the plan lets it go on.
fn stops(project: &Project) {
    let forest = project.read("forest.ldif");
    let kept: Vec<&str> = forest
        .split("\n\n")
        .filter(|entry| !entry.contains("OU=Berlin,OU=Staff") || entry.contains("\nou: "))
        .collect();
    project.write("forest.ldif", kept.join("\n\n"));
    let run = project.run(&["plan"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(
        run.out.contains("STOPPED: ") && run.out.contains("trib apply --approve "),
        "{}",
        run.out
    );
    let (code, plan) = project.json(&["plan"]);
    let deletes = plan["counts"]["delete"].as_u64().unwrap();
    assert_eq!((code, deletes > 50), (1, true), "{}", plan["counts"]);
    let (code, applied) = project.json(&["apply"]);
    assert_eq!(
        (code, &applied["waiting"]["delete"]),
        (1, &json!(deletes)),
        "{applied:#}"
    );
    assert_eq!(applied["written"]["delete"], 0);
    let (_, plan) = project.json(&["plan"]);
    let (code, applied) = project.json(&["apply", "--approve", plan["plan"].as_str().unwrap()]);
    assert_eq!(
        (code, &applied["written"]["delete"]),
        (0, &json!(deletes)),
        "{applied:#}"
    );
}
