//! The frame of every page: banner, header, menu, procedures, title, footer.

use super::visit::{Reader, Visit};
use super::{assets, form, urls};
use crate::domain::procedure::{self, Procedure};
use crate::domain::role::{AgentRole, Application, SimulatorRole};
use crate::service::sessions::CurrentActor;
use crate::web::help;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The name of the system, as in the manual's header.
pub const SYSTEM: &str = "OSS申請共同利用システム";

/// Menu items, in the manual's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Menu {
    /// 依頼データ初期登録.
    NewRequest,
    /// 依頼データ検索.
    Requests,
    /// 申請データ検索.
    Applications,
    /// 各種ダウンロード.
    Downloads,
    /// 登録車OSS納付 (a link of the agent's header).
    Payments,
    /// 転記待ち, where people file by hand.
    Transcription,
    /// 代行入力.
    Entry,
    /// 依頼人ユーザー管理.
    ClientUsers,
    /// 依頼人組織管理.
    ClientOrganizations,
    /// 依頼人拠点管理.
    ClientBranches,
    /// 申請データ統計検索.
    AgentStatistics,
    /// 代理人ユーザー管理.
    AgentUsers,
    /// 代理人組織管理.
    AgentOrganization,
    /// 代理人拠点管理.
    AgentBranches,
    /// 依頼先代理人管理.
    ClientAgents,
    /// 申請テンプレート管理.
    ClientTemplates,
    /// One of the outside systems.
    Outside(Outside),
}

/// The systems outside, each with pages of its own in the simulated world, in the order of its menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outside {
    /// The OSS portals as the offices see them.
    Filings,
    /// 車両台帳.
    Vehicles,
    /// 保適証サービス.
    Conformity,
    /// 自賠責.
    Insurance,
    /// ダイレクト納付.
    Accounts,
    /// お支払い情報登録.
    Cards,
    /// 記録事務代行アプリ.
    Rewriting,
    /// How the world behaves.
    Settings,
}

impl Outside {
    /// All, in the order of the menu.
    pub const ALL: [Self; 8] = [
        Self::Filings,
        Self::Vehicles,
        Self::Conformity,
        Self::Insurance,
        Self::Accounts,
        Self::Cards,
        Self::Rewriting,
        Self::Settings,
    ];

    /// The label of the menu.
    pub fn label(self) -> &'static str {
        match self {
            Self::Filings => "OSSポータル",
            Self::Vehicles => "車両台帳",
            Self::Conformity => "保適証サービス",
            Self::Insurance => "自賠責",
            Self::Accounts => "ダイレクト納付",
            Self::Cards => "お支払い情報登録",
            Self::Rewriting => "記録事務代行アプリ",
            Self::Settings => "環境設定",
        }
    }

    /// Whether 職員 has it in the menu.
    pub fn is_office_work(self) -> bool {
        self == Self::Filings
    }
}

/// Where in the application a page stands.
#[derive(Debug, Clone, Copy, Default)]
pub struct Here {
    /// The menu item it belongs to.
    pub menu: Option<Menu>,
    /// The chosen procedure; the first when none is.
    pub procedure: Option<&'static Procedure>,
}

impl Here {
    /// Nowhere in the menu.
    pub const NONE: Self = Self { menu: None, procedure: None };

    /// Below a menu item of a procedure.
    pub fn at(menu: Menu, procedure: &'static Procedure) -> Self {
        Self { menu: Some(menu), procedure: Some(procedure) }
    }
}

struct Item {
    menu: Menu,
    label: &'static str,
    href: String,
}

