//! Rules as the rule editor exports them: a script of commands that make them.

mod command;

use std::collections::HashMap;

use self::command::{Command, Value, commands};
use super::model::{Configuration, Direction, Flow, JoinClause, Link, Mapping, Rule, ScopeClause};
use super::read::{direction, identifier, link, somebody, truth};
use crate::import::Error;

/// Commands that make nothing a rule depends on.
const IDLE: [&str; 9] = [
    "Import-Module",
    "Get-ADSyncRule",
    "Set-ADSyncScheduler",
    "Start-ADSyncSyncCycle",
    "Get-ADSyncConnector",
    "Remove-Variable",
    "Write-Host",
    "Write-Output",
    "Write-Verbose",
];

/// The script makes rules.
pub(super) fn has_rules(text: &str) -> bool {
    text.contains("New-ADSyncRule")
}

/// Reads the rules of a script.
pub(super) fn read(file: &str, text: &str, found: &mut Configuration) -> Result<(), Error> {
    let mut script = Script {
        file,
        variables: HashMap::new(),
        scopes: HashMap::new(),
        joins: HashMap::new(),
    };
    for command in commands(file, text)? {
        script.run(command, found)?;
    }
    Ok(())
}

/// What variables of the script stand for.
struct Script<'s> {
    file: &'s str,
    variables: HashMap<String, String>,
    scopes: HashMap<String, ScopeClause>,
    joins: HashMap<String, (String, String, bool)>,
}

