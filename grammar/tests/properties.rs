//! Any text is survived, and formatting keeps what a text means.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

#[allow(dead_code)]
mod support;

use proptest::prelude::*;
use support::{comments, read, report, shape, tree};
use trib_grammar::ast::*;
use trib_grammar::{FileId, Span, format, parse_expression};

const WORDS: &str = "rule extend metaverse connector test use fn script let from to precedence link scope join \
    ambiguous continue deprovision delete disable disabled flow without and or not in is present absent contains \
    starts ends with exactly matches under member of if then else match for true null it clear skip error merge once \
    ignoring case given change remove expect no at time guid person corp.user a b1 c-d [quoted] [a [b,] 1 0x1F 9999999999999999999999 \
    \"text\" \"open \"\\q\" \"\"\" // /* */ %Domain.FQDN% % { } ( ) [ ] , : = == != === <- -> < > <= ?? & + - * / . ; ' “ é";

fn token() -> impl Strategy<Value = String> {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    prop::sample::select(words).prop_map(str::to_owned)
}

fn soup() -> impl Strategy<Value = String> {
    let gap = prop::sample::select(vec![" ", " ", "\n", "", "\n\n", "\t", "\r\n"]);
    prop::collection::vec((token(), gap), 0..60)
        .prop_map(|parts| parts.into_iter().map(|(token, gap)| token + gap).collect())
}

fn stories() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ok");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect()
}

/// Spans lie in the text, on characters, in order; where there is no error, formatting keeps tree and comments.
fn check(text: &str) -> Result<(), TestCaseError> {
    let parsed = read(text);
    for error in &parsed.errors {
        prop_assert!(
            text.get(error.span.start as usize..error.span.end as usize)
                .is_some(),
            "{error:?}"
        );
        prop_assert!(
            !error.message.is_empty() && !error.message.contains('\n'),
            "{error:?}"
        );
    }
    prop_assert!(
        parsed
            .errors
            .windows(2)
            .all(|pair| pair[0].span.start <= pair[1].span.start)
    );
    if parsed.errors.is_empty() {
        let formatted = format(&parsed.file, text);
        let again = read(&formatted);
        prop_assert!(
            again.errors.is_empty(),
            "{text}\n--- as\n{formatted}\n{}",
            report(&formatted, &again.errors)
        );
        prop_assert!(
            tree(&parsed.file) == tree(&again.file),
            "{text}\n--- means something else as\n{formatted}"
        );
        prop_assert_eq!(
            comments(&parsed.file),
            comments(&again.file),
            "{}",
            formatted
        );
        prop_assert_eq!(format(&again.file, &formatted), formatted, "from {}", text);
    }
    Ok(())
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "a",
        "mail",
        "ms-DS-ConsistencyGuid",
        "in",
        "then",
        "match",
        "odd name",
        "guid",
        "error",
        "it",
        "member",
        "merge",
        "contains",
        "x;binary",
        "for",
        "flow",
    ])
    .prop_map(str::to_owned)
}

fn bare(kind: ExprKind) -> Expr {
    Expr {
        span: Span::default(),
        kind,
    }
}

fn named(text: &str) -> Name {
    Name {
        text: text.to_owned(),
        span: Span::default(),
    }
}

fn expression() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        name().prop_map(ExprKind::Name),
        "[a-z\\\\\"\n\té]{0,4}".prop_map(ExprKind::Text),
        any::<i64>()
            .prop_filter("a sign is an operator", |number| *number >= 0)
            .prop_map(ExprKind::Int),
        any::<bool>().prop_map(ExprKind::Bool),
        Just(ExprKind::Null),
        Just(ExprKind::It),
        Just(ExprKind::Skip),
        Just(ExprKind::Parameter("Domain.FQDN".into())),
        Just(ExprKind::Tagged(
            Tag::Sid,
            Text {
                value: "S-1-5".into(),
                span: Span::default()
            }
        )),
    ]
    .prop_map(bare);
    leaf.prop_recursive(5, 40, 4, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        let maybe = || prop::option::of(inner.clone().prop_map(Box::new));
        let arm = (prop::collection::vec(inner.clone(), 1..3), inner.clone());
        prop_oneof![
            (operator(), boxed(), boxed()).prop_map(|(operator, left, right)| ExprKind::Binary {
                operator,
                operator_span: Span::default(),
                left,
                right
            }),
            boxed().prop_map(|operand| ExprKind::Unary {
                operator: UnaryOperator::Not,
                operand
            }),
            name().prop_map(|name| ExprKind::Unary {
                operator: UnaryOperator::Negate,
                operand: Box::new(bare(ExprKind::Name(name)))
            }),
            (boxed(), any::<bool>())
                .prop_map(|(operand, present)| ExprKind::Presence { operand, present }),
            boxed().prop_map(ExprKind::Parenthesized),
            boxed().prop_map(ExprKind::Error),
            prop::collection::vec(inner.clone(), 0..4).prop_map(ExprKind::List),
            prop::collection::vec((name().prop_map(|name| named(&name)), inner.clone()), 0..4)
                .prop_map(ExprKind::Record),
            prop::collection::vec(inner.clone(), 0..4).prop_map(|arguments| ExprKind::Call {
                function: named("Left"),
                arguments
            }),
            (boxed(), name(), boxed(), maybe()).prop_map(|(body, variable, source, condition)| {
                ExprKind::Comprehension {
                    body,
                    variable: named(&variable),
                    source,
                    condition,
                }
            }),
            (boxed(), boxed(), maybe()).prop_map(|(condition, then, otherwise)| ExprKind::If {
                condition,
                then,
                otherwise
            }),
            (boxed(), prop::collection::vec(arm, 0..3), maybe()).prop_map(
                |(subject, arms, otherwise)| {
                    let arm = |(patterns, value)| MatchArm {
                        span: Span::default(),
                        patterns,
                        value,
                    };
                    ExprKind::Match {
                        subject,
                        arms: arms.into_iter().map(arm).collect(),
                        otherwise,
                    }
                }
            ),
        ]
        .prop_map(bare)
    })
}