fn items(actor: &CurrentActor, procedure: &Procedure, by_hand: bool) -> Vec<Item> {
    let item = |menu, label, href| Item { menu, label, href };
    let searches = |application| {
        [
            item(Menu::Requests, "依頼データ検索", urls::requests(application, procedure)),
            item(Menu::Applications, "申請データ検索", urls::applications(application, procedure)),
        ]
    };
    let downloads = |application| item(Menu::Downloads, "各種ダウンロード", urls::downloads(application));
    match actor {
        CurrentActor::Client(actor) if actor.role().is_staff() => {
            let new = item(Menu::NewRequest, "依頼データ初期登録", urls::new_request(Application::Client, procedure));
            [new].into_iter().chain(searches(Application::Client)).collect()
        }
        CurrentActor::Agent(actor) if actor.role() == AgentRole::Staff => {
            let typed = by_hand.then(|| item(Menu::Transcription, "転記待ち", urls::transcription(procedure)));
            let entry = item(Menu::Entry, "代行入力", urls::new_request(Application::Agent, procedure));
            searches(Application::Agent)
                .into_iter()
                .chain(typed)
                .chain([entry, downloads(Application::Agent)])
                .collect()
        }
        CurrentActor::Simulator(actor) => Outside::ALL
            .into_iter()
            .filter(|one| actor.role() == SimulatorRole::Instructor || one.is_office_work())
            .map(|one| item(Menu::Outside(one), one.label(), urls::outside(one)))
            .collect(),
        CurrentActor::Client(_) => vec![
            item(Menu::ClientUsers, "依頼人ユーザー管理", urls::CLIENT_USERS.to_owned()),
            item(Menu::ClientOrganizations, "依頼人組織管理", urls::CLIENT_ORGANIZATIONS.to_owned()),
            item(Menu::ClientBranches, "依頼人拠点管理", urls::CLIENT_BRANCHES.to_owned()),
            item(Menu::ClientAgents, "依頼先代理人管理", urls::CLIENT_AGENTS.to_owned()),
            item(Menu::ClientTemplates, "申請テンプレート管理", urls::CLIENT_TEMPLATES.to_owned()),
            downloads(Application::Client),
        ],
        CurrentActor::Agent(_) => vec![
            item(Menu::AgentStatistics, "申請データ統計検索", urls::AGENT_STATISTICS.to_owned()),
            item(Menu::AgentUsers, "代理人ユーザー管理", urls::AGENT_USERS.to_owned()),
            item(Menu::AgentOrganization, "代理人組織管理", urls::AGENT_ORGANIZATIONS.to_owned()),
            item(Menu::AgentBranches, "代理人拠点管理", urls::AGENT_BRANCHES.to_owned()),
            downloads(Application::Agent),
        ],
    }
}

/// Whether the reader's work is a procedure's: only then is there one to choose.
fn chooses_procedure(actor: &CurrentActor) -> bool {
    match actor {
        CurrentActor::Client(actor) => actor.role().is_staff(),
        CurrentActor::Agent(actor) => actor.role() == AgentRole::Staff,
        CurrentActor::Simulator(_) => false,
    }
}

/// Where a menu item leads for another procedure.
fn tab(actor: &CurrentActor, menu: Option<Menu>, procedure: &Procedure) -> String {
    let application = match actor {
        CurrentActor::Client(_) => Application::Client,
        CurrentActor::Agent(_) => Application::Agent,
        CurrentActor::Simulator(_) => Application::Simulator,
    };
    match menu {
        Some(Menu::NewRequest | Menu::Entry) => urls::new_request(application, procedure),
        Some(Menu::Applications) => urls::applications(application, procedure),
        Some(Menu::Payments) => urls::payments(procedure),
        Some(Menu::Transcription) => urls::transcription(procedure),
        Some(Menu::Outside(one)) => urls::outside(one),
        _ => urls::requests(application, procedure),
    }
}

/// A whole page.
pub fn page(visit: &Visit, title: &str, here: Here, body: &Markup) -> Markup {
    around(visit, title, here, &[&body.0])
}

/// A whole page around parts that were drawn before, which are copied once.
pub fn around(visit: &Visit, title: &str, here: Here, parts: &[&str]) -> Markup {
    let frame = frame(visit, title, here).into_string();
    let (above, below) = frame.split_once(BODY).unwrap_or((&frame, ""));
    let mut page = String::with_capacity(frame.len() + parts.iter().map(|part| part.len()).sum::<usize>());
    page.push_str(above);
    parts.iter().for_each(|part| page.push_str(part));
    page.push_str(below);
    PreEscaped(page)
}

/// Where the body of a page goes. No text can hold it: its first character is escaped in all of them.
const BODY: &str = "<!body>";

