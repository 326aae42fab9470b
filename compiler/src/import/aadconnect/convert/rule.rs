//! A rule: its ends, its clauses, and what there is to say about it.

use super::{Converter, Side};
use crate::import::aadconnect::clause::{self, Operand};
use crate::import::aadconnect::directory::{Directory, object_type};
use crate::import::aadconnect::graph::{self, Mapped};
use crate::import::aadconnect::model::{self, Direction, Link};
use crate::import::aadconnect::{filter, names};
use crate::import::draft::{Clause, Rule};
use crate::import::report::{Outcome, Part, RuleReport};
use crate::import::write::canonical_expression;
use crate::schema::Kind;
use crate::types::Type;

impl<'c> Converter<'c> {
    /// The draft of a rule.
    pub(super) fn rule(&mut self, rule: &'c model::Rule, precedence: i64) -> Rule {
        let directory = self.directories.get(&rule.connector);
        let connector = directory.map_or("other", |known| known.connector.name.as_str());
        self.outbound = directory.filter(|_| rule.direction == Direction::Outbound);
        let mut made = self.head(rule, precedence, connector);
        let problem = match directory {
            None => Some("its connector is neither Active Directory nor Entra ID".to_owned()),
            Some(directory) => self.problem(rule, directory),
        };
        if let (None, Some(directory)) = (&problem, directory) {
            let (source, target) = self.sides(rule, directory);
            (made.from, made.to) = (self.path(source), self.path(target));
            self.scope(rule, source, &mut made);
            self.joins(rule, source, target, &mut made);
            self.flows(rule, source, target, &mut made);
            if rule.direction == Direction::Inbound {
                made.conditions = filter::conditions(rule, directory);
            }
        } else {
            self.unread(rule, &mut made);
        }
        if let Some(problem) = problem {
            made.leave_out(problem);
        }
        made
    }

    fn head(&mut self, rule: &model::Rule, precedence: i64, connector: &str) -> Rule {
        let name = self.unique(&rule.name, connector);
        let inbound = rule.direction == Direction::Inbound;
        let folder = if inbound { "in" } else { "out" };
        let object_type = names::file(object_type(rule));
        let file = format!("rules/{folder}/{connector}-{object_type}.trib");
        let mut report = RuleReport {
            name: rule.name.clone(),
            id: rule.id.clone(),
            tag: (!rule.tag.is_empty()).then(|| rule.tag.clone()),
            from_file: rule.file.clone(),
            outcome: Outcome::Kept,
            rule: Some(name.clone()),
            file: file.clone(),
            why: Vec::new(),
            parts: Vec::new(),
            added: Vec::new(),
        };
        if name != rule.name {
            report.changed(format!("another rule is called `{}` too", rule.name));
        }
        if precedence != rule.precedence {
            report.changed(match rule.after.is_some() || rule.before.is_some() {
                true => format!("its precedence {precedence} is where it was to be put"),
                false => format!(
                    "its precedence was {}, as that of another rule",
                    rule.precedence
                ),
            });
        }
        if !rule.soft_delete.is_empty() {
            report.changed(format!(
                "what leaves it was kept for {}; here it is not",
                rule.soft_delete
            ));
        }
        if rule.password_sync {
            report.changed("it took part in the synchronization of passwords, which is left out");
        }
        let mut docs = Vec::new();
        if !rule.description.is_empty() {
            docs.push(rule.description.clone());
            docs.push(String::new());
        }
        docs.push(match rule.tag.as_str() {
            "" => format!("From Azure AD Connect, {{{}}}.", rule.id),
            tag => format!("From Azure AD Connect, {{{}}}, shipped as {tag}.", rule.id),
        });
        Rule {
            file,
            docs,
            name,
            from: String::new(),
            to: String::new(),
            precedence,
            link: match rule.link {
                Link::Provision => "provision",
                Link::Join => "join",
                Link::Sticky => "sticky",
            },
            deprovision: (!inbound && rule.link == Link::Provision).then_some("delete"),
            disabled: rule.disabled,
            conditions: Vec::new(),
            scope: Vec::new(),
            joins: Vec::new(),
            flows: Vec::new(),
            report,
        }
    }

    /// Why the rule as a whole cannot be.
    fn problem(&self, rule: &model::Rule, directory: &Directory) -> Option<String> {
        let name = object_type(rule);
        let (metaverse, inbound) = match rule.direction {
            Direction::Inbound => (&rule.target, true),
            Direction::Outbound => (&rule.source, false),
        };
        let any = inbound && metaverse == "*";
        let known = |known: &str| known.eq_ignore_ascii_case(metaverse);
        if !any && !self.types.iter().any(|ty| known(&ty.name)) {
            return Some(format!("the metaverse has no type `{metaverse}`"));
        }
        if directory.connector.kind == Kind::Entra {
            return match graph::object_type(name) {
                None => Some(format!("Graph has no objects like `{name}`")),
                Some(_) if inbound => None,
                Some(_) => graph::refusal(name).map(str::to_owned),
            };
        }
        match directory.schema.object_type(name) {
            Some(_) if names::is_name(name) => None,
            _ => Some(format!(
                "`{}` has no type `{name}`",
                directory.connector.name
            )),
        }
    }

