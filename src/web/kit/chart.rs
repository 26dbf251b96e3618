//! Charts as SVG, made here: plain shapes whose colours are the stylesheet's, because the pages allow no inline style and
//! the chart crates write one. Every figure of a chart stands in a table beside it; the chart says so to screen readers.

use maud::{Markup, html};

/// Height of the whole, of the part with bars, and where it begins.
const HEIGHT: u64 = 280;
const PLOT: u64 = 210;
const TOP: u64 = 20;
/// Room for the figures at the left.
const LEFT: u64 = 64;
/// The narrowest chart.
const NARROWEST: u64 = 1180;
/// About how many pixels a label below needs.
const LABEL: u64 = 76;

/// Bars side by side: for each name one of each series.
pub struct Bars<'a> {
    /// What it shows, for screen readers and above it.
    pub title: &'a str,
    /// Names of the series, at most three, in the order of the values.
    pub series: &'a [&'a str],
    /// Name and values.
    pub groups: &'a [(String, Vec<u64>)],
    /// The unit behind figures: 件.
    pub unit: &'a str,
}

impl Bars<'_> {
    /// The chart in a box that scrolls by itself.
    pub fn render(&self) -> Markup {
        let count = self.groups.len().max(1) as u64;
        let bars = self.series.len().max(1) as u64;
        let width = (LEFT + count * (bars * 6 + 6)).max(NARROWEST);
        let group = (width - LEFT) / count;
        let bar = (group * 4 / 5 / bars).clamp(1, 40);
        let most = self.groups.iter().flat_map(|(_, values)| values).copied().max().unwrap_or(0);
        let step = step(most);
        let top = step * 4;
        let height = |value: u64| value * PLOT / top;
        let every = LABEL.div_ceil(group.max(1));
        let bottom = TOP + PLOT;
        html! {
            figure .chart {
                figcaption { (self.title) }
                ul .legend aria-hidden="true" {
                    @for (at, name) in self.series.iter().enumerate() { li { span class={ "key s" (at + 1) } {} (name) } }
                }
                div .scroll tabindex="0" role="region" aria-label={ (self.title) "のグラフ" } {
                    svg role="img" aria-label=(self.description()) width=(width) height=(HEIGHT) viewBox={ "0 0 " (width) " " (HEIGHT) } {
                        @for tick in 0..=4 {
                            @let y = bottom - height(tick * step);
                            line .grid x1=(LEFT) x2=(width) y1=(y) y2=(y) {}
                            text x=(LEFT - 8) y=(y + 5) text-anchor="end" { (tick * step) }
                        }
                        @for (place, (name, values)) in (0_u64..).zip(self.groups) {
                            @let start = LEFT + place * group + (group - bar * bars) / 2;
                            @for (at, value) in (0_u64..).zip(values) {
                                rect class={ "s" (at + 1) } x=(start + at * bar) y=(bottom - height(*value)) width=(bar.max(2) - 1) height=(height(*value)) {}
                            }
                            @if place % every == 0 {
                                text x=(LEFT + place * group + group / 2) y=(bottom + 22) text-anchor="middle" { (name) }
                            }
                        }
                    }
                }
            }
        }
    }

    /// What a listener gets instead: the highest of each series, and where every figure is.
    fn description(&self) -> String {
        let highest = self.series.iter().enumerate().filter_map(|(at, series)| {
            let of = |values: &[u64]| values.get(at).copied().unwrap_or(0);
            let (name, values) = self.groups.iter().max_by_key(|(_, values)| of(values))?;
            Some(format!("{series}は{name}の{}{}が最多。", of(values), self.unit))
        });
        format!("{}の棒グラフ。{}すべての値は、次の表にあります。", self.title, highest.collect::<String>())
    }
}

/// A quarter of the scale: 1, 2 or 5 with zeros.
fn step(most: u64) -> u64 {
    let least = most.div_ceil(4).max(1);
    let mut power = 1;
    loop {
        if let Some(step) = [1, 2, 5].into_iter().map(|first| first * power).find(|step| *step >= least) {
            return step;
        }
        power *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_holds_every_value_in_round_steps() {
        for (most, expected) in [(0, 1), (4, 1), (5, 2), (17, 5), (200, 50), (201, 100), (1_000_000, 500_000)] {
            assert_eq!(step(most), expected, "{most}");
            assert!(step(most) * 4 >= most);
        }
    }

    #[test]
    fn the_drawing_needs_no_style_and_says_what_it_shows() {
        let groups: Vec<_> = (1..=92).map(|day| (format!("d{day}"), vec![day, 0, 1])).collect();
        let chart =
            Bars { title: "推移", series: &["依頼", "申請", "手続完了"], groups: &groups, unit: "件" }.render().0;
        assert!(!chart.contains("style") && chart.matches("<rect").count() == 276, "{chart}");
        assert!(chart.contains("依頼はd92の92件が最多。"), "{chart}");
    }
}
