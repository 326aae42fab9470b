//! The commands of a script, as far as scripts that make rules need: literals, variables, lists.

use crate::import::Error;

/// A command with its parameters; an assignment is the command `=`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Command {
    pub name: String,
    pub line: usize,
    parameters: Vec<(String, Value)>,
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// A literal, or a bare word.
    Text(String),
    /// `$name`, `$name[0]`, `$name.Member`
    Variable(String),
    /// `@( … )`, `a, b`
    List(Vec<Value>),
}

impl Command {
    /// The value of a parameter.
    pub fn value(&self, name: &str) -> Option<&Value> {
        let found = self.parameters.iter();
        let mut found = found.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value)
    }

    /// The literal that a parameter is.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.value(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A switch is given, or is `$true`.
    pub fn is_on(&self, name: &str) -> bool {
        match self.value(name) {
            Some(Value::Variable(variable)) => variable == "true",
            Some(Value::Text(text)) => text.is_empty() || text.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }

    /// The names of the variables in a list.
    pub fn names(&self, name: &str) -> Vec<&str> {
        let list = match self.value(name) {
            Some(Value::List(list)) => list.as_slice(),
            Some(value) => std::slice::from_ref(value),
            None => &[],
        };
        let names = list.iter().map(|value| match value {
            Value::Variable(name) => name.as_str(),
            _ => "",
        });
        names.collect()
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Variable(String),
    Sign(char),
    End,
}

/// The commands of a script, with their lines.
pub(super) fn commands(file: &str, text: &str) -> Result<Vec<Command>, Error> {
    let mut commands = Vec::new();
    let mut statement: Vec<(Token, usize)> = Vec::new();
    for token in tokens(file, text)? {
        match token.0 {
            Token::End => commands.extend(command(&std::mem::take(&mut statement))),
            _ => statement.push(token),
        }
    }
    commands.extend(command(&statement));
    Ok(commands)
}

fn command(statement: &[(Token, usize)]) -> Option<Command> {
    let (first, line) = statement.first()?;
    let rest = statement.get(1..).unwrap_or_default();
    let (name, rest) = match (first, rest.first()) {
        (Token::Word(word), _) => (word.clone(), rest),
        (Token::Variable(variable), Some((Token::Sign('='), _))) => {
            let value = rest.get(1..).unwrap_or_default();
            // The result of a command is a variable too; what counts is the command.
            if let Some((Token::Word(word), _)) = value.first()
                && word.contains('-')
            {
                return command(value);
            }
            let value = one(value).map(|(value, _)| value)?;
            let name = Value::Text(variable.clone());
            return Some(Command {
                name: "=".to_owned(),
                line: *line,
                parameters: vec![("name".to_owned(), name), ("value".to_owned(), value)],
            });
        }
        _ => return None,
    };
    let mut parameters = Vec::new();
    let mut rest = rest;
    while let Some(((token, _), after)) = rest.split_first() {
        rest = after;
        match token {
            Token::Sign('|') => break,
            Token::Word(word) if word.starts_with('-') => {
                let (value, used) = list(rest);
                rest = rest.get(used..).unwrap_or_default();
                let value = value.unwrap_or_else(|| Value::Text(String::new()));
                let name = word.trim_start_matches('-').trim_end_matches(':');
                parameters.push((name.to_owned(), value));
            }
            _ => {}
        }
    }
    Some(Command {
        name,
        line: *line,
        parameters,
    })
}

/// Values with commas between them, and how many tokens they take.
fn list(tokens: &[(Token, usize)]) -> (Option<Value>, usize) {
    let mut values = Vec::new();
    let mut used = 0;
    while let Some((value, taken)) = one(tokens.get(used..).unwrap_or_default()) {
        values.push(value);
        used += taken;
        match tokens.get(used) {
            Some((Token::Sign(','), _)) => used += 1,
            _ => break,
        }
    }
    match values.len() {
        0 | 1 => (values.pop(), used),
        _ => (Some(Value::List(values)), used),
    }
}

/// One value, and how many tokens it takes.
fn one(tokens: &[(Token, usize)]) -> Option<(Value, usize)> {
    match &tokens.first()?.0 {
        Token::Text(text) => Some((Value::Text(text.clone()), 1)),
        Token::Word(word) if !is_parameter(word) => Some((Value::Text(word.clone()), 1)),
        Token::Variable(name) => Some((Value::Variable(name.clone()), 1)),
        Token::Sign('(') => {
            let (inner, used) = list(tokens.get(1..).unwrap_or_default());
            let inner = match inner {
                Some(Value::List(list)) => Value::List(list),
                inner => Value::List(inner.into_iter().collect()),
            };
            Some((inner, used + 2))
        }
        _ => None,
    }
}

/// `-Name`; a number may be negative.
fn is_parameter(word: &str) -> bool {
    let mut rest = word.chars();
    rest.next() == Some('-') && rest.next().is_some_and(char::is_alphabetic)
}

fn tokens(file: &str, text: &str) -> Result<Vec<(Token, usize)>, Error> {
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let (mut at, mut line, mut depth) = (0, 1, 0_usize);
    let open = |line: usize, what: &str| {
        Error::new(
            format!("`{file}`, line {line}: {what} is never closed"),
            "the script must be as the rule editor exports it",
        )
    };
    while let Some(&character) = characters.get(at) {
        let next = characters.get(at + 1).copied();
        let began = line;
        at += 1;
        match character {
            '\n' => {
                line += 1;
                if depth == 0 {
                    tokens.push((Token::End, began));
                }
            }
            ';' | '{' | '}' => tokens.push((Token::End, began)),
            // At the end of a line: the command goes on.
            '`' => {
                while characters
                    .get(at)
                    .is_some_and(|c| *c != '\n' && c.is_whitespace())
                {
                    at += 1;
                }
                if characters.get(at) == Some(&'\n') {
                    at += 1;
                    line += 1;
                }
            }
            '<' if next == Some('#') => loop {
                match (characters.get(at), characters.get(at + 1)) {
                    (Some('#'), Some('>')) if at > 0 => {
                        at += 2;
                        break;
                    }
                    (Some('\n'), _) => line += 1,
                    (None, _) => return Err(open(began, "a comment")),
                    _ => {}
                }
                at += 1;
            },
            '#' => {
                while characters.get(at).is_some_and(|c| *c != '\n') {
                    at += 1;
                }
            }
            quote @ ('\'' | '"' | '\u{2018}' | '\u{2019}' | '\u{201C}' | '\u{201D}') => {
                let single = matches!(quote, '\'' | '\u{2018}' | '\u{2019}');
                let closes = |c: char| match single {
                    true => matches!(c, '\'' | '\u{2018}' | '\u{2019}'),
                    false => matches!(c, '"' | '\u{201C}' | '\u{201D}'),
                };
                let mut value = String::new();
                loop {
                    let Some(&character) = characters.get(at) else {
                        return Err(open(began, "a text"));
                    };
                    at += 1;
                    line += usize::from(character == '\n');
                    match character {
                        c if closes(c) && characters.get(at).is_some_and(|c| closes(*c)) => {
                            value.push(c);
                            at += 1;
                        }
                        c if closes(c) => break,
                        '`' if !single => {
                            value.extend(characters.get(at));
                            at += 1;
                        }
                        c => value.push(c),
                    }
                }
                tokens.push((Token::Text(value), began));
            }
            '$' => {
                let start = at;
                let part = |c: &char| c.is_alphanumeric() || "_.:[]".contains(*c);
                while characters.get(at).is_some_and(part) {
                    at += 1;
                }
                let name: String = characters
                    .get(start..at)
                    .unwrap_or_default()
                    .iter()
                    .collect();
                let name = name.split(['[', '.']).next().unwrap_or_default();
                tokens.push((Token::Variable(name.to_ascii_lowercase()), began));
            }
            '@' if next == Some('(') => {}
            '(' => {
                depth += 1;
                tokens.push((Token::Sign('('), began));
            }
            ')' => {
                depth = depth.saturating_sub(1);
                tokens.push((Token::Sign(')'), began));
            }
            ',' | '|' | '=' => tokens.push((Token::Sign(character), began)),
            c if c.is_whitespace() => {}
            _ => {
                let start = at - 1;
                let ends = |c: &char| c.is_whitespace() || "'\",;(){}|`".contains(*c);
                while characters.get(at).is_some_and(|c| !ends(c)) {
                    at += 1;
                }
                let word = characters
                    .get(start..at)
                    .unwrap_or_default()
                    .iter()
                    .collect();
                tokens.push((Token::Word(word), began));
            }
        }
    }
    Ok(tokens)
}
