//! The query options of a request, read strictly.

use crate::call::Call;
use crate::failure::{Failure, Outcome};

/// `$expand=manager($select=id)`.
#[derive(Debug, Clone)]
pub(crate) struct Expand {
    pub link: String,
    pub select: Option<Vec<String>>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub select: Option<Vec<String>>,
    pub filter: Option<String>,
    pub top: Option<usize>,
    pub orderby: Option<String>,
    pub search: Option<String>,
    pub expand: Vec<Expand>,
    pub count: bool,
    pub skiptoken: Option<String>,
    pub deltatoken: Option<String>,
    /// `ConsistencyLevel: eventual` came with it.
    pub eventual: bool,
}

impl Options {
    pub fn read(call: &Call) -> Outcome<Options> {
        let mut options = Options {
            eventual: call.is_eventual(),
            ..Options::default()
        };
        let mut seen = Vec::new();
        for (name, value) in &call.query {
            let name = name.to_lowercase();
            let bare = name.strip_prefix('$').unwrap_or(&name).to_owned();
            match bare.as_str() {
                "select" => options.select = Some(names(value)?),
                "filter" => options.filter = Some(value.clone()),
                "top" => options.top = Some(page_size(value)?),
                "orderby" => options.orderby = Some(value.clone()),
                "search" => options.search = Some(value.clone()),
                "expand" => options.expand = expands(value)?,
                "count" => options.count = flag(value)?,
                "skiptoken" => options.skiptoken = Some(value.clone()),
                "deltatoken" => options.deltatoken = Some(value.clone()),
                "format"
                    if value.eq_ignore_ascii_case("json")
                        || value.starts_with("application/json") => {}
                "skip" => return Err(Failure::bad("'$skip' is not supported by the service.")),
                _ if name.starts_with('$') => {
                    return Err(Failure::odata(format!(
                        "The query parameter '{name}' is not supported."
                    )));
                }
                _ => continue,
            }
            if seen.contains(&bare) {
                return Err(Failure::odata(format!(
                    "Query option '${bare}' was specified more than once."
                )));
            }
            seen.push(bare);
        }
        Ok(options)
    }

    /// May use what the directory answers only from its index.
    pub fn advanced(&self) -> bool {
        self.eventual && self.count
    }
}

fn flag(value: &str) -> Outcome<bool> {
    match value.to_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Failure::odata(
            "Invalid value for $count query option: it must be true or false.",
        )),
    }
}

fn page_size(value: &str) -> Outcome<usize> {
    let size = value.parse().ok().filter(|size| (1..=999).contains(size));
    size.ok_or_else(|| {
        Failure::bad(format!(
            "Invalid page size specified: '{value}'. Must be between 1 and 999 inclusive."
        ))
    })
}

fn names(value: &str) -> Outcome<Vec<String>> {
    let names: Vec<String> = value
        .split(',')
        .map(|name| name.trim().to_owned())
        .collect();
    if names.iter().any(String::is_empty) {
        return Err(Failure::odata(
            "Parsing OData Select and Expand failed: a name is missing.",
        ));
    }
    Ok(names)
}

fn expands(value: &str) -> Outcome<Vec<Expand>> {
    let malformed = || Failure::odata("Parsing OData Select and Expand failed.");
    let mut expands = Vec::new();
    for item in split_outside_parentheses(value) {
        let (link, inner) = match item.trim().split_once('(') {
            None => (item.trim(), None),
            Some((link, rest)) => (link, Some(rest.strip_suffix(')').ok_or_else(malformed)?)),
        };
        let select = match inner {
            None => None,
            Some(inner) => {
                let (option, value) = inner.split_once('=').ok_or_else(malformed)?;
                if !matches!(option.trim(), "$select" | "select") {
                    return Err(Failure::bad("Only $select is supported within $expand."));
                }
                Some(names(value)?)
            }
        };
        if link.is_empty() {
            return Err(malformed());
        }
        expands.push(Expand {
            link: link.to_owned(),
            select,
        });
    }
    Ok(expands)
}

fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    text.split(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth <= 0
    })
    .collect()
}
