//! `trib eval`: type and value of an expression.

mod object;

use std::path::PathBuf;

use bumpalo::Bump;
use clap::{Args, ValueEnum};
use serde_json::{Value as Json, json};
use trib_compiler::diagnostics::{Diagnostic, Severity};
use trib_compiler::ir::Expr;
use trib_compiler::value::Value;
use trib_compiler::{Evaluable, Sources, check_expression};
use trib_runtime::eval::{Env, Frame, Layout, Linker, Object, Place, scripts};
use trib_runtime::json::to_json;
use trib_runtime::object::{Row, encode_row};

use crate::output::{Exit, Failure, FormatArg, Outcome, note, print, print_json};
use crate::style::Style;
use crate::{diagnostics, files, project};

/// Type and value of an expression.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  trib eval 'Left(\"Tributary\", 4)'\n  trib eval 'Trim(displayName) ?? cn' --from ad.user --object ann.json\n  trib eval '%Domain.FQDN%' --param Domain.FQDN=contoso.com"
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
    /// The language it is written in.
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
    /// Azure AD Connect (not in this version).
    Connect,
    /// Cloud sync (not in this version).
    Cloud,
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
        if matches!(self.dialect, Some(Dialect::Connect | Dialect::Cloud)) {
            return Err(Failure::usage(
                "translating expressions of other products is not available in this version",
            )
            .help("write the expression in the language of Tributary"));
        }
        let (sources, evaluable, found) = self.check()?;
        let sound = found
            .iter()
            .all(|diagnostic| diagnostic.severity() != Severity::Error);
        let Some(evaluable) = evaluable.filter(|_| sound) else {
            return self.refuse(&found, &sources);
        };
        if !self.format.json() {
            diagnostics::show(&found, &sources);
        }
        let bump = Bump::new();
        match self.value(&evaluable, &sources, &bump)? {
            Ok(value) => self.show(&evaluable, value)?,
            Err(failure) => {
                if self.format.json() {
                    print_json(
                        &json!({ "error": { "code": failure.code, "message": failure.message } }),
                    )?;
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

    fn check(&self) -> Result<(Sources, Option<Evaluable>, Vec<Diagnostic>), Failure> {
        let mut sources = Sources::default();
        if !self.rules.is_empty() {
            let (loaded, checked) = project::check(&self.rules)?;
            diagnostics::require_sound(&loaded, &checked)?;
            sources = loaded;
        }
        let file = sources.add("expression", self.expression.as_str());
        let (expression, errors) = trib_grammar::parse_expression(file, &self.expression);
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

    fn refuse(&self, found: &[Diagnostic], sources: &Sources) -> Outcome {
        if self.format.json() {
            let first = found
                .iter()
                .find(|diagnostic| diagnostic.severity() == Severity::Error);
            let mut document = trib_compiler::diagnostics::json(found, sources, 0);
            let error = first.map(|first| json!({ "code": first.code.id, "message": first.message, "help": first.help }));
            let diagnostics = document.get_mut("diagnostics").map(Json::take);
            print_json(&json!({ "error": error, "diagnostics": diagnostics }))?;
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
        };
        Ok(env.eval(node, &mut Frame::default()))
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let mut given = self.param.iter().rev();
        given
            .find(|(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
    }

    fn show(&self, evaluable: &Evaluable, value: Value<'_>) -> Result<(), Failure> {
        let ty = evaluable.typed.ty.to_string();
        if self.format.json() {
            let mut document = json!({ "type": ty, "value": to_json(value) });
            if let (Some(Dialect::Tributary), Json::Object(members)) = (self.dialect, &mut document)
            {
                members.insert("tributary".to_owned(), json!(self.expression));
            }
            return print_json(&document);
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
