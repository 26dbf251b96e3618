//! Lists as files, all of them: whatever stands in them, no cell of a CSV file begins as a formula does, and no cell of
//! an Excel file is one.

use crate::kit::TestApp;
use crate::kit::world::{AGENT, AGENT_MAIN, AGENT_SIDE, GARAGE, NORTH, SOUTH};
use crate::routes::{node_with, readers};
use ainas::domain::organization::{AgentBranch, AgentOrganization, Branch, ClientOrganization};
use ainas::domain::procedure::inspection;
use ainas::domain::request::{Status, Value};
use ainas::domain::user::User;
use ainas::service::error::Error;
use ainas::web::routes;
use calamine::{Reader, Xlsx};
use std::io::Cursor;

/// What spreadsheets take for the beginning of a formula.
const STARTS: [&str; 8] = ["=", "+", "-", "@", "\t=", "\r=", "＝", "'="];

/// Texts of every kind of record begin so.
async fn written(node: &TestApp, start: &'static str) {
    let (request, users) = (node.world.sent, ["c-staff", "c-north", "a-staff"].map(|login| node.world.user(login)));
    let text = move |name: &str| format!("{start}cmd|' /C calc'!A0 {name}");
    node.app
        .store
        .write(move |tx| {
            let missing = || Error::NotFound;
            let garage = tx.client_organization(GARAGE)?.ok_or_else(missing)?;
            tx.put_client_organization(&ClientOrganization { name: text("g"), short_name: text("g"), ..garage })?;
            let agent = tx.agent_organization(AGENT)?.ok_or_else(missing)?;
            tx.put_agent_organization(&AgentOrganization { name: text("a"), short_name: text("a"), ..agent })?;
            for id in [NORTH, SOUTH] {
                let branch = tx.branch(id)?.ok_or_else(missing)?;
                let code = text(&id.to_string());
                tx.put_branch(&Branch { name: text("b"), short_name: text("b"), code, ..branch })?;
            }
            for id in [AGENT_MAIN, AGENT_SIDE] {
                let branch = tx.agent_branch(id)?.ok_or_else(missing)?;
                let code = text(&id.to_string());
                tx.put_agent_branch(&AgentBranch { name: text("b"), short_name: text("b"), code, ..branch })?;
            }
            for id in users {
                let user = tx.user(id)?.ok_or_else(missing)?;
                tx.put_user(&User { name: text("u"), ..user })?;
            }
            let mut found = tx.request(request)?.ok_or_else(missing)?;
            for field in inspection::PROCEDURE.fields() {
                found.fields.insert(field.no, Value::Text(text(field.key)));
            }
            found.status = Status::Accepted;
            let plate = found.plate.as_mut().ok_or_else(missing)?;
            (plate.region, plate.class, plate.kana) = (text("r"), text("c"), text("k"));
            found.chassis.as_mut().ok_or_else(missing)?.number = text("n");
            Ok::<_, Error>(tx.put_request(&found)?)
        })
        .await
        .unwrap();
}

/// What is wrong with a file, if anything is; nothing when the answer is no file.
fn dangers(kind: &str, content: &[u8]) -> Option<Vec<String>> {
    if kind.starts_with("text/csv") {
        let text = String::from_utf8_lossy(content).trim_start_matches('\u{feff}').to_owned();
        let mut rows = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let cells = rows.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>());
        let begins = |cell: &String| cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
        return Some(cells.filter(begins).collect());
    }
    if !kind.contains("spreadsheetml") {
        return None;
    }
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(content)).unwrap();
    let mut found = Vec::new();
    for name in book.sheet_names() {
        found.extend(book.worksheet_formula(&name).unwrap().used_cells().map(|(_, _, formula)| formula.clone()));
    }
    Some(found.into_iter().filter(|formula| !formula.is_empty()).collect())
}

#[tokio::test]
async fn no_file_has_a_formula_that_somebody_typed() {
    let node = node_with(false).await;
    let (mut files, mut wrong) = (0, Vec::new());
    for (number, start) in STARTS.into_iter().enumerate() {
        written(&node, start).await;
        for route in routes::all().filter(|route| route.method == "get" && !route.is_outside()) {
            let Some((login, path)) = readers(route, &node).next() else { continue };
            let mut browser = node.as_user(login).await;
            // Which lists there are, the page before says.
            let page = browser.get(path.trim_end_matches("/file")).await.body;
            let lists = page.split(" name=\"list\" value=\"").skip(1).filter_map(|rest| rest.split('"').next());
            let lists: Vec<&str> = if path.ends_with("/file") { lists.collect() } else { vec![""] };
            // One kind of file is enough for most beginnings.
            let formats = ["csv", "xlsx"].into_iter().take(if number == 0 { 2 } else { 1 });
            for (format, list) in formats.flat_map(|format| lists.iter().map(move |list| (format, list))) {
                let page = browser.get_only(&format!("{path}?format={format}&list={list}")).await;
                if let Some(dangers) = dangers(page.header("content-type"), &page.bytes) {
                    files += 1;
                    wrong.extend(dangers.into_iter().map(|cell| format!("{path} {list} {format}: {cell:?}")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(files > STARTS.len() * 5, "{files} files");
}
