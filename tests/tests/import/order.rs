//! Precedences: what the export leaves open or says twice.

use super::{export, imported};
use trib_compiler::import::aadconnect::model::Direction;
use trib_compiler::import::aadconnect::{Target, import, read};

#[test]
fn rules_stand_in_their_order_and_no_two_are_equal() {
    let imported = imported(&export("contoso"), Target::EntraConnect);
    let (checked, _) = super::checked(&imported, "");
    let order: Vec<(String, i64)> = imported
        .report
        .rules
        .iter()
        .filter_map(|rule| {
            let name = rule.rule.clone()?;
            let made = checked.rules.rules.iter().find(|made| made.name == name)?;
            Some((name, made.precedence))
        })
        .collect();
    let outbound = order
        .iter()
        .position(|(name, _)| name.starts_with("Out"))
        .unwrap();
    for half in [&order[..outbound], &order[outbound..]] {
        assert!(
            half.windows(2).all(|pair| pair[0].1 < pair[1].1),
            "{half:?}"
        );
    }
    assert_eq!(order[0], ("In from AD - User Contractors".to_owned(), 50));
    assert_eq!(order[1], ("In from AD - User Interns".to_owned(), 51));
}

#[test]
fn a_rule_without_a_precedence_goes_where_it_was_to_be_put() {
    let mut configuration = read(&export("contoso")).unwrap();
    let ids: Vec<String> = configuration
        .rules
        .iter()
        .filter(|rule| rule.direction == Direction::Outbound)
        .map(|rule| rule.id.clone())
        .collect();
    let (first, last) = (ids[0].clone(), ids[ids.len() - 1].clone());
    let moved = configuration
        .rules
        .iter_mut()
        .find(|rule| rule.id == last)
        .unwrap();
    moved.precedence = 0;
    moved.after = Some(first.clone());
    let name = moved.name.clone();
    let imported = import(&configuration, Target::EntraConnect).unwrap();
    let rules = imported.report.rules.iter();
    let at = rules.clone().position(|rule| rule.id == first).unwrap();
    let next = rules.clone().nth(at + 1).unwrap();
    assert_eq!(next.id, last);
    let why = next.why.join("; ");
    assert!(
        why.contains("its precedence 124 is where it was to be put"),
        "{name}: {why}"
    );
    super::checked(&imported, "");
}
