//! 依頼人証明書: registered from a .p12 file, of which only the certificate is kept.

use super::super::audit;
use super::super::error::{Error, Result};
use super::super::key_files::{self, FILE, Uploaded, check_dates};
use super::super::once::Token;
use super::act;
use super::client_organization::{own, require};
use crate::app::App;
use crate::domain::actor::ClientActor;
use crate::domain::client_certificate::{ClientCertificate, holder};
use crate::domain::ids::ClientOrganizationId;
use crate::domain::problem::Problems;
use crate::domain::time::BusinessTime;
use crate::pki::certificate::{Details, Subject};

/// A certificate with what is written in it.
#[derive(Debug, Clone)]
pub struct CertificateView {
    /// Its number within the organization.
    pub number: u32,
    /// 登録日時.
    pub registered_at: BusinessTime,
    /// 氏名又は名称（漢字）.
    pub name: String,
    /// 代表者氏名（漢字）; empty for a person.
    pub representative: String,
    /// The beginning of its validity.
    pub valid_from: BusinessTime,
    /// 証明書有効期限.
    pub valid_until: BusinessTime,
    /// Everything it says.
    pub details: Details,
}

impl CertificateView {
    fn of(certificate: &ClientCertificate) -> Result<Self> {
        let details = Details::read(&certificate.certificate).map_err(Error::internal)?;
        let (name, representative) = holder(&details.subject.organization, &details.subject.common_name);
        Ok(Self {
            number: certificate.number,
            registered_at: certificate.registered_at,
            name: name.to_owned(),
            representative: representative.to_owned(),
            valid_from: BusinessTime::from_unix(details.not_before),
            valid_until: BusinessTime::from_unix(details.not_after),
            details,
        })
    }
}

/// The organization's own certificates, newest first; past ones stay.
///
/// # Errors
/// `NotFound` for any organization but the actor's own.
pub fn all(app: &App, actor: &ClientActor, id: ClientOrganizationId) -> Result<Vec<CertificateView>> {
    app.store.read(|tx| {
        own(tx, actor, id)?;
        tx.client_certificates(id)?.iter().rev().map(CertificateView::of).collect()
    })
}

/// 依頼人証明書照会.
///
/// # Errors
/// `NotFound` for another organization's.
pub fn view(app: &App, actor: &ClientActor, id: ClientOrganizationId, number: u32) -> Result<CertificateView> {
    all(app, actor, id)?.into_iter().find(|certificate| certificate.number == number).ok_or(Error::NotFound)
}

/// 依頼人証明書登録. Answers its number.
///
/// # Errors
/// `Invalid` with what is wrong with the file or the password; `Forbidden`; `NotFound`.
pub async fn register(
    app: &App,
    actor: &ClientActor,
    id: ClientOrganizationId,
    uploaded: Uploaded,
    once: Token,
) -> Result<u32> {
    let file = app.key_files.open(&uploaded.name, uploaded.content, uploaded.password).await?;
    check_dates(&file, app.clocks.business())?;
    let (certificate, once) =
        (file.certificate, once.of(("client-certificate.register", id, file.details.fingerprint)));
    act(app, actor, once, move |tx, actor, now| {
        own(tx, actor, id)?;
        require(actor)?;
        let known = tx.client_certificates(id)?;
        if let Some(known) = known.iter().find(|known| known.certificate == certificate) {
            let sentence = format!("この電子証明書は、{}に登録済みです。", known.registered_at);
            return Err(Problems::one(FILE, sentence).into());
        }
        let number = known.last().map_or(0, |known| known.number).saturating_add(1);
        let certificate = certificate.clone();
        let registered = ClientCertificate { organization: id, number, registered_at: now.business, certificate };
        tx.put_client_certificate(&registered)?;
        let subject = format!("client certificate {id}/{number}");
        audit::note(tx, now, actor.user(), "client-certificate.register", subject, Vec::new())?;
        Ok(number)
    })
    .await
}

/// A certificate to practise with, as a .p12 file: of this organization and user. Demo, training and test only.
///
/// # Errors
/// `NotFound` in production and for another organization; `Forbidden`.
pub async fn practice(app: &App, actor: &ClientActor, id: ClientOrganizationId) -> Result<Vec<u8>> {
    let organization = app.store.read(|tx| own(tx, actor, id))?;
    require(actor)?;
    let (organization, common_name) = (organization.name, actor.name().to_owned());
    key_files::practice(app, Subject { common_name, organization, ..Subject::default() }).await
}