impl Script<'_> {
    fn run(&mut self, command: Command, found: &mut Configuration) -> Result<(), Error> {
        match command.name.as_str() {
            "=" => {
                if let (Some(name), Some(Value::Text(value))) =
                    (command.text("name"), command.value("value"))
                {
                    self.variables.insert(name.to_owned(), value.clone());
                }
            }
            "New-ADSyncRule" => found.rules.push(self.rule(&command)?),
            "Add-ADSyncAttributeFlowMapping" => {
                let mapping = self.mapping(&command)?;
                self.current(&command, found)?.mappings.push(mapping);
            }
            "New-Object" => self.condition(&command)?,
            "Add-ADSyncScopeConditionGroup" => {
                let names = command.names("ScopeConditions");
                let group: Vec<_> = names
                    .iter()
                    .filter_map(|name| self.scopes.get(*name).cloned())
                    .collect();
                self.whole(&command, names.len(), group.len())?;
                self.current(&command, found)?.scope.push(group);
            }
            "Add-ADSyncJoinConditionGroup" => {
                let names = command.names("JoinConditions");
                let group: Vec<_> = names
                    .iter()
                    .filter_map(|name| self.joins.get(*name))
                    .collect();
                self.whole(&command, names.len(), group.len())?;
                let group: Vec<_> = group.into_iter().cloned().collect();
                let rule = self.current(&command, found)?;
                let outbound = rule.direction == Direction::Outbound;
                rule.joins.push(
                    group
                        .into_iter()
                        .map(|(directory, metaverse, case_sensitive)| {
                            let (source, target) = match outbound {
                                true => (metaverse, directory),
                                false => (directory, metaverse),
                            };
                            JoinClause {
                                source,
                                target,
                                case_sensitive,
                            }
                        })
                        .collect(),
                );
            }
            "Add-ADSyncRule" => {}
            name if IDLE.iter().any(|idle| idle.eq_ignore_ascii_case(name)) => {}
            name => {
                let what = format!("line {}: the command `{name}` is not known", command.line);
                found.unread.push((self.file.to_owned(), what));
            }
        }
        Ok(())
    }

    fn error(&self, command: &Command, what: &str) -> Error {
        Error::new(
            format!("`{}`, line {}: {what}", self.file, command.line),
            "the script must be as the rule editor exports it, with values instead of variables",
        )
    }

    /// A condition that no command before made would silently widen the rule.
    fn whole(&self, command: &Command, named: usize, known: usize) -> Result<(), Error> {
        match named == known && named > 0 {
            true => Ok(()),
            false => Err(self.error(command, "it names conditions that were not made before")),
        }
    }

    fn current<'c>(
        &self,
        command: &Command,
        found: &'c mut Configuration,
    ) -> Result<&'c mut Rule, Error> {
        let last = found.rules.last_mut();
        last.filter(|rule| rule.file == self.file)
            .ok_or_else(|| self.error(command, "no `New-ADSyncRule` comes before"))
    }

    /// The text of a parameter, of a variable that was set before too.
    fn text(&self, command: &Command, name: &str) -> Result<String, Error> {
        match command.value(name) {
            None => Ok(String::new()),
            Some(value) => self.resolved(command, name, value),
        }
    }

    fn resolved(&self, command: &Command, name: &str, value: &Value) -> Result<String, Error> {
        match value {
            Value::Text(text) => Ok(text.clone()),
            Value::Variable(variable) => match variable.as_str() {
                "true" | "false" => Ok(variable.clone()),
                "null" => Ok(String::new()),
                _ => self.variables.get(variable).cloned().ok_or_else(|| {
                    let what = format!("`-{name}` is `${variable}`, which nothing before sets");
                    self.error(command, &what)
                }),
            },
            Value::List(list) => match list.as_slice() {
                [] => Ok(String::new()),
                [first, ..] => self.resolved(command, name, first),
            },
        }
    }

    fn rule(&self, command: &Command) -> Result<Rule, Error> {
        let text = |name: &str| self.text(command, name);
        let bad = |name: &str| self.error(command, &format!("`-{name}` is missing or not known"));
        let required = |name: &str| match text(name)? {
            value if value.is_empty() => Err(bad(name)),
            value => Ok(value),
        };
        Ok(Rule {
            file: self.file.to_owned(),
            id: identifier(&text("Identifier")?),
            name: required("Name")?,
            description: text("Description")?,
            tag: text("ImmutableTag")?,
            direction: direction(&text("Direction")?).ok_or_else(|| bad("Direction"))?,
            disabled: command.is_on("Disabled"),
            connector: identifier(&required("Connector")?),
            source: required("SourceObjectType")?,
            target: required("TargetObjectType")?,
            link: match text("LinkType")?.as_str() {
                "" => Link::Join,
                word => link(word).ok_or_else(|| bad("LinkType"))?,
            },
            precedence: match text("Precedence")?.as_str() {
                "" => 0,
                number => number.parse().map_err(|_| bad("Precedence"))?,
            },
            after: somebody(&text("PrecedenceAfter")?),
            before: somebody(&text("PrecedenceBefore")?),
            soft_delete: match text("SoftDeleteExpiryInterval")?.as_str() {
                "0" | "00:00:00" => String::new(),
                interval => interval.to_owned(),
            },
            password_sync: command.is_on("EnablePasswordSync"),
            scope: Vec::new(),
            joins: Vec::new(),
            mappings: Vec::new(),
        })
    }

    fn mapping(&self, command: &Command) -> Result<Mapping, Error> {
        let source = self.text(command, "Source")?;
        let expression = self.text(command, "Expression")?;
        let value = match self.text(command, "FlowType")?.as_str() {
            "Constant" => Flow::Constant(source),
            "Expression" => Flow::Expression(expression),
            _ if !expression.is_empty() => Flow::Expression(expression),
            _ if source.is_empty() => Flow::Nothing,
            _ => Flow::Direct(source),
        };
        Ok(Mapping {
            target: self.text(command, "Destination")?,
            value,
            once: command.is_on("ExecuteOnce"),
            merge: self.text(command, "ValueMergeType")?,
        })
    }

    fn condition(&mut self, command: &Command) -> Result<(), Error> {
        let kind = self.text(command, "TypeName")?;
        let Some(variable) = command.text("OutVariable").map(str::to_ascii_lowercase) else {
            return Ok(());
        };
        let arguments = match command.value("ArgumentList") {
            Some(Value::List(list)) => list.clone(),
            Some(value) => vec![value.clone()],
            None => Vec::new(),
        };
        let arguments = arguments
            .iter()
            .map(|value| self.resolved(command, "ArgumentList", value))
            .collect::<Result<Vec<_>, _>>()?;
        match (kind.rsplit('.').next(), arguments.as_slice()) {
            (Some("ScopeCondition"), [attribute, value, operator]) => {
                let clause = ScopeClause {
                    attribute: attribute.clone(),
                    operator: operator.clone(),
                    value: value.clone(),
                };
                self.joins.remove(&variable);
                self.scopes.insert(variable, clause);
            }
            (Some("JoinCondition"), [directory, metaverse, rest @ ..]) => {
                let exact = rest.first().is_some_and(|exact| truth(exact));
                let clause = (directory.clone(), metaverse.clone(), exact);
                self.scopes.remove(&variable);
                self.joins.insert(variable, clause);
            }
            (Some("ScopeCondition" | "JoinCondition"), _) => {
                return Err(self.error(command, "the condition does not have its three arguments"));
            }
            _ => {}
        }
        Ok(())
    }
}
