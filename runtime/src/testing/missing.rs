//! Why an object is not there: the rules that could have made it, and the nearest object that they
//! did not make it of.

use bumpalo::Bump;
use trib_compiler::ir::{End, Link, Rule};

use super::because::{Because, named};
use super::expect::Expectation;
use super::{Running, show};
use crate::error::Error;
use crate::eval::{Env, Frame};
use crate::store::Entry;
use crate::sync::Trouble;
use crate::sync::program::{LinkedRule, LinkedTerm};

/// What a rule says of one object.
enum Verdict {
    /// The place of the clause that fails; how far the scope came.
    Out(usize),
    /// The scope could not be evaluated.
    Failed(String),
    /// In scope of a rule from a directory, with nothing that its joins could compare.
    Unjoinable,
    /// In scope.
    In,
}

impl Running {
    /// Why nothing is where an object is expected.
    pub(super) fn missing(&self, expectation: &Expectation<'_>) -> Result<Because, Error> {
        let mut because = Because::default();
        let from = match expectation.label {
            Some(label) => match self.labelled(label)? {
                Some(entry) => Some(entry),
                None => {
                    because.say(format!("{} is in no directory", show::text(label)));
                    return Ok(because);
                }
            },
            None => None,
        };
        match expectation.end {
            End::Directory(..) if self.rules_to(expectation.end).next().is_some() => {
                self.missing_target(expectation.end, from.as_ref(), &mut because)?;
            }
            End::Directory(..) => because.say("no rule makes any".to_owned()),
            end => self.missing_object(end, from.as_ref(), &mut because)?,
        }
        Ok(because)
    }

    /// Why there is no metaverse object: the rules inbound, over the entries of their types.
    fn missing_object(
        &self,
        end: End,
        from: Option<&Entry>,
        because: &mut Because,
    ) -> Result<(), Error> {
        let program = &self.engine.program;
        let pairs = program.rules.inbound.iter().zip(&program.inbound);
        for (rule, linked) in pairs.filter(|(rule, _)| self.could_make(rule, end)) {
            let Some(ty) = program.object_type(rule.source) else {
                continue;
            };
            let ids = match from {
                Some(entry) if entry.object_type == Some(ty.number) => vec![entry.id],
                Some(_) => continue,
                None => self.engine.store.entries_of_type(ty.number)?,
            };
            let mut nearest = Nearest::default();
            for id in ids {
                let Some(entry) = self.engine.store.entry(id)? else {
                    continue;
                };
                let bump = Bump::new();
                let reader = self.engine.reader(self.now);
                let env = reader.entry_env(&entry, rule.source, &bump)?;
                nearest.see(self.verdict(rule, linked, &env)?, &entry.dn);
            }
            nearest.tell(rule, because);
        }
        if because.lines.is_empty() {
            because.say("no object was given that a rule could make it of".to_owned());
        }
        Ok(())
    }

    /// Why there is no object in a target: the rules outbound, over the metaverse.
    fn missing_target(
        &self,
        end: End,
        from: Option<&Entry>,
        because: &mut Because,
    ) -> Result<(), Error> {
        let (program, store) = (&self.engine.program, &self.engine.store);
        let mut types: Vec<End> = Vec::new();
        let pairs = program.rules.outbound.iter().zip(&program.outbound);
        for (rule, linked) in pairs.filter(|(rule, _)| self.could_make(rule, end)) {
            let Some(ty) = program.object_type(rule.source) else {
                continue;
            };
            if !types.contains(&rule.source) {
                types.push(rule.source);
            }
            let ids = match from.map(|entry| entry.object) {
                Some(object) => object.into_iter().collect(),
                None => store.objects_of_type(ty.number)?,
            };
            let mut nearest = Nearest::default();
            for id in ids {
                let object = store.object(id)?.filter(|object| object.ended.is_none());
                let Some(object) = object.filter(|object| object.object_type == ty.number) else {
                    continue;
                };
                let bump = Bump::new();
                let reader = self.engine.reader(self.now);
                let env = reader.object_env(&object, rule.source, &bump)?;
                let entries = store.entries_of(id)?;
                let dn = entries.first().map_or("", |entry| &entry.dn);
                nearest.see(self.verdict(rule, linked, &env)?, dn);
            }
            nearest.tell(rule, because);
        }
        // Nothing came as far as the metaverse.
        if because.lines.is_empty() {
            for end in types {
                self.missing_object(end, from, because)?;
            }
        }
        Ok(())
    }

    /// A rule that provisions; where none does, any.
    fn could_make(&self, rule: &Rule, end: End) -> bool {
        let mut rules = self.rules_to(end);
        let makes = rules.any(|rule| rule.link == Link::Provision);
        rule.target == end && (rule.link == Link::Provision || !makes)
    }

    fn verdict<'a>(
        &'a self,
        rule: &Rule,
        linked: &'a LinkedRule,
        env: &Env<'a>,
    ) -> Result<Verdict, Error> {
        let reader = self.engine.reader(self.now);
        let mut frame = Frame::default();
        match reader.in_scope(rule, linked, env, &mut frame) {
            Ok(Ok(())) => {
                let mut absent = |line: &'a Vec<LinkedTerm>| {
                    let mut values = line.iter().map(|term| env.eval(&term.source, &mut frame));
                    values.any(|value| value.is_ok_and(|value| !value.is_present()))
                };
                let inbound = matches!(rule.source, End::Directory(..));
                let joins = inbound && !linked.joins.is_empty();
                Ok(match joins && linked.joins.iter().all(&mut absent) {
                    true => Verdict::Unjoinable,
                    false => Verdict::In,
                })
            }
            Ok(Err(at)) => Ok(Verdict::Out(at)),
            Err(Trouble::Object(failed)) => Ok(Verdict::Failed(failed.failure.message)),
            Err(Trouble::Store(error)) => Err(error),
        }
    }
}

/// The object that came nearest to a rule's scope.
#[derive(Default)]
struct Nearest(Option<(Verdict, String)>);

impl Nearest {
    fn see(&mut self, verdict: Verdict, dn: &str) {
        let rank = |verdict: &Verdict| match verdict {
            Verdict::Out(at) => *at,
            Verdict::Failed(_) => usize::MAX - 1,
            Verdict::Unjoinable | Verdict::In => usize::MAX,
        };
        let before = self.0.as_ref().map(|(known, _)| rank(known));
        if before.is_none_or(|before| rank(&verdict) > before) {
            self.0 = Some((verdict, dn.to_owned()));
        }
    }

    fn tell(self, rule: &Rule, because: &mut Because) {
        let Some((verdict, dn)) = self.0 else { return };
        let (of, place) = (show::text(&dn), named(rule));
        let line = match verdict {
            Verdict::Out(at) => {
                let Some(clause) = rule.scope.get(at) else {
                    return;
                };
                let (rule, at, text) = (&rule.name, &clause.origin, &clause.text);
                format!("{of} is out of scope of \"{rule}\" ({at}): {text}")
            }
            Verdict::Failed(message) => format!("{of} fails in the scope of {place}: {message}"),
            Verdict::Unjoinable => {
                format!("{of} is in scope of {place}, and has nothing that its joins compare")
            }
            Verdict::In if rule.link == Link::Provision => {
                format!("{of} is in scope of {place}, which made nothing of it")
            }
            Verdict::In => format!("{of} is in scope of {place}, which only joins"),
        };
        because.blame(&rule.name, line);
    }
}
