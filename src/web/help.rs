//! 使い方: one page per screen in our own words, found from the screen by its title, from the index and by searching.
//! The texts are `assets/help/*.md`: a few lines of `name: value`, a line `---`, then Markdown. Input rules come from the
//! procedures themselves.

use super::kit::prelude::*;
use super::outside::ways;
use crate::domain::procedure::{self, Editor, Field, Procedure};
use crate::domain::role::Application;
use crate::domain::text;
use crate::service::error::Error;
use axum::extract::Path;
use maud::PreEscaped;
use pulldown_cmark::{Event, Options, Parser, html as markdown};
use rust_embed::RustEmbed;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "assets/help/"]
struct Files;

/// A page of help.
#[derive(Debug)]
struct Page {
    /// The part of its address.
    name: String,
    title: String,
    applications: Vec<Application>,
    /// Titles of the screens it explains, without the procedure in brackets.
    screens: Vec<String>,
    order: u32,
    /// What follows the text.
    more: More,
    html: String,
    /// What is read, without markup.
    text: String,
}

/// What the pages themselves know better than a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum More {
    Nothing,
    /// The input rules of the procedures.
    Rules,
    /// How every status is reached by hand.
    Statuses,
}

impl Page {
    /// Whether it is about the simulated outside world only, which no production node has.
    fn is_exercise(&self) -> bool {
        self.more == More::Statuses || self.applications == [Application::Simulator]
    }
}

static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
    let mut pages: Vec<Page> = Files::iter()
        .filter_map(|file| {
            let content = Files::get(&file)?.data;
            read(file.strip_suffix(".md")?, &String::from_utf8_lossy(&content))
        })
        .collect();
    pages.sort_by(|one, other| (one.order, &one.name).cmp(&(other.order, &other.name)));
    pages
});

fn read(name: &str, content: &str) -> Option<Page> {
    let (head, body) = content.split_once("---\n")?;
    let value = |wanted: &str| {
        let line = head.lines().filter_map(|line| line.split_once(':')).find(|(name, _)| *name == wanted);
        line.map_or("", |(_, value)| value.trim())
    };
    let mut html = String::new();
    markdown::push_html(&mut html, Parser::new_ext(body, Options::ENABLE_TABLES));
    let text = Parser::new_ext(body, Options::ENABLE_TABLES).fold(String::new(), |mut text, event| {
        match event {
            Event::Text(words) | Event::Code(words) => text.push_str(&words),
            Event::End(_) if !text.ends_with(' ') => text.push(' '),
            _ => {}
        }
        text
    });
    let slugs: Vec<&str> = value("for").split(' ').collect();
    Some(Page {
        name: name.to_owned(),
        title: value("title").to_owned(),
        applications: Application::ALL.iter().copied().filter(|app| slugs.contains(&app.slug())).collect(),
        screens: value("screens").split('、').filter(|title| !title.is_empty()).map(str::to_owned).collect(),
        order: value("order").parse().unwrap_or(u32::MAX),
        more: match value("more") {
            "rules" => More::Rules,
            "statuses" => More::Statuses,
            _ => More::Nothing,
        },
        html,
        text,
    })
}

/// Where the screen with this title is explained.
pub(super) fn address(application: Application, title: &str) -> Option<String> {
    let title = title.rsplit_once('】').map_or(title, |(_, rest)| rest);
    let page = PAGES
        .iter()
        .find(|page| page.applications.contains(&application) && page.screens.iter().any(|screen| screen == title))?;
    Some(format!("/help/{}", page.name))
}

