//! The small pieces of which lists are full, written straight into the page: no text of their own, no formatting
//! machinery. Twenty rows have two hundred of them.

use crate::domain::time::BusinessTime;
use maud::{PreEscaped, Render};

/// Text to be escaped, which it hardly ever needs: what needs nothing is copied in one piece.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a>(pub &'a str);

impl Render for Text<'_> {
    fn render_to(&self, page: &mut String) {
        if self.0.bytes().any(|byte| matches!(byte, b'&' | b'<' | b'>' | b'"')) {
            self.0.render_to(page);
        } else {
            page.push_str(self.0);
        }
    }
}

/// Text escaped once, for places where it is repeated.
pub fn escaped(text: &str) -> PreEscaped<String> {
    Text(text).render()
}

/// Two digits.
pub fn two(page: &mut String, number: impl Into<i32>) {
    let number = number.into().unsigned_abs() % 100;
    for digit in [number / 10, number % 10] {
        page.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
}

/// The day, and the time of day in small figures below it: `2025/01/06` `09:02`.
#[derive(Debug, Clone, Copy)]
pub struct DayAndTime(pub BusinessTime);

impl Render for DayAndTime {
    fn render_to(&self, page: &mut String) {
        let at = self.0.local();
        two(page, at.year() / 100);
        two(page, at.year() % 100);
        page.push('/');
        two(page, at.month());
        page.push('/');
        two(page, at.day());
        page.push_str("<small>");
        two(page, at.hour());
        page.push(':');
        two(page, at.minute());
        page.push_str("</small>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Day;
    use maud::html;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_is_escaped_as_everywhere(text in "[a-z<>&\"'髙 ]{0,12}") {
            let (quick, usual) = (html! { p title=(Text(&text)) { (Text(&text)) } }, html! { p title=(text) { (text) } });
            prop_assert_eq!(quick.into_string(), usual.into_string());
        }

        #[test]
        fn moments_read_as_everywhere(seconds in 0_i64..4_000_000_000) {
            let at = BusinessTime::from_unix(seconds);
            let usual = at.to_string().replace(' ', "<small>") + "</small>";
            prop_assert_eq!(DayAndTime(at).render().into_string(), usual);
        }
    }

    #[test]
    fn figures_keep_their_width() {
        let at = BusinessTime::at(Day::new(2025, 1, 6).unwrap(), 9, 2);
        assert_eq!(DayAndTime(at).render().into_string(), "2025/01/06<small>09:02</small>");
    }
}
