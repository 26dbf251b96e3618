//! Client and agent organizations, their branches and certificates.

use super::codec::Record;
use super::kit::{Records, Source, Transaction, decoded};
use super::tables::{
    AGENT_BRANCHES, AGENT_BRANCHES_BY_CODE, AGENT_CERTIFICATES, AGENTS, BRANCHES, BRANCHES_BY_CODE,
    CLIENT_CERTIFICATES, CLIENTS,
};
use super::{Error, Tables};
use crate::domain::agent_certificate::AgentCertificate;
use crate::domain::client_certificate::ClientCertificate;
use crate::domain::ids::{AgentBranchId, AgentOrganizationId, BranchId, ClientOrganizationId};
use crate::domain::organization::{AgentBranch, AgentOrganization, Branch, ClientOrganization};
use redb::{ReadableTable, TableHandle};
use std::sync::Arc;

impl Record for ClientOrganization {}
impl Record for Branch {}
impl Record for AgentOrganization {}
impl Record for AgentBranch {}
impl Record for AgentCertificate {}
impl Record for ClientCertificate {}

impl<S: Source> Tables<S> {
    pub(super) fn all<K: redb::Key + 'static, T: Record>(&self, definition: Records<K>) -> Result<Vec<T>, Error> {
        let table = self.source.table(definition)?;
        table.iter()?.map(|row| decoded(definition.name(), row?.1.value())).collect()
    }

    /// 依頼人組織.
    ///
    /// # Errors
    /// The database's.
    pub fn client_organization(&self, id: ClientOrganizationId) -> Result<Option<ClientOrganization>, Error> {
        self.source.record(CLIENTS, id.0)
    }

    /// All client organizations by ID.
    ///
    /// # Errors
    /// The database's.
    pub fn client_organizations(&self) -> Result<Vec<ClientOrganization>, Error> {
        self.all(CLIENTS)
    }

    /// 依頼人拠点.
    ///
    /// # Errors
    /// The database's.
    pub fn branch(&self, id: BranchId) -> Result<Option<Branch>, Error> {
        self.source.record(BRANCHES, id.0)
    }

    /// The branches of a client organization by 依頼人拠点コード, deleted ones too.
    ///
    /// # Errors
    /// The database's.
    pub fn branches_of(&self, organization: ClientOrganizationId) -> Result<Vec<Branch>, Error> {
        let index = self.source.table(BRANCHES_BY_CODE)?;
        let mut branches = Vec::new();
        for row in index.range((organization.0, "")..)? {
            let (key, id) = row?;
            if key.value().0 != organization.0 {
                break;
            }
            branches.extend(self.branch(BranchId(id.value()))?);
        }
        Ok(branches)
    }

    /// 代理人組織.
    ///
    /// # Errors
    /// The database's.
    pub fn agent_organization(&self, id: AgentOrganizationId) -> Result<Option<AgentOrganization>, Error> {
        self.source.record(AGENTS, id.0)
    }

    /// All agent organizations by ID.
    ///
    /// # Errors
    /// The database's.
    pub fn agent_organizations(&self) -> Result<Vec<AgentOrganization>, Error> {
        self.all(AGENTS)
    }

    /// 代理人拠点.
    ///
    /// # Errors
    /// The database's.
    pub fn agent_branch(&self, id: AgentBranchId) -> Result<Option<AgentBranch>, Error> {
        self.source.record(AGENT_BRANCHES, id.0)
    }

    /// All agent branches, deleted ones too.
    ///
    /// # Errors
    /// The database's.
    pub fn agent_branches(&self) -> Result<Vec<AgentBranch>, Error> {
        self.all(AGENT_BRANCHES)
    }

    /// The branches of an agent organization, deleted ones too.
    ///
    /// # Errors
    /// The database's.
    pub fn agent_branches_of(&self, organization: AgentOrganizationId) -> Result<Vec<AgentBranch>, Error> {
        let mut branches = self.agent_branches()?;
        branches.retain(|branch| branch.organization == organization);
        Ok(branches)
    }

    /// The certificates of a client organization by number.
    ///
    /// # Errors
    /// The database's.
    pub fn client_certificates(&self, organization: ClientOrganizationId) -> Result<Vec<ClientCertificate>, Error> {
        let table = self.source.table(CLIENT_CERTIFICATES)?;
        let rows = table.range((organization.0, 0)..=(organization.0, u32::MAX))?;
        rows.map(|row| decoded(CLIENT_CERTIFICATES.name(), row?.1.value())).collect()
    }

    /// The certificates of an agent organization by number.
    ///
    /// # Errors
    /// The database's.
    pub fn agent_certificates(&self, organization: AgentOrganizationId) -> Result<Vec<AgentCertificate>, Error> {
        let table = self.source.table(AGENT_CERTIFICATES)?;
        let rows = table.range((organization.0, 0)..=(organization.0, u32::MAX))?;
        rows.map(|row| decoded(AGENT_CERTIFICATES.name(), row?.1.value())).collect()
    }
}

