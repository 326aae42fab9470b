//! SARIF 2.1.0, as code scanning takes it.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use serde_sarif::sarif::{
    ArtifactChange, ArtifactContent, ArtifactLocation, Fix, Location, Message,
    MultiformatMessageString, PhysicalLocation, Region, Replacement, ReportingConfiguration,
    ReportingDescriptor, Result, ResultLevel, Run, Sarif, Tool, ToolComponent,
};
use trib_compiler::Sources;
use trib_compiler::diagnostics::{self, Code, Diagnostic, Severity, codes};
use trib_grammar::{FileId, Span};

use super::{Place, place, words};

/// What of a path stands in a URI as it is.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A SARIF 2.1.0 log.
pub fn sarif(list: &[Diagnostic], sources: &Sources) -> Sarif {
    let driver = ToolComponent::builder()
        .name("trib")
        .version(env!("CARGO_PKG_VERSION"))
        .rules(codes::ALL.iter().map(|code| rule(code)).collect::<Vec<_>>())
        .build();
    let results = list.iter().map(|diagnostic| result(diagnostic, sources));
    let run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .column_kind("unicodeCodePoints")
        .results(results.collect::<Vec<_>>())
        .build();
    Sarif::builder()
        .schema("https://json.schemastore.org/sarif-2.1.0.json")
        .version(json!("2.1.0"))
        .runs(vec![run])
        .build()
}

fn rule(code: &Code) -> ReportingDescriptor {
    let string = |text: &str| MultiformatMessageString::builder().text(text).build();
    ReportingDescriptor::builder()
        .id(code.id)
        .short_description(string(code.title))
        .full_description(string(&code.summary()))
        .help(
            MultiformatMessageString::builder()
                .text(code.page)
                .markdown(code.page)
                .build(),
        )
        .default_configuration(
            ReportingConfiguration::builder()
                .level(level(code.severity).to_string())
                .build(),
        )
        .build()
}

fn result(diagnostic: &Diagnostic, sources: &Sources) -> Result {
    let related = diagnostic.related.iter().map(|(span, message)| Location {
        message: Some(text(message)),
        ..location(*span, sources)
    });
    let mut result = Result::builder()
        .rule_id(diagnostic.code.id)
        .level(level(diagnostic.severity()))
        .message(text(&words(diagnostic)))
        .locations(vec![location(diagnostic.span, sources)])
        .related_locations(related.collect::<Vec<_>>())
        .build();
    result.fixes = diagnostic.fix.as_ref().map(|edit| vec![fix(edit, sources)]);
    result
}

fn fix(fix: &diagnostics::Fix, sources: &Sources) -> Fix {
    let mut replacements: BTreeMap<FileId, Vec<Replacement>> = BTreeMap::new();
    for (span, new) in &fix.edits {
        let content = ArtifactContent::builder().text(new).build();
        let replacement = Replacement::builder()
            .deleted_region(region(*span, sources))
            .inserted_content(content)
            .build();
        replacements.entry(span.file).or_default().push(replacement);
    }
    let changes = replacements.into_iter().map(|(file, replacements)| {
        ArtifactChange::builder()
            .artifact_location(artifact(sources.get(file).0))
            .replacements(replacements)
            .build()
    });
    Fix::builder()
        .description(text(&fix.title))
        .artifact_changes(changes.collect::<Vec<_>>())
        .build()
}

fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Error => ResultLevel::Error,
        Severity::Warning => ResultLevel::Warning,
        Severity::Lint => ResultLevel::Note,
    }
}

fn text(text: &str) -> Message {
    Message::builder().text(text).build()
}

fn location(span: Span, sources: &Sources) -> Location {
    let place = PhysicalLocation::builder()
        .artifact_location(artifact(sources.get(span.file).0))
        .region(region(span, sources))
        .build();
    Location::builder().physical_location(place).build()
}

fn artifact(path: &str) -> ArtifactLocation {
    let uri = utf8_percent_encode(path, PATH).to_string();
    ArtifactLocation::builder().uri(uri).build()
}

fn region(span: Span, sources: &Sources) -> Region {
    let Place { start, end, .. } = place(span, sources);
    Region::builder()
        .start_line(start.line)
        .start_column(start.column)
        .end_line(end.line)
        .end_column(end.column)
        .build()
}