fn operator() -> impl Strategy<Value = BinaryOperator> {
    use BinaryOperator::*;
    prop::sample::select(vec![
        Coalesce,
        Or,
        And,
        Equal,
        NotEqual,
        EqualExactly,
        NotEqualExactly,
        Less,
        LessOrEqual,
        Greater,
        GreaterOrEqual,
        In,
        InExactly,
        Contains,
        ContainsExactly,
        StartsWith,
        StartsWithExactly,
        EndsWith,
        EndsWithExactly,
        Matches,
        Under,
        MemberOf,
        Concat,
        Add,
        Subtract,
        Multiply,
        Divide,
    ])
}

/// A file that flows an expression, made without a text.
fn flowing(value: Expr) -> File {
    let span = Span::default();
    let flows = ["a", "b"].map(|target| Flow {
        span,
        doc: None,
        targets: vec![named(target)],
        mode: None,
        value: Some(value.clone()),
    });
    let clause = Clause {
        span,
        keyword: span,
        kind: ClauseKind::Flow(flows.into()),
    };
    let name = Text {
        value: "r".into(),
        span,
    };
    let rule = Rule {
        span,
        doc: None,
        name,
        clauses: vec![clause],
    };
    File {
        id: FileId(0),
        declarations: vec![Declaration::Rule(rule)],
        comments: Vec::new(),
    }
}

fn flowed(file: &File) -> Vec<String> {
    let Some(Declaration::Rule(rule)) = file.declarations.first() else {
        return Vec::new();
    };
    let Some(ClauseKind::Flow(flows)) = rule.clauses.first().map(|clause| &clause.kind) else {
        return Vec::new();
    };
    flows
        .iter()
        .filter_map(|flow| flow.value.as_ref())
        .map(shape)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_characters_are_survived(text in "\\PC{0,80}") {
        check(&text)?;
        let (_, errors) = parse_expression(FileId(0), &text);
        prop_assert!(errors.iter().all(|error| !error.message.is_empty()));
    }

    #[test]
    fn any_tokens_are_survived(text in soup()) {
        check(&text)?;
        check(&format!("rule \"r\" {{ from a.b flow {{ x <- {text} }} }}"))?;
        check(&format!("test \"t\" {{ given a.b \"x\" {{ y: {text} }} }}\nlet z = 1"))?;
    }

    #[test]
    fn a_story_with_a_slip_is_survived(story in prop::sample::select(stories()), at in any::<prop::sample::Index>(), length in 0usize..8, slip in token()) {
        let starts: Vec<usize> = story.char_indices().map(|(start, _)| start).collect();
        let start = *at.get(&starts);
        let end = ((start + length).min(story.len())..).find(|end| story.is_char_boundary(*end)).unwrap();
        check(&format!("{}{slip}{}", &story[..start], &story[end..]))?;
    }

    #[test]
    fn comments_stay_wherever_they_stand(story in prop::sample::select(stories()), places in prop::collection::vec(any::<prop::sample::Index>(), 1..6), block in any::<bool>()) {
        let before = read(&story);
        let gaps: Vec<usize> = story.char_indices().filter(|(_, character)| *character == ' ' || *character == '\n').map(|(at, _)| at).collect();
        let mut text = story.clone();
        let mut chosen: Vec<usize> = places.iter().map(|place| *place.get(&gaps)).collect();
        chosen.sort_unstable();
        for at in chosen.into_iter().rev() {
            text.insert_str(at, if block { " /* remark */ " } else { " // remark\n" });
        }
        let after = read(&text);
        if after.errors.is_empty() && tree(&after.file) == tree(&before.file) {
            check(&text)?;
        }
    }

    #[test]
    fn expressions_survive_being_written(value in expression()) {
        let file = flowing(value.clone());
        let text = format(&file, "");
        let parsed = read(&text);
        prop_assert!(parsed.errors.is_empty(), "{text}\n{}", report(&text, &parsed.errors));
        prop_assert_eq!(flowed(&parsed.file), vec![shape(&value); 2], "{}", text);
        prop_assert_eq!(format(&parsed.file, &text), text);
    }
}
