//! 申請データ統計: how many requests came, were filed and were completed, and how long that took. Each is counted on its
//! own day: what was asked for in March and filed in April is one 依頼 of March and one 申請 of April.

use super::ids::{AgentBranchId, ClientOrganizationId};
use super::request::Status;
use super::search::Row;
use super::time::{BusinessTime, Day};
use std::collections::BTreeMap;

/// 集計単位.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 日別.
    Day,
    /// 月別.
    Month,
}

impl Unit {
    /// All, in the order of the choice.
    pub const ALL: [Self; 2] = [Self::Month, Self::Day];

    /// The word in addresses.
    pub fn key(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// The label of the choice.
    pub fn label(self) -> &'static str {
        match self {
            Self::Day => "日別",
            Self::Month => "月別",
        }
    }

    /// The most periods that are counted at once: three months of days, five years of months.
    pub fn most(self) -> usize {
        match self {
            Self::Day => 92,
            Self::Month => 60,
        }
    }

    /// The first day of the period that a day belongs to.
    fn start(self, day: Day) -> Day {
        let (_, _, of_month) = day.parts();
        match self {
            Self::Day => day,
            Self::Month => day.plus_days(1 - i32::from(of_month)),
        }
    }

    /// The first day of the next period.
    fn next(self, start: Day) -> Day {
        match self {
            Self::Day => start.plus_days(1),
            Self::Month => start.plus_months(1),
        }
    }

    /// `2026/12` or `2026/12/01`.
    pub fn name(self, start: Day) -> String {
        let (year, month, _) = start.parts();
        match self {
            Self::Day => start.to_string(),
            Self::Month => format!("{year:04}/{month:02}"),
        }
    }
}

/// From which day to which, in which unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// 集計単位.
    pub unit: Unit,
}

impl Span {
    /// What is shown when nothing is asked for: the last twelve months, or the last 31 days.
    pub fn usual(unit: Unit, today: Day) -> Self {
        let from = match unit {
            Unit::Day => today.plus_days(-30),
            Unit::Month => unit.start(today).plus_months(-11),
        };
        Self { from, to: today, unit }
    }

    /// The first days of its periods; one more than the unit allows at most.
    pub fn periods(&self) -> Vec<Day> {
        let first = self.unit.start(self.from);
        std::iter::successors(Some(first), |start| Some(self.unit.next(*start)))
            .take_while(|start| *start <= self.to)
            .take(self.unit.most() + 1)
            .collect()
    }

    fn holds(&self, day: Day) -> bool {
        self.from <= day && day <= self.to
    }
}

/// A mean, as what it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mean {
    count: u64,
    sum: u64,
}

impl Mean {
    fn add(&mut self, value: u64) {
        self.count += 1;
        self.sum = self.sum.saturating_add(value);
    }

    /// In tenths of so many units, rounded; none of nothing.
    pub fn tenths_of(&self, unit: u64) -> Option<u64> {
        let whole = self.count.checked_mul(unit).filter(|whole| *whole > 0)?;
        Some((self.sum.saturating_mul(10) + whole / 2) / whole)
    }
}

/// What is counted of any part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measures {
    /// 依頼: sent to the agent.
    pub requested: u64,
    /// 申請: handed to the portal.
    pub filed: u64,
    /// 手続完了.
    pub completed: u64,
    /// Seconds from 依頼 to 申請, of those that were filed.
    pub to_filing: Mean,
    /// Days from 依頼 to 手続完了, of those that were completed.
    pub to_completion: Mean,
}

impl Measures {
    /// Hours from 依頼 to 申請, in tenths.
    pub fn hours_to_filing(&self) -> Option<u64> {
        self.to_filing.tenths_of(60 * 60)
    }

    /// Days from 依頼 to 手続完了, in tenths.
    pub fn days_to_completion(&self) -> Option<u64> {
        self.to_completion.tenths_of(1)
    }
}

/// Everything that is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statistics {
    span: Span,
    /// By the first day of the period; every period is there.
    pub periods: BTreeMap<Day, Measures>,
    /// By the code of the procedure.
    pub procedures: BTreeMap<u8, Measures>,
    /// By 依頼人.
    pub clients: BTreeMap<ClientOrganizationId, Measures>,
    /// By 代理人拠点.
    pub branches: BTreeMap<AgentBranchId, Measures>,
    /// What was asked for in the span, by its present 申請ステータス.
    pub statuses: BTreeMap<Status, u64>,
    /// All together.
    pub total: Measures,
}

impl Statistics {
    /// Nothing counted yet.
    pub fn new(span: Span) -> Self {
        Self {
            span,
            periods: span.periods().into_iter().map(|start| (start, Measures::default())).collect(),
            procedures: BTreeMap::new(),
            clients: BTreeMap::new(),
            branches: BTreeMap::new(),
            statuses: BTreeMap::new(),
            total: Measures::default(),
        }
    }