/// All of a page but its body.
fn frame(visit: &Visit, title: &str, here: Here) -> Markup {
    let inner = visit.inner();
    let reader = visit.reader();
    let procedure = here.procedure.or_else(|| procedure::ALL.first().copied());
    let menu = match (reader, procedure) {
        (Some(reader), Some(procedure)) => items(&reader.actor, procedure, inner.by_hand),
        _ => Vec::new(),
    };
    let home = inner.application.map_or_else(|| "/".to_owned(), urls::home);
    html! {
        (DOCTYPE)
        html lang="ja" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " | " (SYSTEM) }
                link rel="stylesheet" href=(assets::url("app.css"));
                link rel="icon" type="image/svg+xml" href=(assets::url("icon.svg"));
                script src=(assets::url("app.js")) defer {}
            }
            body #top {
                a .skip href="#main" { "本文へ移動" }
                @if inner.exercise { aside .exercise aria-label="環境" { "訓練環境 ― 実際の申請は行われません" } }
                header .top {
                    a .brand href=(home) {
                        (SYSTEM)
                        @if let Some(application) = inner.application { small { "（" (application.label()) "）" } }
                    }
                    @if let Some(reader) = reader {
                        @if let (CurrentActor::Agent(actor), false) = (&reader.actor, reader.session.must_change)
                            && actor.role() == AgentRole::Staff {
                            nav .header-links aria-label="納付" {
                                @for other in procedure::ALL {
                                    @let here = here.menu == Some(Menu::Payments) && procedure.is_some_and(|p| p.code == other.code);
                                    a href=(urls::payments(other)) aria-current=[current(here)] { (other.payment_label) }
                                }
                            }
                        }
                        (who(visit, reader))
                        @if let Some(application) = inner.application {
                            (form::inline(visit, &urls::sign_out(application), &html! {
                                button .button.small type="submit" { "ログアウト" }
                            }))
                        }
                    }
                    @if let Some(now) = inner.now { p .printed { (now) " 現在" } }
                }
                @if let Some(reader) = reader && !menu.is_empty() && !reader.session.must_change {
                    nav .menu aria-label="メニュー" {
                        ul {
                            @for item in &menu {
                                li { a href=(item.href) aria-current=[current(here.menu == Some(item.menu))] { (item.label) } }
                            }
                        }
                        @if chooses_procedure(&reader.actor) {
                            ul .procedures aria-label="手続" {
                                @for other in procedure::ALL {
                                    li { a href=(tab(&reader.actor, here.menu, other)) aria-current=[(procedure.is_some_and(|p| p.code == other.code)).then_some("true")] { (other.label) } }
                                }
                            }
                        }
                    }
                }
                main #main tabindex="-1" {
                    div .title {
                        h1 { (title) }
                        @if let Some(help) = inner.application.and_then(|application| help::address(application, title)) {
                            p .how { (opened(&help, "この画面の使い方")) }
                        }
                    }
                    @if let Some(banner) = &inner.banner { (banner.render()) }
                    (PreEscaped(BODY))
                }
                footer {
                    @if inner.application.is_some() { p .elsewhere { (opened("/help", "使い方の一覧")) " ・ " (opened("/help/keys", "キー操作")) } }
                    p { "本システムは非公式のソフトウェアです。国・自治体・協会などのシステムとは接続しておらず、これらの機関とは関係ありません。" }
                }
            }
        }
    }
}

/// Who looks at the page; for a person with several users, the others to switch to.
fn who(visit: &Visit, reader: &Reader) -> Markup {
    let application = reader.session.application;
    html! {
        p .who {
            span .visually-hidden { "ユーザー名：" }
            @if reader.session.must_change { (reader.name) } @else { a href=(urls::users(application, "")) { (reader.name) } }
            span .place { (reader.place) }
        }
        @if !reader.others.is_empty() && !reader.session.must_change {
            details .switcher data-popup {
                summary .button.small { "ユーザー切替" }
                (form::post(visit, &urls::users(application, "switch"), &html! {
                    ul {
                        @for other in &reader.others {
                            li {
                                button type="submit" name="user" value=(other.user) {
                                    strong { (other.name) "（" (other.role) "）" }
                                    span { (other.place) }
                                    span { (other.application.label()) }
                                }
                            }
                        }
                    }
                }))
            }
        }
    }
}

fn current(is: bool) -> Option<&'static str> {
    is.then_some("page")
}

/// Help opens beside the page, so that nothing typed is lost.
fn opened(href: &str, label: &str) -> Markup {
    html! { a href=(href) target="_blank" rel="noopener" { (label) span .visually-hidden { "（新しいタブで開きます）" } } }
}
