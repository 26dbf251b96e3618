//! Pages of the node itself: which applications there are, whether it runs, and its certificate with the steps to
//! trust it.

use super::edge::Plain;
use super::kit::prelude::*;
use super::kit::visit::redirect;
use crate::app::Shared;
use crate::config::Served;
use crate::domain::role::Application;
use crate::listener::Peer;
use crate::service::error::Error;
use crate::store::WriterState;
use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// `GET /`.
pub(super) async fn show(State(app): State<Shared>, visit: Visit, peer: Option<Extension<Peer>>) -> Markup {
    // Another listener's address is a whole one; what no listener serves is not offered.
    let here = |served: Served, path: String| match &peer {
        Some(Extension(peer)) if !peer.listener.applications.contains(&served) => {
            app.config.public_url(served).map(|url| format!("{url}{path}"))
        }
        _ => Some(path),
    };
    let doors = [
        (
            Application::Client,
            Served::Client,
            "指定自動車整備事業者（依頼人）の方はこちら。申請の依頼と、その後の状況の確認を行います。",
        ),
        (Application::Agent, Served::Agent, "代理人の方はこちら。届いた依頼の受付、申請、手数料の納付を行います。"),
        (
            Application::Simulator,
            Served::Sim,
            "訓練の講師・職員役の方はこちら。模擬のOSSポータルや台帳などを操作します。",
        ),
    ];
    // Nodes that file for real have no simulated world.
    let offered = |application: Application| application != Application::Simulator || app.sim.is_some();
    visit.page("ご利用になるアプリケーションを選んでください", Here::NONE, &html! {
        ul .doors {
            @for (application, served, what) in doors.into_iter().filter(|(application, ..)| offered(*application)) {
                @if let Some(href) = here(served, urls::home(application)) {
                    li { a .card href=(href) { strong { (application.label()) } span { (what) } } }
                }
            }
        }
        @if let Some(trust) = here(Served::Trust, "/trust".to_owned()) {
            p .below-doors { "初めてお使いのパソコンでは、先に " a href=(trust) { "このシステムの証明書を登録" } " してください。" }
        }
    })
}

/// `GET /livez`: the process answers.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the store can be written.
pub(super) async fn ready(State(app): State<Shared>) -> Response {
    let mut response = match app.store.state() {
        WriterState::Running => (StatusCode::OK, "ok\n").into_response(),
        // Reading goes on; taking the node out of service would make it worse.
        WriterState::Full => (StatusCode::OK, "ok, but the disk is full: nothing can be saved\n").into_response(),
        WriterState::Failed => (StatusCode::SERVICE_UNAVAILABLE, "the store has failed\n").into_response(),
    };
    response.extensions_mut().insert(Plain);
    response
}

/// `GET /trust/ca.crt`.
pub(super) async fn certificate(State(app): State<Shared>) -> Result<Response> {
    let file = app.folder.pki().join("ca.pem");
    let pem = tokio::fs::read(file).await.map_err(|_| Error::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-x509-ca-cert"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"ainas-ca.crt\""),
    ];
    Ok((headers, pem).into_response())
}

/// `GET /oss_agt/`: the agent application's address in the agent guide.
pub(super) async fn old_agent_address() -> Response {
    redirect(&urls::home(Application::Agent))
}

/// `GET /trust`.
pub(super) async fn trust(visit: Visit) -> Markup {
    visit.page("証明書の登録", Here::NONE, &html! {
        div .card {
            p .lead {
                "このシステムとの通信は暗号化されています。はじめに一度だけ、このシステムの証明書をパソコンに登録すると、ブラウザーの警告が表示されなくなります。"
                "証明書は、このシステムのアドレスにだけ有効です。"
            }
            (button::primary_link("証明書をダウンロード（ainas-ca.crt）", "/trust/ca.crt"))
        }
        (steps("windows", "Windows（Microsoft Edge・Google Chrome）", &[
            "ダウンロードした「ainas-ca.crt」をダブルクリックして開きます。",
            "［証明書のインストール］を押し、［現在のユーザー］を選んで［次へ］を押します。",
            "［証明書をすべて次のストアに配置する］を選び、［参照］から［信頼されたルート証明機関］を選びます。",
            "［次へ］、［完了］の順に押します。確認が表示されたら［はい］を押します。",
            "ブラウザーをすべて閉じて、開き直します。",
        ]))
        (steps("firefox", "Firefox", &[
            "［設定］－［プライバシーとセキュリティ］－［証明書を表示］を開きます。",
            "［認証局証明書］の［インポート］から「ainas-ca.crt」を選びます。",
            "［この認証局によるウェブサイトの識別を信頼する］にチェックを入れて［OK］を押します。",
        ]))
        (steps("chrome", "Chrome（Linux・ChromeOS）", &[
            "［設定］－［プライバシーとセキュリティ］－［セキュリティ］－［証明書の管理］を開きます。",
            "［認証局］（または［カスタム］）の［インポート］から「ainas-ca.crt」を選びます。",
            "［ウェブサイトの識別でこの証明書を信頼する］にチェックを入れて［OK］を押します。",
        ]))
    })
}

fn steps(id: &str, label: &str, steps: &[&str]) -> Markup {
    html! { section .card id=(id) { h2 { (label) } ol .steps { @for step in steps { li { (step) } } } } }
}
