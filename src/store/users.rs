//! Users. The only place that makes actors out of them.

use super::codec::Record;
use super::kit::{Source, Transaction, decoded};
use super::tables::{USERS, USERS_BY_LOGIN, USERS_BY_ORGANIZATION, USERS_BY_PERSON};
use super::{Error, Tables};
use crate::domain::actor::{AgentActor, ClientActor, SimulatorActor};
use crate::domain::ids::{AgentOrganizationId, ClientOrganizationId, PersonId, UserId};
use crate::domain::role::Application;
use crate::domain::user::{Membership, User};
use redb::{ReadableTable, TableHandle};

impl Record for User {}

impl<S: Source> Tables<S> {
    /// A user.
    ///
    /// # Errors
    /// The database's.
    pub fn user(&self, id: UserId) -> Result<Option<User>, Error> {
        self.source.record(USERS, id.0)
    }

    /// The active user with this login ID, compared without case.
    ///
    /// # Errors
    /// The database's.
    pub fn user_by_login(&self, application: Application, login_id: &str) -> Result<Option<User>, Error> {
        let login = folded(login_id);
        match self.source.value(USERS_BY_LOGIN, (application.code(), login.as_str()))? {
            Some(id) => self.user(UserId(id)),
            None => Ok(None),
        }
    }

    /// Users of a client organization, deleted ones too, in the order of their numbers.
    ///
    /// # Errors
    /// The database's.
    pub fn users_of_client(&self, organization: ClientOrganizationId) -> Result<Vec<User>, Error> {
        self.users_of(Application::Client, organization.0)
    }

    /// Users of an agent organization, deleted ones too, in the order of their numbers.
    ///
    /// # Errors
    /// The database's.
    pub fn users_of_agent(&self, organization: AgentOrganizationId) -> Result<Vec<User>, Error> {
        self.users_of(Application::Agent, organization.0)
    }

    /// Users that a person holds, deleted ones too, in the order of their numbers.
    ///
    /// # Errors
    /// The database's.
    pub fn users_of_person(&self, person: PersonId) -> Result<Vec<User>, Error> {
        let index = self.source.table(USERS_BY_PERSON)?;
        let rows = index.range((person.0, 0)..=(person.0, u32::MAX))?;
        let mut users = Vec::new();
        for row in rows {
            users.extend(self.user(UserId(row?.0.value().1))?);
        }
        Ok(users)
    }

    fn users_of(&self, application: Application, organization: u32) -> Result<Vec<User>, Error> {
        let code = application.code();
        let index = self.source.table(USERS_BY_ORGANIZATION)?;
        let mut users = Vec::new();
        for row in index.range((code, organization, 0)..=(code, organization, u32::MAX))? {
            users.extend(self.user(UserId(row?.0.value().2))?);
        }
        Ok(users)
    }

    /// A garage's user as somebody who acts; none when deleted or not of that application.
    ///
    /// # Errors
    /// The database's.
    pub fn client_actor(&self, id: UserId) -> Result<Option<ClientActor>, Error> {
        Ok(self.user(id)?.as_ref().and_then(ClientActor::of))
    }

    /// An agent's user as somebody who acts; none when deleted or not of that application.
    ///
    /// # Errors
    /// The database's.
    pub fn agent_actor(&self, id: UserId) -> Result<Option<AgentActor>, Error> {
        Ok(self.user(id)?.as_ref().and_then(AgentActor::of))
    }

    /// A user of the simulated outside world; none when deleted or not of that application.
    ///
    /// # Errors
    /// The database's.
    pub fn simulator_actor(&self, id: UserId) -> Result<Option<SimulatorActor>, Error> {
        Ok(self.user(id)?.as_ref().and_then(SimulatorActor::of))
    }
}

impl Tables<&Transaction> {
    /// Puts a user. A deleted user's login ID is free again.
    ///
    /// # Errors
    /// [`Error::Taken`], before anything is written, when another active user has the login ID; the database's.
    pub fn put_user(&mut self, user: &User) -> Result<(), Error> {
        let old = self.user(user.id)?;
        let application = user.membership.application();
        let login = folded(&user.login_id);
        let holder = self.source.value(USERS_BY_LOGIN, (application.code(), login.as_str()))?;
        if user.active && holder.is_some_and(|holder| holder != user.id.0) {
            return Err(Error::Taken("login ID"));
        }
        if let Some(old) = old {
            let code = old.membership.application().code();
            if old.active {
                self.source.remove(USERS_BY_LOGIN, (code, folded(&old.login_id).as_str()))?;
            }
            if let Some(organization) = organization(&old) {
                self.source.remove(USERS_BY_ORGANIZATION, (code, organization, old.id.0))?;
            }
            self.source.remove(USERS_BY_PERSON, (old.person.0, old.id.0))?;
        }
        if user.active {
            self.source.set(USERS_BY_LOGIN, (application.code(), login.as_str()), user.id.0)?;
        }
        if let Some(organization) = organization(user) {
            self.source.set(USERS_BY_ORGANIZATION, (application.code(), organization, user.id.0), ())?;
        }
        self.source.set(USERS_BY_PERSON, (user.person.0, user.id.0), ())?;
        self.source.put(USERS, user.id.0, user)
    }

    /// The number of a new user.
    ///
    /// # Errors
    /// The database's.
    pub fn next_user_id(&mut self) -> Result<UserId, Error> {
        Ok(UserId(self.next_u32("user")?))
    }

    /// The number of a new person.
    ///
    /// # Errors
    /// The database's.
    pub fn next_person_id(&mut self) -> Result<PersonId, Error> {
        Ok(PersonId(self.next_u32("person")?))
    }
}

/// Schema 2: who holds which users, for files that were written before it was asked.
pub(super) fn index_persons(tx: &Transaction) -> Result<(), Error> {
    let users = {
        let table = tx.table(USERS)?;
        let rows = table.iter()?;
        rows.map(|row| decoded::<User>(USERS.name(), row?.1.value())).collect::<Result<Vec<_>, _>>()?
    };
    users.iter().try_for_each(|user| tx.set(USERS_BY_PERSON, (user.person.0, user.id.0), ()))
}

pub(super) fn folded(login_id: &str) -> String {
    login_id.to_lowercase()
}

pub(super) fn organization(user: &User) -> Option<u32> {
    match user.membership {
        Membership::Client { organization, .. } => Some(organization.0),
        Membership::Agent { organization, .. } => Some(organization.0),
        Membership::Operator | Membership::Simulator { .. } => None,
    }
}
