//! Lists: search panel, count and page links, table, and what stands there when nothing was found.

use super::fields::Fields;
use super::quick::escaped;
use maud::{Markup, html};

/// Page sizes under 表示数.
pub const SIZES: [u32; 3] = [20, 50, 100];

/// Names that say which part of a list is shown, not what is looked for.
const POSITION: [&str; 2] = ["page", "size"];

/// The conditions above a list. They stand in the address, so that a list can be bookmarked and survives going back.
#[derive(Debug)]
pub struct SearchPanel<'a> {
    /// The address of the list, without conditions.
    pub action: &'a str,
    /// Always visible.
    pub basic: Markup,
    /// Below 詳細条件を表示／隠す.
    pub details: Option<Details>,
}

/// Conditions that can be folded away.
#[derive(Debug)]
pub struct Details {
    /// The fields.
    pub fields: Markup,
    /// As the address says; it says nothing until somebody folds or unfolds them.
    pub fold: Option<Fold>,
    /// One of them is in use, so that they are shown whatever the address says.
    pub used: bool,
}

/// The name of the fold in addresses.
pub const FOLD: &str = "details";

/// Whether 詳細条件 are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fold {
    /// They are.
    Open,
    /// They are not.
    Closed,
}

impl Fold {
    /// As addresses write it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }

    /// What an address says.
    pub fn of(text: &str) -> Option<Self> {
        [Self::Open, Self::Closed].into_iter().find(|fold| fold.key() == text)
    }
}

impl SearchPanel<'_> {
    /// The panel with 検索 and リセット.
    pub fn render(&self) -> Markup {
        html! {
            form #search .card.search method="get" action=(self.action) role="search" {
                div .fields { (self.basic) }
                @if let Some(details) = &self.details {
                    @let open = details.used || details.fold != Some(Fold::Closed);
                    details .more open[open] data-fold=(if details.used { "used" } else { details.fold.map_or("", Fold::key) }) {
                        summary { span .when-closed { "詳細条件を表示" } span .when-open { "詳細条件を隠す" } }
                        div .fields { (details.fields) }
                    }
                    @if let Some(fold) = details.fold { input type="hidden" name=(FOLD) value=(fold.key()); }
                }
                div .actions {
                    button .button.primary type="submit" { "検索" }
                    a .button.plain href=(self.action) { "リセット" }
                }
            }
        }
    }
}

/// Which part of how much a list shows.
#[derive(Debug, Clone, Copy)]
pub struct Listed {
    /// All rows that meet the conditions.
    pub total: u64,
    /// The page shown, from 1.
    pub page: u32,
    /// Rows on a page.
    pub size: u32,
}

impl Listed {
    /// Page and size as an address asks for them: page 1 and 20 rows when it asks for nothing sensible.
    pub fn asked(asked: &Fields) -> (u32, u32) {
        let size = asked.parsed("size").filter(|size| SIZES.contains(size)).unwrap_or(SIZES[0]);
        (asked.parsed("page").filter(|page| *page >= 1).unwrap_or(1), size)
    }

    /// How many pages there are; at least one.
    pub fn pages(&self) -> u32 {
        u32::try_from(self.total.div_ceil(u64::from(self.size.max(1)))).unwrap_or(u32::MAX).max(1)
    }

    /// The rows of this page among all.
    pub fn rows<T>(self, all: &[T]) -> impl Iterator<Item = &T> {
        let skip = usize::try_from(u64::from(self.page - 1) * u64::from(self.size)).unwrap_or(usize::MAX);
        all.iter().skip(skip).take(usize::try_from(self.size).unwrap_or(usize::MAX))
    }

    /// `全 N 件`, `1 - 20 / 54 件` or `0 件を表示`.
    pub fn count(&self) -> String {
        let total = self.total;
        if total == 0 {
            return "0 件を表示".to_owned();
        }
        if total <= u64::from(self.size) && self.page == 1 {
            return format!("全 {total} 件");
        }
        let first = u64::from(self.page - 1) * u64::from(self.size) + 1;
        if first > total {
            return format!("0 件を表示（全 {total} 件）");
        }
        format!("{first} - {} / {total} 件", (first + u64::from(self.size) - 1).min(total))
    }
}

/// Count, page links and 表示数 above the table, page links again below it. `action` is the address of the list,
/// `asked` the conditions that stay; `extra` are further buttons at the right.
pub fn listing(listed: Listed, action: &str, asked: &Fields, extra: &Markup, table: &Markup) -> Markup {
    let links = Links::of(listed, action, asked);
    html! {
        div .results {
            p .count { (listed.count()) }
            (links.under("ページ"))
            div .end {
                @if listed.total > u64::from(SIZES[0]) { (sizes(listed, action, asked)) }
                (extra)
            }
        }
        (table)
        @if listed.pages() > 1 { div .results.below { (links.under("ページ（一覧の下）")) } }
    }
}

