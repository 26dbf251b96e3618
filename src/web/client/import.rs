//! 依頼データ一括登録: the table to fill in, the upload, what was found in it row by row, and what came of it. The long
//! work itself has its own page.

use crate::app::Shared;
use crate::domain::ids::ImportId;
use crate::domain::import::{Import, ImportRow, MOST_ROWS, heading, lines};
use crate::domain::problem::Problems;
use crate::domain::procedure::Procedure;
use crate::domain::role::{Application, ClientRole};
use crate::domain::work::WorkState;
use crate::report::Format;
use crate::service::error::Error;
use crate::service::imports::{self, Choice, KEPT_DAYS, LARGEST, Shown, View};
use crate::web::kit::download;
use crate::web::kit::prelude::*;
use crate::web::kit::visit::redirect;
use crate::web::procedure::address::Chosen;
use axum::extract::{Path, State};
use axum::response::Response;

/// The page before an upload, with one's earlier ones.
pub(super) async fn show(State(app): State<Shared>, staff: ClientStaff, Chosen(procedure): Chosen) -> Result<Response> {
    start(&app, &staff, procedure, &Problems::new())
}

/// The table to fill in.
pub(super) async fn template(
    State(app): State<Shared>,
    staff: ClientStaff,
    Chosen(procedure): Chosen,
    asked: Fields,
) -> Result<Response> {
    let file = imports::template(&app, &staff.actor, procedure, download::format(&asked))?;
    Ok(download::whole(&file.name, file.format.content_type(), file.content))
}

/// アップロード.
pub(super) async fn upload(
    State(app): State<Shared>,
    staff: ClientStaff,
    Chosen(procedure): Chosen,
    posted: Posted,
) -> Result<Response> {
    let file = match posted.file("file") {
        Ok(file) => file,
        Err(message) => return start(&app, &staff, procedure, &Problems::one("file", message)),
    };
    let read = imports::upload(&app, &staff.actor, procedure, file.name(), file.content(), posted.once()?).await;
    match form::problems(read)? {
        Ok(id) => Ok(redirect(&urls::import(procedure, id))),
        Err(problems) => start(&app, &staff, procedure, &problems),
    }
}

/// An upload, row by row.
pub(super) async fn check(
    State(app): State<Shared>,
    staff: ClientStaff,
    Chosen(procedure): Chosen,
    Path((_, id)): Path<(String, String)>,
    asked: Fields,
) -> Result<Response> {
    preview(&app, &staff, procedure, number(&id)?, &asked, &Fields::default(), &Problems::new())
}

