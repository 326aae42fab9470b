//! Coverage in the LCOV format: rules are functions, flows and parts of scopes are lines, and every
//! side of an `if`, `match`, `??` or part of a scope is a branch.

use std::collections::BTreeMap;
use std::fmt::Write;

use trib_compiler::probe::Construct;
use trib_runtime::testing::coverage::{BranchCoverage, Coverage, FileCoverage};

/// The document.
pub fn document(coverage: &Coverage) -> String {
    let mut out = String::new();
    for file in &coverage.files {
        // Writing to a text cannot fail.
        let _ = write(&mut out, file);
    }
    out
}

fn write(out: &mut String, file: &FileCoverage) -> std::fmt::Result {
    writeln!(out, "TN:")?;
    writeln!(out, "SF:{}", file.file)?;
    for rule in &file.rules {
        writeln!(out, "FN:{},{}", rule.line, one_line(&rule.name))?;
    }
    for rule in &file.rules {
        writeln!(out, "FNDA:{},{}", rule.in_scope, one_line(&rule.name))?;
    }
    let reached = |counts: &mut dyn Iterator<Item = u64>| counts.filter(|count| *count > 0).count();
    let called = reached(&mut file.rules.iter().map(|rule| rule.in_scope));
    writeln!(out, "FNF:{}\nFNH:{called}", file.rules.len())?;
    let mut side = 0;
    for (at, branch) in file.branches.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| file.branches.get(at));
        side = match before.is_some_and(|before| before.block == branch.block) {
            true => side + 1,
            false => 0,
        };
        let taken = match decided(file, branch) {
            true => branch.taken.to_string(),
            false => "-".to_owned(),
        };
        let (line, block) = (branch.line, branch.block);
        writeln!(out, "BRDA:{line},{block},{side},{taken}")?;
    }
    let taken = reached(&mut file.branches.iter().map(|branch| branch.taken));
    writeln!(out, "BRF:{}\nBRH:{taken}", file.branches.len())?;
    let lines = lines(file);
    for (line, count) in &lines {
        writeln!(out, "DA:{line},{count}")?;
    }
    let hit = reached(&mut lines.values().copied());
    writeln!(out, "LF:{}\nLH:{hit}\nend_of_record", lines.len())
}

/// Some side of the construct was taken.
fn decided(file: &FileCoverage, branch: &BranchCoverage) -> bool {
    let mut sides = file.branches.iter();
    sides.any(|side| side.block == branch.block && side.taken > 0)
}

/// How often each line ran: of several things on a line, the one that ran most.
fn lines(file: &FileCoverage) -> BTreeMap<u32, u64> {
    let mut lines: BTreeMap<u32, u64> = BTreeMap::new();
    let mut see = |line: u32, count: u64| {
        let known = lines.entry(line).or_default();
        *known = count.max(*known);
    };
    for rule in &file.rules {
        see(rule.line, rule.evaluated);
    }
    for flow in &file.flows {
        see(flow.line, flow.evaluated);
    }
    let clauses = file.branches.iter();
    for branch in clauses.filter(|branch| branch.construct == Construct::Scope) {
        see(branch.line, branch.taken);
    }
    lines
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
