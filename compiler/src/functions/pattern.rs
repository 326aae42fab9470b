//! Regular expressions, compiled once per thread and within limits.

use std::cell::RefCell;
use std::rc::Rc;

use regex::{Regex, RegexBuilder};

use super::arguments::shown;
use super::{Failure, codes};

/// The most memory that a compiled expression takes.
const SIZE: usize = 1 << 20;
/// How many compiled expressions a thread keeps.
const KEPT: usize = 64;

thread_local! {
    /// The latest used last.
    static COMPILED: RefCell<Vec<Rc<Regex>>> = const { RefCell::new(Vec::new()) };
}

/// Compiles `pattern`, or says in words what is wrong with it. The one place where regular expressions are
/// made: what the checker takes, runs.
pub fn build(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .size_limit(SIZE)
        .dfa_size_limit(2 * SIZE)
        .nest_limit(100)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
            other => {
                let text = other.to_string();
                let last = text.lines().last().unwrap_or_default();
                last.trim_start_matches("error: ").to_owned()
            }
        })
}

/// Compiles `pattern`, which an object brought along.
pub fn compile(pattern: &str) -> Result<Regex, Failure> {
    build(pattern).map_err(|words| {
        let message = format!("`{}` is no regular expression: {words}", shown(pattern));
        Failure::new(codes::BAD_PATTERN, message)
    })
}

/// `pattern` as compiled before on this thread, or now.
pub fn compiled(pattern: &str) -> Result<Rc<Regex>, Failure> {
    COMPILED.with_borrow_mut(|kept| {
        if let Some(at) = kept.iter().rposition(|regex| regex.as_str() == pattern) {
            let regex = kept.remove(at);
            kept.push(Rc::clone(&regex));
            return Ok(regex);
        }
        let regex = Rc::new(compile(pattern)?);
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push(Rc::clone(&regex));
        Ok(regex)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits() {
        assert!(compile("^a+$").is_ok());
        let failure = compile("(a").unwrap_err();
        assert_eq!(failure.code, codes::BAD_PATTERN);
        assert_eq!(
            failure.message,
            "`(a` is no regular expression: unclosed group"
        );
        assert_eq!(
            compile("a{1000}{1000}").unwrap_err().message,
            "`a{1000}{1000}` is no regular expression: it is too large"
        );
        assert!(compile(&"(".repeat(10_000)).is_err());
    }

    #[test]
    fn kept_up_to_a_number() {
        for round in 0..3 * KEPT {
            assert!(
                compiled(&format!("a{round}"))
                    .unwrap()
                    .is_match(&format!("a{round}"))
            );
        }
        assert_eq!(COMPILED.with_borrow(Vec::len), KEPT);
        let again = compiled("a191").unwrap();
        assert!(Rc::ptr_eq(&again, &compiled("a191").unwrap()));
        assert!(compiled("(").is_err());
    }
}
