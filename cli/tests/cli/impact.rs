//! What other rules would do, what was done, and how things stand: over the state of a demo.

use super::{Project, keys};

#[test]
fn impact_history_and_status_read_what_a_demo_left() {
    let outside = Project::new(&[]);
    let run = outside.run(&["demo", "--dir", "demo"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let project = outside.folder("demo");

    // The state is as the apply left it.
    let (code, status) = project.json(&["status"]);
    assert_eq!(code, 0, "{status:#}");
    assert_eq!(
        keys(&status),
        ["connectors", "errors", "guards", "last_run", "pending"]
    );
    assert_eq!(status["last_run"]["verb"], "apply");
    assert_eq!(status["pending"]["create"], 0);
    assert!(status["connectors"][0]["age"].is_i64(), "{status:#}");
    let run = project.run(&["status"]);
    assert!(run.out.contains("Pending: nothing to write"), "{}", run.out);

    let (code, history) = project.json(&["history"]);
    assert_eq!((code, keys(&history)), (0, vec!["runs"]));
    let id = history["runs"][0]["run"].to_string();
    let (code, one) = project.json(&["history", "--run", &id]);
    assert_eq!((code, keys(&one)), (0, vec!["run", "writes"]));
    let writes = one["writes"].as_array().unwrap();
    assert_eq!(one["run"]["requests"], writes.len());
    assert!(writes.len() > 400);
    let of_object = writes.iter().find(|w| w["op"] == "create").unwrap();
    let name = of_object["name"].as_str().unwrap();
    let run = project.run(&["history", "--object", name]);
    assert!(
        run.code == 0 && run.out.contains("rule \"") && run.out.contains(".trib:"),
        "{}",
        run.out
    );
    let text = project
        .run(&["history", "--run", &id, "--format", "json"])
        .out;
    assert!(
        text.contains("(secret)"),
        "passwords are made, and not kept"
    );
    let (code, refused) = project.json(&["history", "--run", "999"]);
    assert_eq!(code, 1, "{refused:#}");

    // A line more in the scope: who is in Sales leaves.
    let rules = project.read("rules/main.trib");
    let narrow = rules.replace(
        "  and scope not dn under",
        "  and scope not department == \"Sales\"\n  and scope not dn under",
    );
    assert_ne!(rules, narrow);
    project.write("narrow/main.trib", narrow);
    let before = project.json(&["status"]).1["pending"].clone();
    let (code, impact) = project.json(&["impact", "rules", "narrow"]);
    assert_eq!(code, 0, "{impact:#}");
    let deletes = impact["counts"]["delete"].as_u64().unwrap();
    let sales = project
        .read("forest.ldif")
        .matches("\ndepartment: Sales\n")
        .count() as u64;
    assert!(
        deletes > 0 && deletes <= sales,
        "{deletes} of {sales}: {impact:#}"
    );
    assert_eq!(impact["counts"]["create"], 0);
    let groups = impact["groups"].as_array().unwrap();
    let gone = groups.iter().find(|group| group["op"] == "delete").unwrap();
    assert_eq!(
        (&gone["count"], &gone["type"]),
        (&deletes.into(), &"user".into())
    );
    assert_eq!(gone["samples"].as_array().unwrap().len(), 3);
    assert!(!gone["samples"][0]["because"].as_str().unwrap().is_empty());
    // The other way round they come, and the same rules change nothing.
    let (_, back) = project.json(&["impact", "narrow", "rules"]);
    assert_eq!(back["counts"]["create"], deletes, "{back:#}");
    assert_eq!(back["counts"]["delete"], 0);
    let run = project.run(&["impact", "rules", "rules", "--max-changes", "0"]);
    assert_eq!(
        (run.code, run.out.as_str()),
        (0, "Impact: nothing changes\n")
    );

    let run = project.run(&[
        "impact",
        "rules",
        "narrow",
        "--max-deletes",
        "1",
        "--format",
        "markdown",
    ]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(
        run.out
            .contains(&format!("| delete | cloud.user | {deletes} |"))
            && run.out.contains("**Over budget:**"),
        "{}",
        run.out
    );
    let limit = deletes.to_string();
    let run = project.run(&["impact", "rules", "narrow", "--max-deletes", &limit]);
    assert_eq!(run.code, 0, "{}", run.out);
    assert_eq!(
        project.json(&["status"]).1["pending"],
        before,
        "the state is as it was"
    );
    assert_eq!(project.run(&["impact", "rules", "nowhere"]).code, 65);
}

#[test]
fn without_a_state_there_is_nothing_to_tell() {
    let project = Project::new(&[("trib.toml", "rules = \"rules\"\n"), ("rules/a.trib", "")]);
    for verb in ["status", "history"] {
        let run = project.run(&[verb]);
        assert_eq!(run.code, 65, "{}", run.err);
        assert!(run.err.contains("no state database"), "{}", run.err);
    }
    let odd = "rules = \"rules\"\n[history]\nkepe = \"90d\"\n";
    let project = Project::new(&[("trib.toml", odd)]);
    let run = project.run(&["status"]);
    assert!(
        run.code == 65 && run.err.contains("did you mean `keep`?"),
        "{}",
        run.err
    );
}
