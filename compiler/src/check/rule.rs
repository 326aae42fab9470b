//! Rules: clauses, direction, scope and joins.

use trib_grammar::Span;
use trib_grammar::ast::{self, ClauseKind};

use super::{Checker, Scope, facts, unknown};
use crate::checked::{Deprovision, Rule, Typed};
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::{End, Link, Mode};

/// The clauses of a rule that may stand once.
struct Clauses<'a> {
    from: Option<&'a ast::TypePath>,
    to: Option<&'a ast::TypePath>,
    precedence: Option<(i64, Span)>,
    link: Option<&'a ast::Name>,
    scope: Option<&'a ast::Expr>,
    joins: Vec<(&'a [ast::JoinTerm], Span)>,
    ambiguous: Option<Span>,
    deprovision: Option<(&'a ast::Deprovision, Span)>,
    disabled: bool,
    flows: Vec<&'a ast::Flow>,
}

impl Checker<'_> {
    /// Checks a rule; one whose ends stand for several connectors becomes several.
    pub(crate) fn rule(&mut self, rule: &ast::Rule, out: &mut Vec<Rule>) {
        let clauses = self.clauses(rule);
        let link = clauses.link.and_then(|word| self.link(word));
        let (Some(from), Some(to)) = (clauses.from, clauses.to) else {
            return;
        };
        let (sources, targets) = (self.ends(from), self.ends(to));
        for source in &sources {
            for target in &targets {
                if !self.direction(*source, *target, from.span.to(to.span)) {
                    return;
                }
                self.missing.clear();
                let before = self.diagnostics.len();
                if let Some(checked) = self.rule_between(rule, &clauses, link, *source, *target) {
                    out.push(checked);
                }
                for (end, path) in [(*source, from), (*target, to)] {
                    self.wrong_type(end, path, before);
                }
            }
        }
    }

    fn clauses<'a>(&mut self, rule: &'a ast::Rule) -> Clauses<'a> {
        let mut found = Clauses {
            from: None,
            to: None,
            precedence: None,
            link: None,
            scope: None,
            joins: Vec::new(),
            ambiguous: None,
            deprovision: None,
            disabled: false,
            flows: Vec::new(),
        };
        let mut seen: Vec<(&str, Span)> = Vec::new();
        for clause in &rule.clauses {
            let word = match &clause.kind {
                ClauseKind::From(path) => {
                    found.from.get_or_insert(path);
                    "from"
                }
                ClauseKind::To(path) => {
                    found.to.get_or_insert(path);
                    "to"
                }
                ClauseKind::Precedence(number) => {
                    found.precedence.get_or_insert((*number, clause.span));
                    "precedence"
                }
                ClauseKind::Link(word) => {
                    found.link.get_or_insert(word);
                    "link"
                }
                ClauseKind::Scope(scope) => {
                    found.scope.get_or_insert(scope);
                    "scope"
                }
                ClauseKind::Deprovision(deprovision) => {
                    found
                        .deprovision
                        .get_or_insert((deprovision, clause.keyword));
                    "deprovision"
                }
                ClauseKind::AmbiguousContinue => {
                    found.ambiguous.get_or_insert(clause.span);
                    "ambiguous continue"
                }
                ClauseKind::Disabled => {
                    found.disabled = true;
                    continue;
                }
                ClauseKind::Join(terms) => {
                    found.joins.push((terms, clause.span));
                    continue;
                }
                ClauseKind::Flow(flows) => {
                    found.flows.extend(flows);
                    continue;
                }
            };
            if let Some((_, first)) = seen.iter().find(|(known, _)| *known == word) {
                let mut diagnostic = Diagnostic::new(
                    &codes::REPEATED_CLAUSE,
                    clause.keyword,
                    format!("rule `{}` has two `{word}` clauses", rule.name.value),
                )
                .related(*first, "the first one");
                diagnostic = diagnostic.help(if word == "scope" {
                    "join both conditions with `and`"
                } else {
                    "remove one of the two"
                });
                self.report(diagnostic);
            }
            seen.push((word, clause.keyword));
        }
        let required: [(&str, bool); 4] = [
            ("from", found.from.is_some()),
            ("to", found.to.is_some()),
            ("precedence", found.precedence.is_some()),
            ("link", found.link.is_some()),
        ];
        let missing: Vec<&str> = required
            .iter()
            .filter(|(_, there)| !there)
            .map(|(word, _)| *word)
            .collect();
        if !missing.is_empty() && !self.broken(rule.span) {
            let what = crate::names::list(missing.iter().copied());
            self.report(
                Diagnostic::new(
                    &codes::MISSING_CLAUSE,
                    rule.name.span,
                    format!("rule `{}` has no {what}", rule.name.value),
                )
                .help("every rule has `from`, `to`, `precedence` and `link`"),
            );
        }
        found
    }

    /// A syntax error within the span: what is missing there was likely what could not be read.
    fn broken(&self, span: Span) -> bool {
        self.diagnostics.iter().any(|diagnostic| {
            diagnostic.code.id.starts_with("E01")
                && diagnostic.span.file == span.file
                && diagnostic.span.start >= span.start
                && diagnostic.span.start <= span.end
        })
    }

    fn link(&mut self, word: &ast::Name) -> Option<Link> {
        match word.text.as_str() {
            "provision" => return Some(Link::Provision),
            "join" => return Some(Link::Join),
            "sticky" => return Some(Link::Sticky),
            _ => {}
        }
        let diagnostic = unknown(
            &codes::UNKNOWN_WORD,
            word.span,
            format!("`{}` is no link type", word.text),
            &word.text,
            ["provision", "join", "sticky"],
            "the link types are `provision`, `join` and `sticky`",
        );
        self.report(diagnostic);
        None
    }

    fn direction(&mut self, source: End, target: End, span: Span) -> bool {
        let directory = |end: End| matches!(end, End::Directory(..));
        if directory(source) != directory(target) && source != End::Any {
            return true;
        }
        let message = match (source, target) {
            (End::Any, _) => "`any` can only be joined to",
            (End::Directory(..), _) => "both ends of the rule are directories",
            _ => "both ends of the rule are in the metaverse",
        };
        self.report(Diagnostic::new(&codes::DIRECTION, span, message).help(
            "a rule flows from a directory to the metaverse, or from the metaverse to a directory",
        ));
        false
    }

    fn rule_between(
        &mut self,
        rule: &ast::Rule,
        clauses: &Clauses<'_>,
        link: Option<Link>,
        source: End,
        target: End,
    ) -> Option<Rule> {
        let outbound = matches!(target, End::Directory(..));
        let link = link?;
        let mut scope = Scope::over(source);
        let parts = match clauses.scope {
            Some(expr) => self.scope(expr, &mut scope),
            None => Vec::new(),
        };
        let joins = clauses.joins.iter();
        let joins = joins
            .filter_map(|(terms, span)| self.join(terms, *span, target, &scope))
            .collect();
        let mut flows = Vec::new();
        for flow in &clauses.flows {
            self.flow(flow, target, &scope, &mut flows);
        }
        if target == End::Any {
            self.any(rule, link, clauses);
        }
        let deprovision = match clauses.deprovision {
            None => Deprovision::Delete,
            Some((deprovision, span)) => {
                if !outbound {
                    self.report(
                        Diagnostic::new(
                            &codes::MISPLACED_CLAUSE,
                            span,
                            "`deprovision` has no meaning in a rule to the metaverse",
                        )
                        .help(
                            "put it in the rule that provisions the object in the target directory",
                        ),
                    );
                } else if link == Link::Join {
                    self.report(
                        Diagnostic::new(
                            &codes::MISPLACED_CLAUSE,
                            span,
                            "`deprovision` has no meaning in a rule that only joins",
                        )
                        .help("put it in the rule with `link provision`: that one decides"),
                    );
                }
                match deprovision {
                    ast::Deprovision::Delete => Deprovision::Delete,
                    ast::Deprovision::Disconnect => Deprovision::Disconnect,
                    ast::Deprovision::Disable(list) => {
                        let mut flows = Vec::new();
                        let unscoped = Scope::over(source);
                        for flow in list {
                            self.plain(flow);
                            self.flow(flow, target, &unscoped, &mut flows);
                        }
                        Deprovision::Disable(flows)
                    }
                }
            }
        };
        if outbound && link == Link::Provision {
            let creatable = self
                .objects
                .schema(target)
                .map_or(Ok(()), |schema| schema.creatable);
            if let (Err(why), Some(word)) = (creatable, clauses.link) {
                let message = format!(
                    "`{}` cannot be provisioned: {why}",
                    self.objects.name(target)
                );
                self.report(
                    Diagnostic::new(&codes::CREATES_NOTHING, word.span, message)
                        .help("use `link join`"),
                );
            }
        }
        let (precedence, precedence_span) = clauses.precedence?;
        if precedence < 0 {
            self.report(
                Diagnostic::new(
                    &codes::LITERAL,
                    precedence_span,
                    "a precedence is not negative",
                )
                .help("1 is strongest; shipped rules begin at 100"),
            );
        }
        let connector = match (source, target) {
            (End::Directory(connector, _), _) | (_, End::Directory(connector, _)) => connector,
            _ => return None,
        };
        let priority = self
            .names
            .connectors
            .get(connector)
            .and_then(|c| c.priority);
        Some(Rule {
            name: rule.name.value.clone(),
            span: rule.name.span,
            source,
            target,
            precedence,
            precedence_span,
            priority: priority.unwrap_or(i64::MAX),
            link,
            scope: parts,
            joins,
            ambiguous_continue: clauses.ambiguous.is_some(),
            deprovision,
            flows,
            disabled: clauses.disabled,
        })
    }

    /// What a `disable` writes, it writes alone and whenever it differs.
    fn plain(&mut self, flow: &ast::Flow) {
        if let Some((_, span)) = flow.mode {
            let message = format!("`{}` has no meaning in `disable`", self.sources.text(span));
            self.report(
                Diagnostic::new(&codes::MISPLACED_CLAUSE, span, message)
                    .help("a flow of `disable` replaces the rule's own and keeps the value so"),
            );
        }
    }

    fn any(&mut self, rule: &ast::Rule, link: Link, clauses: &Clauses<'_>) {
        if let Some(flow) = clauses.flows.first() {
            self.report(
                Diagnostic::new(
                    &codes::MISPLACED_CLAUSE,
                    flow.span,
                    format!(
                        "rule `{}` joins to any type, so it has no flows",
                        rule.name.value
                    ),
                )
                .help("name the metaverse type in `to`, or remove the flows"),
            );
        }
        if link != Link::Join {
            self.report(
                Diagnostic::new(
                    &codes::MISPLACED_CLAUSE,
                    clauses.link.map_or(rule.name.span, |word| word.span),
                    "a rule `to any` only joins",
                )
                .help("write `link join`"),
            );
        }
    }

    /// Checks a scope and splits it at its outermost `and`; each part knows the ones before it.
    fn scope(&mut self, expr: &ast::Expr, scope: &mut Scope) -> Vec<Typed> {
        let mut parts = Vec::new();
        let mut queue = vec![expr];
        while let Some(expr) = queue.pop() {
            match &expr.kind {
                ast::ExprKind::Binary {
                    operator: ast::BinaryOperator::And,
                    left,
                    right,
                    ..
                } => {
                    queue.push(right);
                    queue.push(left);
                }
                ast::ExprKind::Parenthesized(inner)
                    if matches!(
                        &inner.kind,
                        ast::ExprKind::Binary {
                            operator: ast::BinaryOperator::And,
                            ..
                        }
                    ) =>
                {
                    queue.push(inner);
                }
                _ => {
                    scope.clause = true;
                    let mut part = self.condition(expr, scope);
                    scope.clause = false;
                    scope.present.extend(facts::present(&part.expr, true));
                    part.expr = self.points.outcome(part.span, part.expr);
                    parts.push(part);
                }
            }
        }
        parts
    }

    /// The mode of a flow, as the IR has it.
    pub(super) fn mode(mode: Option<(ast::FlowMode, Span)>) -> Mode {
        match mode.map(|(mode, _)| mode) {
            None => Mode::Replace,
            Some(ast::FlowMode::Merge) => Mode::Merge,
            Some(ast::FlowMode::MergeIgnoringCase) => Mode::MergeIgnoringCase,
            Some(ast::FlowMode::Once) => Mode::Once,
        }
    }
}