/// `GET /help`: all pages, or those that hold every word looked for.
pub(super) async fn index(visit: Visit, asked: Fields) -> Markup {
    let wanted = asked.get("q");
    let keys: Vec<String> = wanted.split([' ', '　']).map(text::search_key).filter(|key| !key.is_empty()).collect();
    let found: Vec<&Page> = PAGES
        .iter()
        .filter(|page| visit.inner().exercise || !page.is_exercise())
        .filter(|page| {
            let all = text::search_key(&format!("{}{}", page.title, page.text));
            keys.iter().all(|key| all.contains(key.as_str()))
        })
        .collect();
    let of = |application: Option<Application>| {
        found.iter().copied().filter(move |page| match application {
            Some(application) => page.applications == [application],
            None => page.applications.len() != 1,
        })
    };
    let groups = [
        ("依頼人の画面", Some(Application::Client)),
        ("代理人の画面", Some(Application::Agent)),
        ("模擬環境の画面", Some(Application::Simulator)),
        ("共通の画面と操作", None),
    ];
    let body = html! {
        form .card.search method="get" action="/help" role="search" {
            div .fields { (field("q", "使い方を探す").value(wanted).rule("例：一括送信　パスワード").span(8).text(60)) }
            div .actions {
                button .button.primary type="submit" { "検索" }
                a .button.plain href="/help" { "リセット" }
            }
        }
        @if found.is_empty() {
            (empty_state("見つかりませんでした。短い言葉や、画面の名前で探してください。", &button::link("すべて表示する", "/help")))
        }
        @for (label, application) in groups {
            @if of(application).next().is_some() {
                section .card {
                    h2 { (label) }
                    ul .topics { @for page in of(application) {
                        li { a href={ "/help/" (page.name) } { (page.title) } @if !keys.is_empty() { p .rule { (excerpt(&page.text)) } } }
                    } }
                }
            }
        }
    };
    visit.page("使い方", Here::NONE, &body)
}

fn excerpt(text: &str) -> String {
    let mut words: String = text.chars().take(70).collect();
    if text.chars().nth(70).is_some() {
        words.push('…');
    }
    words
}

/// `GET /help/{name}`.
pub(super) async fn show(visit: Visit, Path(name): Path<String>) -> Result<Markup> {
    let found = PAGES.iter().find(|page| page.name == name);
    let page = found.filter(|page| visit.inner().exercise || !page.is_exercise()).ok_or(Error::NotFound)?;
    let body = html! {
        article .card.prose { (PreEscaped(&page.html)) }
        @match page.more {
            More::Nothing => {}
            More::Rules => { @for procedure in procedure::ALL { (rules(procedure)) } }
            More::Statuses => { (ways()) }
        }
        (action_bar(&button::link("使い方の一覧", "/help"), &Markup::default()))
    };
    Ok(visit.page(&format!("使い方：{}", page.title), Here::NONE, &body))
}

/// 入力のきまり of a procedure, as its pages check them.
fn rules(procedure: &Procedure) -> Markup {
    let typed = |field: &&Field| field.editor != Editor::Fixed;
    let columns = [Column::new("項目"), Column::new("必須"), Column::new("入力のきまり")];
    html! {
        section .card {
            h2 { "入力のきまり：" (procedure.label) }
            (table(&format!("入力のきまり：{}", procedure.label), &columns, &html! {
                @for field in procedure.fields().filter(typed) {
                    tr {
                        td { (field.label) }
                        td { @if field.required { "送信時" } @else { "―" } }
                        td .wrap {
                            @if field.rule.is_empty() && field.note.is_none() { "―" }
                            (field.rule) " " (field.note.unwrap_or_default())
                        }
                    }
                }
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_a_page_with_screens_of_its_own() {
        assert_eq!(PAGES.len(), Files::iter().count());
        let mut seen = std::collections::BTreeSet::new();
        for page in PAGES.iter() {
            assert!(!page.title.is_empty() && !page.applications.is_empty() && page.text.len() > 60, "{}", page.name);
            assert_ne!(page.order, u32::MAX, "{}", page.name);
            for application in &page.applications {
                for screen in &page.screens {
                    assert!(seen.insert((application.slug(), screen)), "{screen} is explained twice: {}", page.name);
                }
            }
        }
        assert_eq!(address(Application::Client, "【継続検査】依頼データ照会").as_deref(), Some("/help/client-request"));
        assert_eq!(address(Application::Agent, "【継続検査】依頼データ照会").as_deref(), Some("/help/agent-request"));
    }
}