/// 登録.
pub(super) async fn register(
    State(app): State<Shared>,
    staff: ClientStaff,
    Chosen(procedure): Chosen,
    Path((_, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response> {
    let id = number(&id)?;
    // Whose it is, before anything is said about what was typed.
    imports::view(&app, &staff.actor, id, Shown::All, 0, 0)?;
    let chosen = match posted.get("rows") {
        "some" => lines(posted.get("lines")),
        _ => Ok(Vec::new()),
    };
    let begun = match chosen {
        Err(message) => Err(Problems::one("lines", message)),
        Ok(lines) => {
            let choice = Choice { lines, doubtful: posted.has("doubtful"), send: posted.has("send") };
            form::problems(imports::begin(&app, &staff.actor, id, choice, posted.once()?).await)?
        }
    };
    match begun {
        Ok(work) => Ok(redirect(&urls::work(Application::Client, work))),
        Err(problems) => preview(&app, &staff, procedure, id, &Fields::default(), &posted, &problems),
    }
}

/// What came of every row, as a file.
pub(super) async fn result(
    State(app): State<Shared>,
    staff: ClientStaff,
    Chosen(_): Chosen,
    Path((_, id)): Path<(String, String)>,
    asked: Fields,
) -> Result<Response> {
    let file = imports::result(&app, &staff.actor, number(&id)?, download::format(&asked))?;
    Ok(download::whole(&file.name, file.format.content_type(), file.content))
}

fn number(text: &str) -> Result<ImportId, Error> {
    text.parse().map_err(|()| Error::NotFound)
}

fn title(procedure: &Procedure) -> String {
    format!("【{}】依頼データ一括登録", procedure.label)
}

fn here(procedure: &'static Procedure) -> Here {
    Here::at(Menu::NewRequest, procedure)
}

fn start(app: &Shared, staff: &ClientStaff, procedure: &'static Procedure, problems: &Problems) -> Result<Response> {
    let recent = imports::recent(app, &staff.actor, procedure)?;
    let address = urls::imports(procedure);
    let template = |format: Format| format!("{address}/template?{}={}", download::FORMAT, format.key());
    let body = html! {
        (error_summary(problems))
        p .lead { "ExcelやCSVに入力した依頼データを、まとめて登録します。一度に" (MOST_ROWS / 10_000) "万行まで登録できます。" }
        section .card {
            h2 { "1　テンプレートに入力する" }
            p .rule { "1行が1台です。見出しの行は消さないでください。入力の規則と選べる値は、Excelの「入力のしかた」シートにあります。「申請データ検索」などでダウンロードした一覧も、そのまま使えます。" }
            div .actions {
                (button::link("テンプレート（Excel）", &template(Format::Excel)))
                (button::link("テンプレート（CSV）", &template(Format::CsvUtf8)))
            }
        }
        (form::upload(&staff.visit, &address, &html! {
            section .card {
                h2 { "2　ファイルをアップロードする" }
                div .rows {
                    (field("file", "ファイル").required(true).problems(problems)
                        .rule(&format!("Excelブック（.xlsx）か、CSV（UTF-8またはShift_JIS）です。{}MBまで。内容を確認する画面に進み、まだ登録はされません。", LARGEST >> 20))
                        .file(".xlsx,.csv,.txt", !problems.is_empty()))
                }
                div .actions { (button::primary("アップロード")) }
            }
        }))
        section .card {
            h2 { "アップロードしたファイル" }
            @if recent.is_empty() {
                p { "まだありません。アップロードすると、ここから内容の確認と登録を続けられます。" }
            } @else {
                (table("アップロードしたファイルの一覧", &[
                    Column::new("アップロード日時"), Column::new("ファイル"), Column::amount("行数"), Column::amount("登録できない行"),
                ], &html! {
                    @for import in &recent {
                        tr {
                            td { a href=(urls::import(procedure, import.id)) { (import.uploaded) } }
                            td .name { (import.name) }
                            td .amount { (import.rows) }
                            td .amount { (import.rows.saturating_sub(import.good)) }
                        }
                    }
                }))
                p .rule { "アップロードした内容は" (KEPT_DAYS) "日間保存します。" }
            }
        }
        (action_bar(&button::link("依頼データ検索", &urls::requests(Application::Client, procedure)), &Markup::default()))
    };
    Ok(page_with(&staff.visit, problems, &title(procedure), here(procedure), &body))
}

fn preview(
    app: &Shared,
    staff: &ClientStaff,
    procedure: &'static Procedure,
    id: ImportId,
    asked: &Fields,
    typed: &Fields,
    problems: &Problems,
) -> Result<Response> {
    let shown = match asked.get("show") {
        "bad" => Shown::Bad,
        "doubtful" => Shown::Doubtful,
        _ => Shown::All,
    };
    let (page, size) = Listed::asked(asked);
    let view = imports::view(app, &staff.actor, id, shown, (page - 1).saturating_mul(size), size)?;
    if view.import.procedure != procedure.code {
        return Err(Error::NotFound.into());
    }
    let may_send = staff.actor.role() == ClientRole::StaffMaySend;
    let address = urls::import(procedure, id);
    let open = view.works.iter().any(|work| work.state == WorkState::Open);
    let left = view.import.good.saturating_sub(view.registered);
    let body = html! {
        (error_summary(problems))
        (notices(&view, procedure))
        section .card { (summary(&view.import, view.registered, may_send).render()) }
        (filter(&view.import, shown, &address))
        (listing(
            Listed { total: view.total.into(), page, size },
            &address,
            asked,
            &download::form(&format!("{address}/result"), &Fields::default()),
            &rows(&view.rows, procedure),
        ))
        @if left > 0 && !open {
            (form::post(&staff.visit, &address, &html! {
                (choice(&view.import, may_send, typed, problems))
                (action_bar(&html! { (button::primary("登録")) (button::link("戻る", &urls::imports(procedure))) }, &Markup::default()))
            }))
        } @else {
            (action_bar(&button::link("戻る", &urls::imports(procedure)), &Markup::default()))
        }
    };
    Ok(page_with(&staff.visit, problems, &format!("{} 内容確認", title(procedure)), here(procedure), &body))
}

/// What has to be known before anything is registered.
fn notices(view: &View, procedure: &Procedure) -> Markup {
    let import = &view.import;
    html! {
        @for work in view.works.iter().take(1) {
            div .banner {
                p {
                    @if work.state == WorkState::Open { "登録が進んでいます。" } @else { "登録の結果があります。" }
                    a href=(urls::work(Application::Client, work.id)) { "進み具合と結果を見る" }
                }
            }
        }
        @if let (Some((at, name)), 0) = (&view.twin, view.registered) {
            div .banner.warning { p { strong { "同じ内容のファイルが、" (at) "に" (name) "さんによってアップロードされています。" } "二重に登録しないよう確認してください。" } }
        }
        @if import.good == 0 {
            div .banner.warning { p { strong { "登録できる行がありません。" } "下の一覧で理由を確認し、ファイルを直してアップロードし直してください。" a href=(urls::imports(procedure)) { "アップロードし直す" } } }
        }
        @if !import.unknown.is_empty() {
            div .banner { p { "次の列は取り込みません：" (import.unknown.iter().take(12).map(String::as_str).collect::<Vec<_>>().join("、")) @if import.unknown.len() > 12 { " ほか" } } }
        }
    }
}

fn summary(import: &Import, registered: u32, may_send: bool) -> Definitions {
    let rows = |count: u32| format!("{count}行");
    let mut pairs = Definitions::new()
        .pair("ファイル", import.name.as_str())
        .pair("アップロード日時", import.uploaded.to_string())
        .pair("データの行数", rows(import.rows))
        .pair("登録できる行", rows(import.good))
        .pair("うち、確認事項のある行", rows(import.doubtful));
    if may_send {
        pairs = pairs.pair("うち、送信もできる行", rows(import.sendable));
    }
    pairs.pair("登録できない行", rows(import.rows.saturating_sub(import.good))).pair("登録済みの行", rows(registered))
}

fn filter(import: &Import, shown: Shown, address: &str) -> Markup {
    let bad = import.rows.saturating_sub(import.good);
    let item = |label: &str, count: u32, of: Shown, query: &str| {
        html! {
            a href={ (address) (query) } aria-current=[(shown == of).then_some("true")] { (label) "（" (count) "行）" }
        }
    };
    html! {
        nav .filter aria-label="表示する行" {
            (item("すべて", import.rows, Shown::All, ""))
            (item("登録できない行", bad, Shown::Bad, "?show=bad"))
            (item("確認事項のある行", import.doubtful, Shown::Doubtful, "?show=doubtful"))
        }
    }
}

fn rows(rows: &[ImportRow], procedure: &Procedure) -> Markup {
    if rows.is_empty() {
        return empty_state("該当する行はありません。", &Markup::default());
    }
    let columns = [
        Column::amount("行"),
        Column::new("判定"),
        Column::new(procedure.plate_label),
        Column::new(heading::CHASSIS),
        Column::new("使用者"),
        Column::new("内容"),
    ];
    table("アップロードした行の一覧", &columns, &html! { @for row in rows { (line(row, procedure)) } })
}

fn line(row: &ImportRow, procedure: &Procedure) -> Markup {
    let (tone, label) = match (row.request, row.problems.is_empty(), row.doubts.is_empty()) {
        (Some(_), ..) => (Tone::Done, "登録済み"),
        (None, false, _) => (Tone::Stopped, "登録できません"),
        (None, true, false) => (Tone::Waiting, "確認"),
        (None, true, true) => (Tone::Going, "登録できます"),
    };
    html! {
        tr {
            td .amount { (row.line) }
            td { (tag(tone, label)) }
            td .subject { (row.plate()) }
            td { (row.cell("chassis")) }
            td .name { (row.cell("name")) }
            td .wrap {
                @if let Some(id) = row.request { "申請ID " a href={ (urls::requests(Application::Client, procedure)) "/" (id) } { (id) } }
                @for found in &row.problems { p { @if !found.column.is_empty() { strong { (found.column) "：" } } (found.message) } }
                @for doubt in &row.doubts { p { (doubt) } }
                @if row.request.is_none() && row.problems.is_empty() && !row.unsendable.is_empty() {
                    p .muted { "送信するには：" (row.unsendable.iter().map(|found| found.message.as_str()).collect::<Vec<_>>().join("")) }
                }
            }
        }
    }
}

/// Which rows, and how.
fn choice(import: &Import, may_send: bool, typed: &Fields, problems: &Problems) -> Markup {
    let some = typed.get("rows") == "some";
    let bad = import.rows.saturating_sub(import.good);
    let all = if bad == 0 {
        format!("すべての行（{}行）", import.good)
    } else {
        format!("登録できる行だけ（{}行）", import.good)
    };
    group(
        "choice",
        "登録のしかた",
        &html! {
            (field("rows", "登録する行").radios([
                ("all".to_owned(), all, !some),
                ("some".to_owned(), "行番号を指定する".to_owned(), some),
            ]))
            (field("lines", "行番号").value(typed.get("lines")).problems(problems)
                .rule("「行番号を指定する」を選んだときに入力します。例：2-50, 60").text(40))
            @if import.doubtful > 0 {
                (field("doubtful", "確認事項").value(if typed.has("doubtful") { "on" } else { "" })
                    .rule("チェックしないときは、確認事項のある行は登録しません。")
                    .check(&format!("確認しました。確認事項のある行（{}行）も登録する", import.doubtful)))
            }
            @if may_send {
                (field("send", "送信フラグ").value(if typed.has("send") { "on" } else { "" })
                    .rule("チェックを入れると、登録と同時に代理人に送信します。送信に必要な項目が足りない行は登録しません。")
                    .check("送信"))
            }
        },
    )
}
