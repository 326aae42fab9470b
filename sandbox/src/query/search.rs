//! `$search="displayName:text"`, joined with AND and OR.

use super::options::Options;
use crate::failure::{Failure, Outcome};
use crate::store::Object;

const SEARCHABLE: [&str; 7] = [
    "displayName",
    "description",
    "mail",
    "mailNickname",
    "userPrincipalName",
    "givenName",
    "surname",
];

/// Clauses: all of the inner ones, in any of the outer ones.
pub(crate) struct Search(Vec<Vec<(String, String)>>);

impl Search {
    pub fn parse(options: &Options) -> Outcome<Option<Search>> {
        let Some(text) = &options.search else {
            return Ok(None);
        };
        if !options.eventual {
            return Err(Failure::unsupported_query(
                "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
            ));
        }
        let any = text
            .split(" OR ")
            .map(|all| all.split(" AND ").map(clause).collect());
        Ok(Some(Search(any.collect::<Outcome<_>>()?)))
    }

    pub fn fits(&self, object: &Object) -> bool {
        let fits = |(name, words): &(String, String)| {
            object
                .text(name)
                .is_some_and(|value| starts_words(&value.to_lowercase(), words))
        };
        self.0.iter().any(|all| all.iter().all(fits))
    }
}

fn clause(text: &str) -> Outcome<(String, String)> {
    let quoted = text
        .trim()
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let (name, words) = quoted
        .and_then(|clause| clause.split_once(':'))
        .ok_or_else(|| {
            Failure::bad(
                "Invalid $search: each clause must be \"property:value\" in double quotes.",
            )
        })?;
    if !SEARCHABLE.contains(&name) {
        return Err(Failure::bad(format!(
            "Unrecognized property '{name}' for $search."
        )));
    }
    Ok((name.to_owned(), words.to_lowercase()))
}

fn starts_words(value: &str, words: &str) -> bool {
    let tokens: Vec<&str> = value.split(|c: char| !c.is_alphanumeric()).collect();
    words
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .all(|word| tokens.iter().any(|token| token.starts_with(word)))
}
