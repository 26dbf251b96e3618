//! Addresses of pages, in one place. Links are made here, never by hand.

use super::fields::Fields;
use super::layout::Outside;
use crate::domain::ids::{AgentOrganizationId, BranchId, ImportId, RequestId, SubmissionNumber, WorkId};
use crate::domain::procedure::Procedure;
use crate::domain::request::Status;
use crate::domain::role::Application;

/// 依頼人ユーザー検索.
pub const CLIENT_USERS: &str = "/client/users";

/// 依頼人組織検索.
pub const CLIENT_ORGANIZATIONS: &str = "/client/organizations";

/// A page or action below an APIキー.
pub fn api_key(key: &str, verb: &str) -> String {
    format!("/client/api-keys/{key}/{verb}")
}

/// 依頼人拠点検索.
pub const CLIENT_BRANCHES: &str = "/client/branches";

/// 依頼先代理人検索.
pub const CLIENT_AGENTS: &str = "/client/agents";

/// 申請テンプレート検索.
pub const CLIENT_TEMPLATES: &str = "/client/templates";

/// 依頼人拠点照会 for staff, who go back to where they came from.
pub fn client_branch(branch: BranchId, back: &str) -> String {
    Fields::default().with("back", back).on(&format!("{CLIENT_BRANCHES}/{branch}"))
}

/// 申請データ統計検索.
pub const AGENT_STATISTICS: &str = "/agent/statistics";

/// 代理人ユーザー検索.
pub const AGENT_USERS: &str = "/agent/users";

/// 代理人組織検索.
pub const AGENT_ORGANIZATIONS: &str = "/agent/organizations";

/// 代理人組織照会.
pub fn agent_organization(id: AgentOrganizationId) -> String {
    format!("{AGENT_ORGANIZATIONS}/{id}")
}

/// 代理人拠点検索.
pub const AGENT_BRANCHES: &str = "/agent/branches";

/// The first page of an application: お知らせ案内検索.
pub fn home(application: Application) -> String {
    format!("/{}", application.slug())
}

/// An address that somebody brought along, if it is a page of this application; else its first page.
pub fn inside(application: Application, wanted: &str) -> String {
    let home = home(application);
    let inside = wanted.strip_prefix(&home).is_some_and(|rest| rest.starts_with(['/', '?']));
    let plain = wanted.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if inside && plain && wanted.len() < 2_000 { wanted.to_owned() } else { home }
}

/// ログイン.
pub fn sign_in(application: Application) -> String {
    format!("/{}/sign-in", application.slug())
}

/// ログアウト (POST).
pub fn sign_out(application: Application) -> String {
    format!("/{}/sign-out", application.slug())
}

/// パスワード更新.
pub fn password(application: Application) -> String {
    format!("/{}/password", application.slug())
}

/// ユーザー切替, or what its forms do: `switch`, `add`, `remove`.
pub fn users(application: Application, verb: &str) -> String {
    let slash = if verb.is_empty() { "" } else { "/" };
    format!("/{}/my-users{slash}{verb}", application.slug())
}

/// 一括処理の一覧: one's own long work.
pub fn works(application: Application) -> String {
    format!("/{}/work", application.slug())
}

/// One piece of long work.
pub fn work(application: Application, id: WorkId) -> String {
    format!("/{}/work/{id}", application.slug())
}

/// 依頼データ検索.
pub fn requests(application: Application, procedure: &Procedure) -> String {
    format!("/{}/{}/requests", application.slug(), procedure.slug)
}

/// 各種ダウンロード.
pub fn downloads(application: Application) -> String {
    format!("/{}/downloads", application.slug())
}

/// The file that 各種ダウンロード asks for.
pub fn download_file(application: Application) -> String {
    format!("/{}/downloads/file", application.slug())
}

/// 依頼データ初期登録 of a garage, 代行入力 of an agent.
pub fn new_request(application: Application, procedure: &Procedure) -> String {
    format!("/{}/{}/requests/new", application.slug(), procedure.slug)
}

/// 一括送信 (client).
pub fn send(procedure: &Procedure) -> String {
    format!("/client/{}/requests/send", procedure.slug)
}

/// 申請 of several (agent).
pub fn file(procedure: &Procedure) -> String {
    format!("/agent/{}/requests/file", procedure.slug)
}

/// 依頼データ一括登録 (client).
pub fn imports(procedure: &Procedure) -> String {
    format!("/client/{}/requests/import", procedure.slug)
}

/// An upload of 依頼データ一括登録.
pub fn import(procedure: &Procedure, id: ImportId) -> String {
    format!("{}/{id}", imports(procedure))
}

/// 申請データ検索.
pub fn applications(application: Application, procedure: &Procedure) -> String {
    format!("/{}/{}/applications", application.slug(), procedure.slug)
}

/// 登録車OSS納付 (agent).
pub fn payments(procedure: &Procedure) -> String {
    format!("/agent/{}/payments", procedure.slug)
}

/// What one application has in 登録車OSS納付 (agent).
pub fn payments_of(procedure: &Procedure, id: RequestId) -> String {
    format!("{}?id={id}", payments(procedure))
}

/// A filing at the simulated portal.
pub fn filing_outside(number: SubmissionNumber) -> String {
    format!("{}/{number}", outside(Outside::Filings))
}

/// 転記待ち (agent, where people file by hand).
pub fn transcription(procedure: &Procedure) -> String {
    format!("/agent/{}/transcription", procedure.slug)
}

/// The first page of an outside system in the simulated world.
pub fn outside(one: Outside) -> String {
    let part = match one {
        Outside::Filings => "filings",
        Outside::Vehicles => "vehicles",
        Outside::Conformity => "conformity",
        Outside::Insurance => "insurance",
        Outside::Accounts => "accounts",
        Outside::Cards => "cards",
        Outside::Rewriting => "rewriting",
        Outside::Settings => "settings",
    };
    format!("/sim/{part}")
}

/// 依頼データ照会 or 申請データ照会, by the status.
pub fn show(application: Application, procedure: &Procedure, id: RequestId, status: Status) -> String {
    let kind = if status.is_request() { "requests" } else { "applications" };
    format!("/{}/{}/{kind}/{id}", application.slug(), procedure.slug)
}

/// A page or action below 依頼データ照会 or 申請データ照会: `…/{id}/{verb}`.
pub fn verb(application: Application, procedure: &Procedure, id: RequestId, status: Status, verb: &str) -> String {
    format!("{}/{verb}", show(application, procedure, id, status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_brought_along_leads_only_into_its_application() {
        let inside = |wanted| inside(Application::Client, wanted);
        assert_eq!(inside("/client/inspection/requests?page=2"), "/client/inspection/requests?page=2");
        for outside in [
            "",
            "/agent/x",
            "//evil.example",
            "https://evil.example/client/",
            "/clients",
            "/client/\\evil",
            "/client/\r\nx",
        ] {
            assert_eq!(inside(outside), "/client", "{outside}");
        }
    }
}
