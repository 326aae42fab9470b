//! `trib eval`: type and value of an expression.

mod object;

use std::path::PathBuf;

use bumpalo::Bump;
use clap::{Args, ValueEnum};
use serde_json::{Value as Json, json};
use trib_compiler::diagnostics::{Diagnostic, Severity};
use trib_compiler::dialect;
use trib_compiler::ir::Expr;
use trib_compiler::value::Value;
use trib_compiler::{Evaluable, Sources, attribute_types, check_expression};
use trib_runtime::eval::{Env, Frame, Layout, Linker, Object, Place, scripts};
use trib_runtime::json::to_json;
use trib_runtime::object::{Row, encode_row};

use crate::output::{Exit, Failure, FormatArg, Outcome, note, print, print_json};
use crate::style::Style;
use crate::{diagnostics, files, project};

/// Type and value of an expression.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  trib eval 'Left(\"Tributary\", 4)'\n  trib eval 'Trim(displayName) ?? cn' --from ad.user --object ann.json\n  trib eval '%Domain.FQDN%' --param Domain.FQDN=contoso.com\n  trib eval 'IIF(IsNullOrEmpty([displayName]),[cn],[displayName])' --dialect connect --from ad.user"
)]
pub struct Eval {
    /// The expression.
    #[arg(value_name = "EXPR", allow_hyphen_values = true)]
    expression: String,
    /// The object type whose attributes it reads: ad.user, person, cloud.user, …
    #[arg(long, value_name = "TYPE")]
    from: Option<String>,
    /// An object of that type: attributes by name, in the forms of the result.
    #[arg(long, value_name = "FILE.json", requires = "from")]
    object: Option<PathBuf>,
    /// A parameter, such as Domain.FQDN=contoso.com; may be given several times.
    #[arg(long, value_name = "K=V", value_parser = parameter)]
    param: Vec<(String, String)>,
    /// Rules whose functions, constants and connectors it may use.
    #[arg(long, value_name = "PATH")]
    rules: Vec<PathBuf>,
    /// The language it is written in; an expression of another product is translated first.
    #[arg(long, value_enum, value_name = "DIALECT")]
    dialect: Option<Dialect>,
    #[command(flatten)]
    format: FormatArg,
}

/// Languages of expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Dialect {
    /// Ours.
    Tributary,
    /// Azure AD Connect.
    Connect,
    /// Cloud sync.
    Cloud,
}

impl Dialect {
    /// The dialect to translate from, unless the expression is ours.
    fn foreign(self) -> Option<dialect::Dialect> {
        match self {
            Dialect::Tributary => None,
            Dialect::Connect => Some(dialect::Dialect::Connect),
            Dialect::Cloud => Some(dialect::Dialect::Cloud),
        }
    }
}

/// `Domain.FQDN=contoso.com`, with or without the percent signs.
fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim_matches('%').is_empty() => {
            Ok((name.trim_matches('%').to_owned(), value.to_owned()))
        }
        _ => Err("it has the form NAME=VALUE".to_owned()),
    }
}

impl Eval {
    /// Checks the expression and evaluates it.
    pub fn run(&self) -> Outcome {
        let translated = match self.dialect.and_then(Dialect::foreign) {
            Some(dialect) => match self.translate(dialect)? {
                Ok(text) => Some(text),
                Err(exit) => return Ok(exit),
            },
            None => None,
        };
        let expression = translated.as_deref().unwrap_or(&self.expression);
        let (sources, evaluable, found) = self.check(expression)?;
        let sound = found
            .iter()
            .all(|diagnostic| diagnostic.severity() != Severity::Error);
        let Some(evaluable) = evaluable.filter(|_| sound) else {
            return self.refuse(&found, &sources, translated.as_deref());
        };
        if !self.format.json() {
            diagnostics::show(&found, &sources);
        }
        let bump = Bump::new();
        match self.value(&evaluable, &sources, &bump)? {
            Ok(value) => self.show(&evaluable, value, expression)?,
            Err(failure) => {
                if self.format.json() {
                    let error =
                        json!({ "error": { "code": failure.code, "message": failure.message } });
                    print_json(&with_translation(error, translated.as_deref()))?;
                } else {
                    note(format_args!(
                        "{} {} ({})",
                        Style::stderr().bad("error:"),
                        failure.message,
                        failure.code
                    ));
                }
                return Ok(Exit::SomeFailed);
            }
        }
        Ok(Exit::Fine)
    }

    /// The rules at hand.
    fn sources(&self) -> Result<Sources, Failure> {
        if self.rules.is_empty() {
            return Ok(Sources::default());
        }
        let (loaded, checked) = project::check(&self.rules)?;
        diagnostics::require_sound(&loaded, &checked)?;
        Ok(loaded)
    }

    /// Our text of a foreign expression, shown; or the exit after its errors were.
    fn translate(&self, dialect: dialect::Dialect) -> Result<Result<String, Exit>, Failure> {
        let mut known = self.sources()?;
        let types = self
            .from
            .as_deref()
            .map(|from| attribute_types(&mut known, from));
        let attribute = |name: &str| types.as_ref().and_then(|types| types(name));
        let surroundings = dialect::Surroundings {
            attribute: &attribute,
            flow: false,
        };
        let mut foreign = Sources::default();
        let file = foreign.add("expression", self.expression.as_str());
        match dialect::translate(dialect, file, &self.expression, &surroundings) {
            Ok(translated) => {
                if !self.format.json() {
                    diagnostics::show(&translated.notes, &foreign);
                    note(&translated.text);
                }
                Ok(Ok(translated.text))
            }
            Err(errors) => self.refuse(&errors, &foreign, None).map(Err),
        }
    }

