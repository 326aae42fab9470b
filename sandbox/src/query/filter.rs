//! `$filter` as a tree.

use serde_json::{Value, json};

use super::lexer::{Token, tokens};
use crate::failure::{Failure, Outcome};

const DEPTH: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compare {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    StartsWith,
    EndsWith,
}

#[derive(Debug, Clone)]
pub(crate) enum Filter {
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
    Test {
        path: String,
        compare: Compare,
        value: Value,
    },
    /// `path/any(x:x eq 'v')`, with the path of `x` that is compared.
    Any {
        path: String,
        item: String,
        compare: Compare,
        value: Value,
    },
    /// `path/$count eq 0`
    Count {
        path: String,
        compare: Compare,
        value: Value,
    },
}

impl Filter {
    pub fn parse(text: &str) -> Outcome<Filter> {
        let mut parser = Parser {
            tokens: tokens(text)?,
            at: 0,
            depth: 0,
        };
        let filter = parser.or()?;
        match parser.next() {
            None => Ok(filter),
            Some(token) => Err(invalid(&format!("unexpected {token:?}"))),
        }
    }

    /// Terms that `and` joins, outermost first.
    pub fn conjuncts(&self) -> Vec<&Filter> {
        match self {
            Filter::And(left, right) => {
                let mut terms = left.conjuncts();
                terms.extend(right.conjuncts());
                terms
            }
            other => vec![other],
        }
    }

    pub fn leaves(&self) -> Vec<&Filter> {
        match self {
            Filter::And(left, right) | Filter::Or(left, right) => {
                let mut leaves = left.leaves();
                leaves.extend(right.leaves());
                leaves
            }
            Filter::Not(inner) => inner.leaves(),
            leaf => vec![leaf],
        }
    }

    pub fn has_not(&self) -> bool {
        match self {
            Filter::And(left, right) | Filter::Or(left, right) => left.has_not() || right.has_not(),
            Filter::Not(_) => true,
            _ => false,
        }
    }
}

fn invalid(why: &str) -> Failure {
    Failure::bad(format!("Invalid filter clause: {why}."))
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn expect(&mut self, wanted: &Token) -> Outcome<()> {
        match self.next() {
            Some(token) if token == *wanted => Ok(()),
            _ => Err(invalid(&format!("{wanted:?} is missing"))),
        }
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found =
            matches!(self.peek(), Some(Token::Word(next)) if next.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    fn word(&mut self) -> Outcome<String> {
        match self.next() {
            Some(Token::Word(word)) => Ok(word),
            _ => Err(invalid("a property or function is missing")),
        }
    }

    fn or(&mut self) -> Outcome<Filter> {
        let mut left = self.and()?;
        while self.keyword("or") {
            left = Filter::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Outcome<Filter> {
        let mut left = self.not()?;
        while self.keyword("and") {
            left = Filter::And(Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Outcome<Filter> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(invalid("it is nested too deeply"));
        }
        let filter = if self.keyword("not") {
            Filter::Not(Box::new(self.not()?))
        } else if self.peek() == Some(&Token::Open) {
            self.at += 1;
            let inner = self.or()?;
            self.expect(&Token::Close)?;
            inner
        } else {
            self.term()?
        };
        self.depth -= 1;
        Ok(filter)
    }

    fn term(&mut self) -> Outcome<Filter> {
        let word = self.word()?;
        if self.peek() == Some(&Token::Open) {
            self.at += 1;
            if let Some(path) = word.strip_suffix("/any") {
                return self.any(path);
            }
            let (path, compare, value) = self.function(&word)?;
            return Ok(Filter::Test {
                path,
                compare,
                value,
            });
        }
        if self.keyword("in") {
            return self.one_of(&word);
        }
        let (compare, value) = self.comparison()?;
        Ok(match word.strip_suffix("/$count") {
            Some(path) => Filter::Count {
                path: path.to_owned(),
                compare,
                value,
            },
            None => Filter::Test {
                path: word,
                compare,
                value,
            },
        })
    }

    fn any(&mut self, path: &str) -> Outcome<Filter> {
        let variable = self.word()?;
        self.expect(&Token::Colon)?;
        let word = self.word()?;
        let (item, compare, value) = if self.peek() == Some(&Token::Open) {
            self.at += 1;
            self.function(&word)?
        } else {
            let (compare, value) = self.comparison()?;
            (word, compare, value)
        };
        self.expect(&Token::Close)?;
        let item = item
            .strip_prefix(&variable)
            .ok_or_else(|| invalid("the expression does not use its range variable"))?;
        let item = item.trim_start_matches('/').to_owned();
        Ok(Filter::Any {
            path: path.to_owned(),
            item,
            compare,
            value,
        })
    }

    /// What follows `name(`.
    fn function(&mut self, name: &str) -> Outcome<(String, Compare, Value)> {
        let compare = match name.to_lowercase().as_str() {
            "startswith" => Compare::StartsWith,
            "endswith" => Compare::EndsWith,
            _ => {
                return Err(Failure::unsupported_query(format!(
                    "The function '{name}' is not supported."
                )));
            }
        };
        let path = self.word()?;
        self.expect(&Token::Comma)?;
        let value = self.literal()?;
        self.expect(&Token::Close)?;
        Ok((path, compare, value))
    }

    fn one_of(&mut self, path: &str) -> Outcome<Filter> {
        self.expect(&Token::Open)?;
        let mut filter: Option<Filter> = None;
        for count in 1.. {
            if count > 15 {
                return Err(Failure::bad(
                    "Too many child clauses specified in search filter expression containing 'OR' operators: the limit is 15.",
                ));
            }
            let value = self.literal()?;
            let test = Filter::Test {
                path: path.to_owned(),
                compare: Compare::Equal,
                value,
            };
            filter = Some(match filter {
                None => test,
                Some(left) => Filter::Or(Box::new(left), Box::new(test)),
            });
            if self.peek() != Some(&Token::Comma) {
                break;
            }
            self.at += 1;
        }
        self.expect(&Token::Close)?;
        filter.ok_or_else(|| invalid("the list is empty"))
    }

    fn comparison(&mut self) -> Outcome<(Compare, Value)> {
        let operator = self.word()?;
        let compare = match operator.to_lowercase().as_str() {
            "eq" => Compare::Equal,
            "ne" => Compare::NotEqual,
            "lt" => Compare::Less,
            "le" => Compare::LessOrEqual,
            "gt" => Compare::Greater,
            "ge" => Compare::GreaterOrEqual,
            _ => return Err(invalid(&format!("'{operator}' is not an operator"))),
        };
        Ok((compare, self.literal()?))
    }

    fn literal(&mut self) -> Outcome<Value> {
        match self.next() {
            Some(Token::Text(text)) => Ok(json!(text)),
            Some(Token::Word(word)) => Ok(match word.as_str() {
                "true" => json!(true),
                "false" => json!(false),
                "null" => Value::Null,
                number if number.parse::<i64>().is_ok() => {
                    json!(number.parse::<i64>().unwrap_or_default())
                }
                time if time.parse::<jiff::Timestamp>().is_ok() => json!(time),
                guid if uuid::Uuid::parse_str(guid).is_ok() => json!(guid),
                other => return Err(invalid(&format!("'{other}' is not a literal"))),
            }),
            _ => Err(invalid("a literal is missing")),
        }
    }
}