impl Tables<&Transaction> {
    /// Lists show names of organizations and branches: none that was drawn before holds any longer.
    fn lists_show_it(&self) {
        let shared = Arc::clone(&self.shared);
        self.source.after_commit(move || shared.versions.grow_all());
    }

    /// Puts a client organization.
    ///
    /// # Errors
    /// The database's.
    pub fn put_client_organization(&mut self, organization: &ClientOrganization) -> Result<(), Error> {
        self.lists_show_it();
        self.source.put(CLIENTS, organization.id.0, organization)
    }

    /// The number of a new branch.
    ///
    /// # Errors
    /// The database's.
    pub fn next_branch_id(&mut self) -> Result<BranchId, Error> {
        Ok(BranchId(self.next_u32("branch")?))
    }

    /// Puts a branch.
    ///
    /// # Errors
    /// [`Error::Taken`], before anything is written, when another branch of the organization has the code; the
    /// database's.
    pub fn put_branch(&mut self, branch: &Branch) -> Result<(), Error> {
        let key = (branch.organization.0, branch.code.as_str());
        if self.source.value(BRANCHES_BY_CODE, key)?.is_some_and(|holder| holder != branch.id.0) {
            return Err(Error::Taken("branch code"));
        }
        if let Some(old) = self.branch(branch.id)? {
            self.source.remove(BRANCHES_BY_CODE, (old.organization.0, old.code.as_str()))?;
        }
        self.source.set(BRANCHES_BY_CODE, key, branch.id.0)?;
        self.lists_show_it();
        self.source.put(BRANCHES, branch.id.0, branch)
    }

    /// Puts a certificate of a client organization.
    ///
    /// # Errors
    /// The database's.
    pub fn put_client_certificate(&mut self, certificate: &ClientCertificate) -> Result<(), Error> {
        self.source.put(CLIENT_CERTIFICATES, (certificate.organization.0, certificate.number), certificate)
    }

    /// Puts an agent organization.
    ///
    /// # Errors
    /// The database's.
    pub fn put_agent_organization(&mut self, organization: &AgentOrganization) -> Result<(), Error> {
        self.lists_show_it();
        self.source.put(AGENTS, organization.id.0, organization)
    }

    /// The number of a new agent branch.
    ///
    /// # Errors
    /// The database's.
    pub fn next_agent_branch_id(&mut self) -> Result<AgentBranchId, Error> {
        Ok(AgentBranchId(self.next_u32("agent_branch")?))
    }

    /// Puts an agent branch.
    ///
    /// # Errors
    /// [`Error::Taken`], before anything is written, when another branch has the 代理人拠点ID; the database's.
    pub fn put_agent_branch(&mut self, branch: &AgentBranch) -> Result<(), Error> {
        let code = branch.code.as_str();
        if self.source.value(AGENT_BRANCHES_BY_CODE, code)?.is_some_and(|holder| holder != branch.id.0) {
            return Err(Error::Taken("agent branch code"));
        }
        if let Some(old) = self.agent_branch(branch.id)? {
            self.source.remove(AGENT_BRANCHES_BY_CODE, old.code.as_str())?;
        }
        self.source.set(AGENT_BRANCHES_BY_CODE, code, branch.id.0)?;
        self.lists_show_it();
        self.source.put(AGENT_BRANCHES, branch.id.0, branch)
    }

    /// Puts an agent's certificate under its number.
    ///
    /// # Errors
    /// The database's.
    pub fn put_agent_certificate(&mut self, certificate: &AgentCertificate) -> Result<(), Error> {
        self.source.put(AGENT_CERTIFICATES, (certificate.organization.0, certificate.number), certificate)
    }
}
