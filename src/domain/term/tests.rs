use super::*;
use proptest::prelude::*;

fn day(year: i16, month: i8, day: i8) -> Day {
    Day::new(year, month, day).unwrap()
}

fn renewed(current: Day, completed: Day, months: u32) -> (Day, bool) {
    let term = new_expiry(&reference::for_tests().early_windows, current, completed, months);
    (term.expires, term.shortened)
}

#[test]
fn new_expiries() {
    // Two months before the expiry, the window of today.
    assert_eq!(renewed(day(2026, 12, 20), day(2026, 10, 20), 24), (day(2028, 12, 20), false));
    assert_eq!(renewed(day(2026, 12, 20), day(2026, 10, 19), 24), (day(2028, 10, 18), true));
    assert_eq!(renewed(day(2026, 12, 20), day(2026, 12, 20), 12), (day(2027, 12, 20), false));
    // Too late: from the day on which it was entered.
    assert_eq!(renewed(day(2026, 12, 20), day(2026, 12, 21), 24), (day(2028, 12, 20), false));
    assert_eq!(renewed(day(2026, 12, 20), day(2027, 2, 1), 24), (day(2029, 1, 31), false));
    // The example of 2013, when the window was one month.
    assert_eq!(renewed(day(2013, 4, 20), day(2013, 1, 20), 24), (day(2015, 1, 19), true));
    assert_eq!(renewed(day(2013, 4, 20), day(2013, 3, 20), 24), (day(2015, 4, 20), false));
    // The window grew on 2025-04-01.
    assert_eq!(renewed(day(2025, 5, 20), day(2025, 3, 31), 24), (day(2027, 3, 30), true));
    assert_eq!(renewed(day(2025, 5, 20), day(2025, 4, 1), 24), (day(2027, 5, 20), false));
    // Months without such a day.
    assert_eq!(renewed(day(2028, 2, 29), day(2028, 2, 1), 12), (day(2029, 2, 28), false));
    assert_eq!(renewed(day(2026, 4, 30), day(2026, 2, 28), 24), (day(2028, 4, 30), false));
    assert_eq!(renewed(day(2026, 4, 30), day(2026, 2, 27), 24), (day(2028, 2, 26), true));
}

#[test]
fn the_office_asks_just_before_the_window() {
    let window = reference::for_tests().early_windows.on(day(2026, 6, 1));
    let expiry = day(2026, 12, 20);
    for (date, timing) in [
        (day(2026, 10, 5), Timing::Early),
        (day(2026, 10, 6), Timing::Asks),
        (day(2026, 10, 19), Timing::Asks),
        (day(2026, 10, 20), Timing::InTime),
        (day(2026, 12, 20), Timing::InTime),
        (day(2026, 12, 21), Timing::Expired),
    ] {
        assert_eq!(window.timing(expiry, date), timing, "{date}");
    }
    assert_eq!(window.first_asking_day(expiry), day(2026, 10, 6));
    assert_eq!(window.first_day(day(2026, 12, 31)), day(2026, 10, 31));
    assert_eq!(window.first_day(day(2027, 4, 30)), day(2027, 2, 28));
}

#[test]
fn certificates_are_valid_for_fifteen_days_counting_the_inspection() {
    let inspected = day(2026, 11, 1);
    assert_eq!(conformity_last_day(inspected), day(2026, 11, 15));
    assert!(conformity_valid(inspected, inspected) && conformity_valid(inspected, day(2026, 11, 15)));
    assert!(!conformity_valid(inspected, day(2026, 11, 16)) && !conformity_valid(inspected, day(2026, 10, 31)));
}

#[test]
fn insurance_reaches_the_day_after_the_expiry() {
    let policy = |from, to| Policy { from, to };
    let (from, expiry) = (day(2026, 11, 20), day(2028, 12, 20));
    let old = policy(day(2024, 12, 20), day(2026, 12, 21));
    assert!(insurance_covers(&[policy(day(2026, 11, 20), day(2028, 12, 21))], from, expiry));
    assert!(!insurance_covers(&[policy(day(2026, 11, 20), day(2028, 12, 20))], from, expiry));
    assert!(insurance_covers(&[policy(day(2026, 12, 21), day(2028, 12, 21)), old], from, expiry));
    assert!(!insurance_covers(&[policy(day(2026, 12, 22), day(2028, 12, 22)), old], from, expiry), "a gap");
    assert!(!insurance_covers(&[policy(day(2026, 11, 21), day(2030, 1, 1))], from, expiry), "begins too late");
    assert!(!insurance_covers(&[], from, expiry));
}

proptest! {
    #[test]
    fn a_term_is_never_longer_than_it_may_be(expiry in 0i32..4000, before in -400i32..400, years in 1u32..=3) {
        let expiry = day(2024, 1, 1).plus_days(expiry);
        let completed = expiry.plus_days(-before);
        let (expires, shortened) = renewed(expiry, completed, years * 12);
        let months = i32::try_from(years * 12).unwrap();
        prop_assert!(expires <= expiry.max(completed).plus_months(months));
        prop_assert!(expires > completed);
        prop_assert_eq!(shortened, expires < expiry.plus_months(months) && completed <= expiry);
    }
}