    /// The span that is counted.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Counts a request of this procedure.
    pub fn add(&mut self, procedure: u8, row: &Row) {
        let span = self.span;
        let within = |day: &Day| span.holds(*day);
        let requested = row.requested_at.map(BusinessTime::day).filter(within);
        let filed = row.filed_at.filter(|at| span.holds(at.day()));
        let completed = row.completed_on.filter(within);
        if let Some(day) = requested {
            *self.statuses.entry(row.status).or_default() += 1;
            self.each(procedure, row, day, |measures| measures.requested += 1);
        }
        if let Some(at) = filed {
            let seconds = row.requested_at.and_then(|asked| u64::try_from(at.since(asked)).ok());
            self.each(procedure, row, at.day(), |measures| {
                measures.filed += 1;
                seconds.into_iter().for_each(|seconds| measures.to_filing.add(seconds));
            });
        }
        if let Some(day) = completed {
            let days = row.requested_at.and_then(|asked| u64::try_from(asked.day().days_until(day)).ok());
            self.each(procedure, row, day, |measures| {
                measures.completed += 1;
                days.into_iter().for_each(|days| measures.to_completion.add(days));
            });
        }
    }

    /// Does the same to every part that the row and the day belong to.
    fn each(&mut self, procedure: u8, row: &Row, day: Day, count: impl Fn(&mut Measures)) {
        count(&mut self.total);
        count(self.periods.entry(self.span.unit.start(day)).or_default());
        count(self.procedures.entry(procedure).or_default());
        count(self.clients.entry(row.client).or_default());
        count(self.branches.entry(row.agent_branch).or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{BranchId, RequestId};
    use crate::domain::request::FilingKind;
    use proptest::prelude::*;

    fn day(month: i8, of_month: i8) -> Day {
        Day::new(2026, month, of_month).unwrap()
    }

    fn row(requested: Option<BusinessTime>, filed: Option<BusinessTime>, completed_on: Option<Day>) -> Row {
        Row {
            id: RequestId(1),
            status: Status::Filed,
            portal_status: None,
            kind: FilingKind::First,
            plate: None,
            chassis: None,
            user_name: String::new(),
            client: ClientOrganizationId(1),
            branch: BranchId(1),
            agent_branch: AgentBranchId(1),
            office: None,
            returned: false,
            by_agent: false,
            requested_at: requested,
            filed_at: filed,
            completed_on,
        }
    }

    #[test]
    fn each_event_counts_on_its_own_day_and_means_are_of_what_happened() {
        let span = Span { from: day(3, 15), to: day(4, 30), unit: Unit::Month };
        let mut all = Statistics::new(span);
        let asked = BusinessTime::at(day(3, 31), 9, 0);
        all.add(1, &row(Some(asked), Some(asked.plus(36 * 3600)), Some(day(4, 3))));
        all.add(2, &row(Some(asked), None, None));
        all.add(1, &row(Some(BusinessTime::at(day(3, 14), 23, 59)), None, None));
        assert_eq!(all.periods.keys().copied().collect::<Vec<_>>(), [day(3, 1), day(4, 1)]);
        let [march, april] = [&all.periods[&day(3, 1)], &all.periods[&day(4, 1)]];
        assert_eq!((march.requested, march.filed, april.filed, april.completed), (2, 0, 1, 1));
        assert_eq!((all.total.hours_to_filing(), all.total.days_to_completion()), (Some(360), Some(30)));
        assert_eq!((march.hours_to_filing(), all.procedures[&2].requested), (None, 1));
        assert_eq!(all.statuses[&Status::Filed], 2);
    }

    proptest! {
        #[test]
        fn every_part_adds_up_to_the_whole(
            events in prop::collection::vec((0_i64..200, 0_i64..90, 0_i32..90, 1_u8..3), 0..60), by_day: bool,
        ) {
            let unit = if by_day { Unit::Day } else { Unit::Month };
            let mut all = Statistics::new(Span { from: day(3, 10), to: day(5, 20), unit });
            for (asked, wait, days, procedure) in events {
                let asked = BusinessTime::at(day(1, 1), 9, 0).plus(asked * 86_400);
                all.add(procedure, &row(Some(asked), Some(asked.plus(wait * 3600)), Some(asked.day().plus_days(days))));
            }
            let sums = |parts: Vec<&Measures>| parts.iter().fold((0, 0, 0), |(asked, filed, done), part| {
                (asked + part.requested, filed + part.filed, done + part.completed)
            });
            let whole = (all.total.requested, all.total.filed, all.total.completed);
            prop_assert_eq!(sums(all.periods.values().collect()), whole);
            prop_assert_eq!(sums(all.procedures.values().collect()), whole);
            prop_assert_eq!(sums(all.branches.values().collect()), whole);
            prop_assert_eq!(all.statuses.values().sum::<u64>(), whole.0);
            prop_assert_eq!(all.periods.len(), all.span().periods().len());
        }
    }
}