fn sizes(listed: Listed, action: &str, asked: &Fields) -> Markup {
    html! {
        form .size method="get" action=(action) data-auto {
            @for (name, value) in asked.iter() {
                @if !POSITION.contains(&name) && !value.is_empty() { input type="hidden" name=(name) value=(value); }
            }
            label for="size" { "表示数" }
            select #size name="size" {
                @for size in SIZES { option value=(size) selected[size == listed.size] { (size) "件" } }
            }
            noscript { button .button.small type="submit" { "変更" } }
        }
    }
}

/// Links to pages, made once for above and below the table.
struct Links(Option<Markup>);

impl Links {
    /// None on the only page.
    fn of(listed: Listed, action: &str, asked: &Fields) -> Self {
        let (page, pages) = (listed.page, listed.pages());
        if pages == 1 {
            return Self(None);
        }
        let first = asked.with("page", "").on(action);
        let other = escaped(&format!("{first}{}page=", if first.contains('?') { '&' } else { '?' }));
        let first = escaped(&first);
        // Seven numbers around the page, and always the first and the last.
        let from = page.saturating_sub(3).min(pages.saturating_sub(6)).max(1);
        let until = (from + 6).min(pages);
        let address = |number: u32| html! { @if number > 1 { (other) (number) } @else { (first) } };
        Self(Some(html! {
            @if page > 1 { a rel="prev" href=(address(page.min(pages + 1) - 1)) { "< 前" } } @else { span .dead { "< 前" } }
            @if from > 1 { a href=(first) { "1" } @if from > 2 { span .gap { "…" } } }
            @for number in from..=until {
                a href=(address(number)) aria-current=[(number == page).then_some("page")] { (number) }
            }
            @if until < pages { @if until + 1 < pages { span .gap { "…" } } a href=(address(pages)) { (pages) } }
            @if page < pages { a rel="next" href=(address(page + 1)) { "次 >" } } @else { span .dead { "次 >" } }
        }))
    }

    fn under(&self, label: &str) -> Markup {
        html! { @if let Some(links) = &self.0 { nav .pager aria-label=(label) { (links) } } }
    }
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    /// The heading.
    pub label: &'a str,
    /// `amount` for right-aligned figures, else empty.
    pub class: &'a str,
}

impl<'a> Column<'a> {
    /// A plain column.
    pub const fn new(label: &'a str) -> Self {
        Self { label, class: "" }
    }

    /// Figures, right-aligned.
    pub const fn amount(label: &'a str) -> Self {
        Self { label, class: "amount" }
    }
}

/// A table in a box that scrolls by itself. `rows` are `tr` elements; `caption` is for screen readers.
pub fn table(caption: &str, columns: &[Column<'_>], rows: &Markup) -> Markup {
    html! {
        div .scroll tabindex="0" role="region" aria-label=(caption) {
            table {
                caption .visually-hidden { (caption) }
                thead { tr { @for column in columns {
                    th scope="col" class=[(!column.class.is_empty()).then_some(column.class)] { (column.label) }
                } } }
                tbody { (rows) }
            }
        }
    }
}

/// A box that checks all others of this name; only where scripts run.
pub fn choose_all(name: &str) -> Markup {
    html! {
        label .check {
            input type="checkbox" data-all=(name) hidden;
            span { "すべて選択" }
        }
    }
}

/// Nothing found: says so, and what to do next.
pub fn empty_state(sentence: &str, next: &Markup) -> Markup {
    html! { div .card.empty { p { (sentence) } div .actions { (next) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_as_in_the_manual() {
        let count = |total, page| Listed { total, page, size: 20 }.count();
        assert_eq!(count(0, 1), "0 件を表示");
        assert_eq!(count(7, 1), "全 7 件");
        assert_eq!(count(54, 1), "1 - 20 / 54 件");
        assert_eq!(count(54, 3), "41 - 54 / 54 件");
        assert_eq!(count(54, 9), "0 件を表示（全 54 件）");
    }

    #[test]
    fn page_links_stay_few_and_keep_the_conditions() {
        let asked = Fields::parse("status=4&status=5&page=25000");
        let pager = |listed| Links::of(listed, "/list", &asked).under("ページ").into_string();
        let html = pager(Listed { total: 1_000_000, page: 25_000, size: 20 });
        assert_eq!(html.matches("<a ").count(), 11, "{html}");
        assert!(html.contains("/list?status=4&amp;status=5&amp;page=50000"));
        assert!(html.contains(r#"<a href="/list?status=4&amp;status=5">1</a>"#));
        let beyond = pager(Listed { total: 30, page: 9, size: 20 });
        assert!(beyond.contains("page=2"), "a page beyond the end leads back: {beyond}");
    }
}