    /// The parts of a rule that is left out as a whole.
    fn unread(&self, rule: &model::Rule, made: &mut Rule) {
        let parts = &mut made.report.parts;
        for clause in rule.scope.iter().flatten() {
            parts.push(Part::new("scope", &clause.attribute, words(clause)));
        }
        for clause in rule.joins.iter().flatten() {
            parts.push(Part::new("join", &clause.source, join_words(clause)));
        }
        for mapping in &rule.mappings {
            parts.push(Part::new(
                "flow",
                &mapping.target,
                super::flows::words(mapping),
            ));
        }
    }

    fn path(&self, side: Side<'_>) -> String {
        match side {
            Side::Metaverse("*") => "any".to_owned(),
            Side::Metaverse(ty) => {
                let mut known = self.types.iter();
                let known = known.find(|known| known.name.eq_ignore_ascii_case(ty));
                format!("[{}]", known.map_or(ty, |known| known.name.as_str()))
            }
            Side::Directory(directory, ty) => {
                let ty = match directory.connector.kind {
                    Kind::Entra => graph::object_type(ty).unwrap_or(ty).to_owned(),
                    _ => {
                        let known = directory.schema.object_type(ty);
                        known.map_or(ty.to_owned(), |known| known.name.clone())
                    }
                };
                format!("{}.[{ty}]", directory.connector.name)
            }
        }
    }

    /// An attribute of the source in a clause; or why there is none.
    fn operand(&mut self, side: Side<'_>, name: &str) -> Result<Operand, String> {
        match self.read(side, name) {
            Mapped::Property(name) => Ok(Operand {
                ty: self.attribute(side, &name),
                text: format!("[{name}]"),
            }),
            Mapped::Expression(expression, ty) => Ok(Operand {
                text: format!("({})", self.translated(side, &expression)?.0),
                ty: Type::parse(ty),
            }),
            Mapped::Absent(name) => Ok(Operand {
                text: format!("({name} is absent)"),
                ty: Type::parse("bool"),
            }),
            Mapped::Nothing(why) => Err(why),
            Mapped::List(_) | Mapped::Field(..) => Err(format!("`{name}` cannot be read")),
        }
    }

    /// Whether something is absent, said without comparing truths.
    fn presence(&self, side: Side<'_>, clause: &model::ScopeClause) -> Option<String> {
        let Mapped::Absent(name) = self.read(side, &clause.attribute) else {
            return None;
        };
        let truth: bool = clause.value.trim().to_ascii_lowercase().parse().ok()?;
        let absent = match clause.operator.as_str() {
            "EQUAL" => truth,
            "NOTEQUAL" => !truth,
            _ => return None,
        };
        let word = if absent { "absent" } else { "present" };
        Some(format!("{name} is {word}"))
    }

    fn scope(&mut self, rule: &model::Rule, source: Side<'_>, made: &mut Rule) {
        for group in &rule.scope {
            let mut clauses = Vec::new();
            for clause in group {
                let index = made.report.parts.len();
                made.report
                    .parts
                    .push(Part::new("scope", &clause.attribute, words(clause)));
                let clause = &model::ScopeClause {
                    value: self.settled(&clause.value, false),
                    ..clause.clone()
                };
                let text = match self.presence(source, clause) {
                    Some(text) => Ok(text),
                    None => self
                        .operand(source, &clause.attribute)
                        .and_then(|operand| clause::scope(clause, &operand)),
                };
                let text = text.map(|text| canonical_expression(&text));
                if let Some(note) = self.unselected(source, &clause.attribute)
                    && let Some(part) = made.part(index)
                {
                    part.changed(note);
                }
                self.clause(text, index, made, &mut clauses);
            }
            if !clauses.is_empty() {
                made.scope.push(clauses);
            }
        }
    }

    fn joins(&mut self, rule: &model::Rule, source: Side<'_>, target: Side<'_>, made: &mut Rule) {
        let ty = made.to.rsplit('.').next().unwrap_or_default().to_owned();
        for group in &rule.joins {
            let mut clauses = Vec::new();
            for clause in group {
                let index = made.report.parts.len();
                made.report
                    .parts
                    .push(Part::new("join", &clause.source, join_words(clause)));
                let text = self.operand(source, &clause.source).and_then(|operand| {
                    match self.read(target, &clause.target) {
                        Mapped::Property(name) => {
                            Ok(clause::join(clause, &operand.text, &ty, &name))
                        }
                        Mapped::Nothing(why) => Err(why),
                        _ => Err(format!("nothing can be looked up by `{}`", clause.target)),
                    }
                });
                self.clause(text, index, made, &mut clauses);
            }
            if !clauses.is_empty() {
                made.joins.push(clauses);
            }
        }
    }

    fn clause(
        &self,
        text: Result<String, String>,
        part: usize,
        made: &mut Rule,
        clauses: &mut Vec<Clause>,
    ) {
        match text {
            Ok(text) => {
                if let Some(part) = made.part(part) {
                    part.is = Some(text.clone());
                }
                clauses.push(Clause { text, part });
            }
            Err(why) => made.disable(part, &why),
        }
    }
}

fn words(clause: &model::ScopeClause) -> String {
    let model::ScopeClause {
        attribute,
        operator,
        value,
    } = clause;
    format!("{attribute} {operator} {value}")
        .trim_end()
        .to_owned()
}

fn join_words(clause: &model::JoinClause) -> String {
    let case = if clause.case_sensitive {
        " (case-sensitive)"
    } else {
        ""
    };
    format!("{} = {}{case}", clause.source, clause.target)
}