    fn check(&self, text: &str) -> Result<(Sources, Option<Evaluable>, Vec<Diagnostic>), Failure> {
        let mut sources = self.sources()?;
        let file = sources.add("expression", text);
        let (expression, errors) = trib_grammar::parse_expression(file, text);
        let Some(expression) = expression.filter(|_| errors.is_empty()) else {
            return Ok((sources, None, diagnostics::syntax(&errors)));
        };
        let (evaluable, mut found) =
            check_expression(&mut sources, file, &expression, self.from.as_deref());
        // The compiler reads every source as a file of rules; as such the expression is none.
        found.retain(|diagnostic| {
            diagnostic.span.file == file && !diagnostic.code.id.starts_with("E01")
        });
        if evaluable.is_none() {
            let message = found
                .first()
                .map_or("the object type is unknown", |first| first.message.as_str());
            let help = found
                .first()
                .and_then(|first| first.help.clone())
                .unwrap_or_default();
            return Err(Failure::usage(format!("`--from`: {message}")).help(help));
        }
        Ok((sources, evaluable, found))
    }

    fn refuse(&self, found: &[Diagnostic], sources: &Sources, translated: Option<&str>) -> Outcome {
        if self.format.json() {
            let first = found
                .iter()
                .find(|diagnostic| diagnostic.severity() == Severity::Error);
            let mut document = trib_compiler::diagnostics::json(found, sources, 0);
            let error = first.map(|first| json!({ "code": first.code.id, "message": first.message, "help": first.help }));
            let diagnostics = document.get_mut("diagnostics").map(Json::take);
            let document = json!({ "error": error, "diagnostics": diagnostics });
            print_json(&with_translation(document, translated))?;
        } else {
            diagnostics::show(found, sources);
        }
        Ok(Exit::Refused)
    }

    /// The value, or how evaluating failed.
    fn value<'a>(
        &self,
        evaluable: &'a Evaluable,
        sources: &Sources,
        bump: &'a Bump,
    ) -> Result<Result<Value<'a>, trib_compiler::functions::Failure>, Failure> {
        let attributes = object::attributes(evaluable);
        let document = match &self.object {
            Some(path) => object::document(&files::read(path)?, &path.display().to_string())?,
            None => object::Document::default(),
        };
        let row = bump.alloc_slice_copy(&encode_row(&document.values(attributes, bump)?));
        let places = (0..attributes.len()).map(Place::Slot).collect();
        let layout = Layout {
            places,
            ..Layout::default()
        };
        let node = bump.alloc(Linker { layout: &layout }.link(&evaluable.typed.expr)?);
        let scripts = bump.alloc(scripts(&trib_compiler::lower(&evaluable.rules, sources))?);
        let parameters = evaluable
            .rules
            .parameters
            .iter()
            .map(|name| self.parameter(name));
        let parameters = bump.alloc(parameters.collect::<Vec<_>>());
        let groups: Vec<&str> = groups(&evaluable.typed.expr)
            .filter(|group| document.is_in(group))
            .collect();
        let object = Object {
            groups: bump.alloc_slice_copy(&groups),
            ..Object::of(Row::new(row), bump.alloc_str(document.dn()))
        };
        let env = Env {
            object,
            bump,
            now: trib_runtime::now(),
            parameters,
            scripts,
            counts: None,
            due: None,
        };
        Ok(env.eval(node, &mut Frame::default()))
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let mut given = self.param.iter().rev();
        // A parameter of a foreign expression may be given by the name it has there.
        let foreign = self.dialect.and_then(Dialect::foreign);
        let own = foreign.and_then(|_| name.strip_prefix("Param."));
        given
            .find(|(given, _)| {
                given.eq_ignore_ascii_case(name)
                    || own.is_some_and(|own| given.eq_ignore_ascii_case(own))
            })
            .map(|(_, value)| value.clone())
    }

    fn show(
        &self,
        evaluable: &Evaluable,
        value: Value<'_>,
        expression: &str,
    ) -> Result<(), Failure> {
        let ty = evaluable.typed.ty.to_string();
        if self.format.json() {
            let document = json!({ "type": ty, "value": to_json(value) });
            let shown = self.dialect.map(|_| expression);
            return print_json(&with_translation(document, shown));
        }
        let shown = match value {
            Value::Absent => "absent".to_owned(),
            Value::Clear => "clear".to_owned(),
            Value::Skip => "skip".to_owned(),
            value => to_json(value).to_string(),
        };
        print(format_args!(
            "{shown} {}\n",
            Style::stdout().dim(&format!(": {ty}"))
        ))
    }
}

/// The document with the expression in our language, where it was asked for.
fn with_translation(mut document: Json, text: Option<&str>) -> Json {
    if let (Some(text), Json::Object(members)) = (text, &mut document) {
        members.insert("tributary".to_owned(), json!(text));
    }
    document
}

/// The groups that the expression asks about.
fn groups(expression: &Expr) -> impl Iterator<Item = &str> {
    let mut groups = Vec::new();
    expression.walk(&mut |part| {
        if let Expr::MemberOf(group) = part {
            groups.push(group.as_str());
        }
    });
    groups.into_iter()
}
