//! 依頼先代理人: which agent branches a garage may ask, and which one its request form shows first. The organization's
//! choice binds all its branches; a branch may narrow it (decision 17).

use super::ids::AgentBranchId;
use super::organization::{Branch, ClientOrganization};

/// Whether this branch may ask this agent branch.
pub fn may_ask(organization: &ClientOrganization, branch: &Branch, agent: AgentBranchId) -> bool {
    admits(organization.agents.as_deref(), agent) && admits(branch.agents.as_deref(), agent)
}

/// Whether a list admits an agent branch; no list admits all.
pub fn admits(list: Option<&[AgentBranchId]>, agent: AgentBranchId) -> bool {
    list.is_none_or(|list| list.contains(&agent))
}

/// The agent branch that a new request of this branch shows first: its own default, else the organization's, else the
/// only one it may ask among those `on_offer`. Never one that it may not ask.
pub fn usual(organization: &ClientOrganization, branch: &Branch, on_offer: &[AgentBranchId]) -> Option<AgentBranchId> {
    let mut allowed = on_offer.iter().copied().filter(|agent| may_ask(organization, branch, *agent));
    let named = [branch.default_agent, organization.default_agent].into_iter().flatten();
    let usual = named.into_iter().find(|agent| on_offer.contains(agent) && may_ask(organization, branch, *agent));
    usual.or_else(|| allowed.next().filter(|_| allowed.next().is_none()))
}

/// Records for tests.
#[cfg(test)]
pub(crate) mod kit {
    use super::{Branch, ClientOrganization};
    use crate::domain::ids::{BranchId, ClientOrganizationId};

    /// A garage and a branch of it that may ask every agent, and have no usual one.
    pub(crate) fn unlimited(id: ClientOrganizationId, branch: BranchId) -> (ClientOrganization, Branch) {
        let organization = ClientOrganization {
            id,
            name: String::new(),
            short_name: String::new(),
            member_code: String::new(),
            initial_password: None,
            initial_api_password: None,
            registered_account_open: true,
            light_account_open: true,
            active: true,
            version: 1,
            agents: None,
            default_agent: None,
        };
        let branch = Branch {
            id: branch,
            organization: id,
            code: String::new(),
            name: String::new(),
            short_name: String::new(),
            commission_number: None,
            default_agent: None,
            active: true,
            version: 1,
            agents: None,
        };
        (organization, branch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{BranchId, ClientOrganizationId};
    use proptest::prelude::*;

    fn organization(agents: Option<Vec<u32>>, default: Option<u32>) -> ClientOrganization {
        let (organization, _) = kit::unlimited(ClientOrganizationId(1), BranchId(1));
        ClientOrganization { agents: agents.map(ids), default_agent: default.map(AgentBranchId), ..organization }
    }

    fn branch(agents: Option<Vec<u32>>, default: Option<u32>) -> Branch {
        let (_, branch) = kit::unlimited(ClientOrganizationId(1), BranchId(1));
        Branch { agents: agents.map(ids), default_agent: default.map(AgentBranchId), ..branch }
    }

    fn ids(numbers: Vec<u32>) -> Vec<AgentBranchId> {
        numbers.into_iter().map(AgentBranchId).collect()
    }

    #[test]
    fn the_branchs_own_word_comes_first() {
        let offer = ids(vec![1, 2, 3]);
        let usual = |company: (Option<Vec<u32>>, Option<u32>), own: (Option<Vec<u32>>, Option<u32>)| {
            usual(&organization(company.0, company.1), &branch(own.0, own.1), &offer).map(|agent| agent.0)
        };
        assert_eq!(usual((None, Some(1)), (None, None)), Some(1), "the organization's holds for all its branches");
        assert_eq!(usual((None, Some(1)), (None, Some(2))), Some(2));
        assert_eq!(usual((Some(vec![1]), Some(1)), (None, Some(2))), Some(1), "2 may no longer be asked");
        assert_eq!(usual((None, None), (Some(vec![3]), None)), Some(3), "there is only one");
        assert_eq!(usual((None, None), (None, None)), None);
        assert_eq!(usual((None, Some(9)), (None, None)), None, "9 is not on offer");
    }

    fn list() -> impl Strategy<Value = Option<Vec<u32>>> {
        prop::option::of(prop::collection::vec(1u32..6, 0..5))
    }

    proptest! {
        #[test]
        fn what_is_preset_may_be_asked(
            company in (list(), prop::option::of(1u32..6)), own in (list(), prop::option::of(1u32..6)), offer in prop::collection::vec(1u32..6, 0..6)
        ) {
            let (organization, branch) = (organization(company.0, company.1), branch(own.0, own.1));
            let offer = ids(offer);
            if let Some(agent) = usual(&organization, &branch, &offer) {
                prop_assert!(offer.contains(&agent) && may_ask(&organization, &branch, agent));
            }
        }

        #[test]
        fn a_branch_only_narrows(company in list(), own in list(), agent in 1u32..6) {
            let (organization, branch) = (organization(company, None), branch(own, None));
            let agent = AgentBranchId(agent);
            if may_ask(&organization, &branch, agent) {
                prop_assert!(admits(organization.agents.as_deref(), agent));
            }
        }
    }
}
