//! Coverage for people: a table of the files, and what was never reached.

use std::collections::BTreeSet;

use trib_compiler::probe::Construct;
use trib_runtime::testing::coverage::{Coverage, FileCoverage, Share, Summary};

use crate::output::counted;
use crate::style::Style;

/// The table and the list.
pub fn tell(coverage: &Coverage) -> String {
    let style = Style::stdout();
    let names = coverage.files.iter().map(|file| file.file.chars().count());
    let width = names.max().unwrap_or_default().max("coverage".len());
    let row = |name: &str, cells: [String; 3]| {
        let [rules, flows, branches] = cells;
        format!("{name:<width$}  {rules:>9}  {flows:>9}  {branches:>9}\n")
    };
    let head = ["rules", "flows", "branches"].map(str::to_owned);
    let mut out = format!("\n{}", style.strong(&row("coverage", head)));
    for file in &coverage.files {
        out.push_str(&row(&file.file, cells(Summary::of(file))));
    }
    if coverage.files.len() > 1 {
        out.push_str(&style.strong(&row("all", cells(coverage.summary))));
    }
    let missed: Vec<String> = coverage.files.iter().flat_map(missed).collect();
    if !missed.is_empty() {
        out.push_str(&format!("\n{}\n", style.strong("never reached")));
        for line in missed {
            out.push_str(&format!("  {line}\n"));
        }
    }
    out
}

fn cells(summary: Summary) -> [String; 3] {
    let Summary {
        rules,
        flows,
        branches,
    } = summary;
    [rules, flows, branches].map(|Share { reached, total }| format!("{reached}/{total}"))
}

/// What was never reached, in the order of the text. Of a rule that was never in scope the flows are
/// only counted.
fn missed(file: &FileCoverage) -> Vec<String> {
    let mut lines: Vec<(u32, String)> = Vec::new();
    let mut dead: BTreeSet<&str> = BTreeSet::new();
    for rule in file.rules.iter().filter(|rule| rule.in_scope == 0) {
        dead.insert(&rule.name);
        let flows = file.flows.iter().filter(|flow| flow.rule == rule.name);
        let flows = counted(flows.count() as u64, "flow");
        let why = match rule.evaluated {
            0 => "no test gives an object of its type",
            _ => "never in scope",
        };
        lines.push((
            rule.line,
            format!("rule \"{}\": {why} ({flows})", rule.name),
        ));
    }
    let flows = file.flows.iter().filter(|flow| flow.won == 0);
    for flow in flows.filter(|flow| !dead.contains(flow.rule.as_str())) {
        let why = match flow.evaluated {
            0 => "never evaluated",
            _ => "never gives the value",
        };
        let line = format!("flow {} of \"{}\": {why}", flow.attribute, flow.rule);
        lines.push((flow.line, line));
    }
    let dead_lines: BTreeSet<u32> = file
        .flows
        .iter()
        .filter(|flow| dead.contains(flow.rule.as_str()))
        .map(|flow| flow.line)
        .collect();
    for branch in file.branches.iter().filter(|branch| branch.taken == 0) {
        let (of, side, text) = (&branch.of, &branch.side, &branch.text);
        let line = match branch.construct {
            Construct::Scope => format!("scope `{of}`: never {side}"),
            _ if dead_lines.contains(&branch.line) => continue,
            Construct::If if side == "else" => format!("if `{of}`: always true"),
            Construct::If => format!("if `{of}`: never true"),
            Construct::Match => format!("match `{of}`: never {side}"),
            Construct::Coalesce if side == "left" => format!("`{text}`: never present in `{of}`"),
            Construct::Coalesce => format!("`{text}`: never needed in `{of}`"),
        };
        lines.push((branch.line, line));
    }
    lines.sort_by_key(|(line, _)| *line);
    let told = lines
        .into_iter()
        .map(|(line, text)| format!("{}:{line}  {text}", file.file));
    told.collect()
}
