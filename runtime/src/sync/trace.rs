//! What explanations need beside the result: who offered what, and who won.

use bumpalo::Bump;
use serde_json::Value as Json;
use trib_compiler::ir::End;
use trib_compiler::value::Value;

use super::flows::{Contribution, Resolved, resolve};
use super::{Synchronizer, Trouble};
use crate::json::to_json;
use crate::store::{Entry, Object};

/// The result of a contest and the place of its winner.
pub(crate) struct Resolution<'a> {
    pub value: Option<Value<'a>>,
    pub winner: Option<usize>,
}

impl<'a> Resolution<'a> {
    pub fn of(list: &[Contribution<'a>], bump: &'a Bump) -> Resolution<'a> {
        match resolve(list, bump) {
            Resolved::Value(value, at) => Resolution {
                value: Some(value),
                winner: Some(at),
            },
            // An authoritative null wins too; plain absence has no winner.
            Resolved::Cleared(at) => Resolution {
                value: None,
                winner: list
                    .get(at)
                    .and_then(|winner| matches!(winner.value, Value::Clear).then_some(at)),
            },
            Resolved::Kept => Resolution {
                value: None,
                winner: None,
            },
        }
    }
}

/// Everything that is offered to one attribute of a target.
pub(crate) struct OutboundOffer {
    pub target: End,
    /// The attribute's place in the IR.
    pub slot: usize,
    /// Rule, flow and value of each offer, strongest first.
    pub list: Vec<(usize, usize, Json)>,
    /// The winner's place, and the value.
    pub resolved: (Option<usize>, Json),
}

impl Synchronizer<'_> {
    /// What the rules in scope offer to the object's entry in a target connector.
    pub(crate) fn offers_to(
        &self,
        object: &Object,
        source: End,
        connector: usize,
        entries: &[Entry],
        bump: &Bump,
    ) -> Result<Vec<OutboundOffer>, Trouble> {
        let Some(target) = self.target(object, source, connector, entries, bump)? else {
            return Ok(Vec::new());
        };
        let in_scope = self.outbound_in_scope(&target)?;
        let mut ends: Vec<End> = in_scope.iter().map(|(_, rule)| rule.target).collect();
        ends.dedup();
        let mut offers = Vec::new();
        for end in ends {
            let taking = self.taking(&in_scope, end);
            for (offered, list) in self.offers(&target, true, &taking, end, bump)? {
                let place = self
                    .program
                    .object_type(end)
                    .and_then(|ty| ty.layout.places.iter().position(|place| *place == offered));
                let Some(at) = place else { continue };
                let resolved = Resolution::of(&list, bump);
                let told = list.iter().filter_map(|offer| {
                    let take = taking.get(offer.flow)?;
                    let flow = take
                        .rule
                        .flows
                        .iter()
                        .position(|flow| std::ptr::eq(flow, take.flow))?;
                    Some((take.rule_at, flow, to_json(offer.value)))
                });
                offers.push(OutboundOffer {
                    target: end,
                    slot: at,
                    list: told.collect(),
                    resolved: (
                        resolved.winner,
                        to_json(resolved.value.unwrap_or(Value::Absent)),
                    ),
                });
            }
        }
        Ok(offers)
    }
}
