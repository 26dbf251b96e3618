use super::*;
use crate::domain::reference;
use proptest::prelude::*;

fn day(year: i16, month: i8, day: i8) -> Day {
    Day::new(year, month, day).unwrap()
}

#[test]
fn known_holidays_are_in_the_table() {
    let holidays = &reference::for_tests().holidays;
    for (date, name) in [
        (day(2023, 1, 2), "振替休日"),
        (day(2024, 3, 20), "春分の日"),
        (day(2024, 9, 22), "秋分の日"),
        (day(2024, 9, 23), "振替休日"),
        (day(2025, 5, 6), "振替休日"),
        (day(2026, 5, 6), "振替休日"),
        (day(2026, 9, 22), "国民の休日"),
        (day(2026, 11, 23), "勤労感謝の日"),
        (day(2027, 3, 21), "春分の日"),
        (day(2027, 3, 22), "振替休日"),
        (day(2030, 5, 6), "振替休日"),
    ] {
        assert_eq!(holidays.on(date).map(|holiday| holiday.name.as_str()), Some(name), "{date}");
    }
    assert!(holidays.on(day(2026, 9, 24)).is_none());
    assert!(!holidays.on(day(2027, 9, 23)).unwrap().expected);
    assert!(holidays.iter().filter(|holiday| holiday.day >= day(2028, 1, 1)).all(|holiday| holiday.expected));
}

#[test]
fn offices_rest_on_weekends_holidays_and_over_new_year() {
    let holidays = &reference::for_tests().holidays;
    for closed in [day(2026, 11, 21), day(2026, 11, 22), day(2026, 11, 23), day(2025, 12, 29), day(2026, 1, 2)] {
        assert!(!is_working_day(closed, holidays), "{closed}");
    }
    assert!(is_working_day(day(2025, 12, 26), holidays));
    assert!(is_working_day(day(2024, 1, 4), holidays));
    assert_eq!(next_working_day(day(2025, 12, 26), holidays), day(2026, 1, 5));
    assert_eq!(next_working_day(day(2026, 9, 18), holidays), day(2026, 9, 24));
}

#[test]
fn reviews_go_on_when_the_office_opens() {
    let holidays = &reference::for_tests().holidays;
    let hours = OfficeHours::REVIEW;
    let friday = day(2026, 11, 20);
    for (at, open) in [((8, 59), (9, 0)), ((9, 0), (9, 0)), ((16, 44), (16, 44))] {
        let next = hours.next_open(BusinessTime::at(friday, at.0, at.1), holidays);
        assert_eq!(next, BusinessTime::at(friday, open.0, open.1));
        assert!(hours.is_open(next, holidays));
    }
    let closing = BusinessTime::at(friday, 16, 45);
    assert!(!hours.is_open(closing, holidays));
    assert_eq!(hours.next_open(closing, holidays), BusinessTime::at(day(2026, 11, 24), 9, 0));
}

#[test]
fn eras_begin_on_their_day() {
    for (date, shown) in [
        (day(2019, 4, 30), "平成31年4月30日"),
        (day(2019, 5, 1), "令和元年5月1日"),
        (day(1989, 1, 7), "昭和64年1月7日"),
        (day(1989, 1, 8), "平成元年1月8日"),
        (day(1926, 12, 24), "大正15年12月24日"),
        (day(1926, 12, 25), "昭和元年12月25日"),
        (day(1912, 7, 29), "明治45年7月29日"),
        (day(1873, 1, 1), "明治6年1月1日"),
        (day(2025, 1, 6), "令和7年1月6日"),
        (day(1872, 12, 31), "1872/12/31"),
    ] {
        assert_eq!(show_era(date), shown);
    }
}

proptest! {
    #[test]
    fn the_next_working_day_is_one_and_near(offset in 0i32..3000) {
        let holidays = &reference::for_tests().holidays;
        let from = day(2023, 1, 1).plus_days(offset);
        let next = next_working_day(from, holidays);
        prop_assert!(next > from && is_working_day(next, holidays) && from.days_until(next) <= 11);
    }
}
