//! 申請テンプレート.

use super::codec::Record;
use super::kit::{Source, Transaction};
use super::tables::{TEMPLATES, TEMPLATES_BY_CLIENT};
use super::{Error, Tables};
use crate::domain::ids::{ClientOrganizationId, TemplateId};
use crate::domain::template::Template;
use redb::ReadableTable;

impl Record for Template {}

impl<S: Source> Tables<S> {
    /// A template.
    ///
    /// # Errors
    /// The database's.
    pub fn template(&self, id: TemplateId) -> Result<Option<Template>, Error> {
        self.source.record(TEMPLATES, id.0)
    }

    /// The templates of a client organization, in the order of their numbers.
    ///
    /// # Errors
    /// The database's.
    pub fn templates_of(&self, organization: ClientOrganizationId) -> Result<Vec<Template>, Error> {
        let index = self.source.table(TEMPLATES_BY_CLIENT)?;
        let mut templates = Vec::new();
        for row in index.range((organization.0, 0)..=(organization.0, u32::MAX))? {
            templates.extend(self.template(TemplateId(row?.0.value().1))?);
        }
        Ok(templates)
    }
}

impl Tables<&Transaction> {
    /// The number of a new template.
    ///
    /// # Errors
    /// The database's.
    pub fn next_template_id(&mut self) -> Result<TemplateId, Error> {
        Ok(TemplateId(self.next_u32("template")?))
    }

    /// Puts a template, whose organization never changes.
    ///
    /// # Errors
    /// The database's.
    pub fn put_template(&mut self, template: &Template) -> Result<(), Error> {
        self.source.set(TEMPLATES_BY_CLIENT, (template.organization.0, template.id.0), ())?;
        self.source.put(TEMPLATES, template.id.0, template)
    }

    /// Removes a template.
    ///
    /// # Errors
    /// The database's.
    pub fn remove_template(&mut self, template: &Template) -> Result<(), Error> {
        self.source.remove(TEMPLATES_BY_CLIENT, (template.organization.0, template.id.0))?;
        self.source.remove(TEMPLATES, template.id.0).map(drop)
    }
}
