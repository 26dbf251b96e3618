//! What is downloaded and uploaded again is equal, in every kind of file.

use super::*;
use crate::domain::chassis::ChassisNumber;
use crate::domain::ids::{AgentOrganizationId, UserId};
use crate::domain::import::{self, Checked, Mapping, NewRow, Offer, Place};
use crate::domain::procedure::common::initial_values;
use crate::domain::procedure::{ALL, Editor, Width};
use crate::domain::request::Values;
use crate::domain::role::ClientRole;
use crate::domain::search::{Conditions, Order};
use crate::domain::time::{BusinessTime, Day};
use crate::domain::user::{Membership, PasswordHash, PasswordState, User};
use crate::report::Column;
use crate::report::csv::{Encoding, Writer};
use crate::service::imports::read;
use proptest::prelude::*;
use proptest::sample::select;

/// A value of a field, as its form would keep it.
fn value(field: &'static Field) -> BoxedStrategy<Option<Value>> {
    let text =
        |typed: BoxedStrategy<String>| typed.prop_map(move |typed| field::parse(field, &typed).ok().flatten()).boxed();
    match &field.kind {
        FieldKind::Text { width: Width::Full, .. } => text("[山田太郎　ＡＢ＝＋－髙﨑・ー１９]{0,12}".boxed()),
        FieldKind::Text { width: Width::HalfAlphanumeric, .. } => text("[A-Za-z0-9]{0,12}".boxed()),
        FieldKind::Text { .. } => text("[-=+@'\",;a-z0-9あ ①㈱]{0,20}".boxed()),
        FieldKind::Memo { .. } => text("[-=+@'\",あいう\n\t 1]{0,30}".boxed()),
        FieldKind::PrefectureAddress { .. } => text("(東京都|北海道)みどり[区市]([０-９]{1,3}－[０-９]{1,3})?".boxed()),
        FieldKind::ManagementNumber => text("[0-9]{5}".boxed()),
        FieldKind::CommissionNumber => text("[A-Z0-9]{10}".boxed()),
        FieldKind::Choice(choices) => {
            let codes: Vec<u8> = choices.iter().map(|choice| choice.code).collect();
            prop::option::of(select(codes)).prop_map(|code| code.map(Value::Choice)).boxed()
        }
        FieldKind::Flag { .. } => any::<bool>().prop_map(|on| on.then_some(Value::Flag(true))).boxed(),
        FieldKind::Date => {
            let day = (2000_i16..2100, 1_i8..13, 1_i8..29).prop_map(|(y, m, d)| Day::new(y, m, d).map(Value::Day));
            day.boxed()
        }
    }
}

fn values(procedure: &'static Procedure) -> BoxedStrategy<Values> {
    let fields: Vec<&'static Field> = procedure.fields().filter(|field| field.editor == Editor::Both).collect();
    let each: Vec<_> = fields.iter().map(|field| value(field)).collect();
    let together = move |values: Vec<Option<Value>>| {
        fields.iter().zip(values).filter_map(|(field, value)| Some((field.no, value?))).collect()
    };
    each.prop_map(together).boxed()
}

fn vehicle() -> impl Strategy<Value = (String, String, u16, bool)> {
    (select(vec!["品川", "とちぎ", "横浜"]), select(vec!["300", "500", "33A"]), 1_u16..10_000, any::<bool>())
        .prop_map(|(region, class, serial, stamped)| (region.to_owned(), class.to_owned(), serial, stamped))
}

/// （分類） of a light vehicle, which its old plates may lack, and 小板.
fn old_plate() -> impl Strategy<Value = (&'static str, bool)> {
    (select(vec!["580", "480", "50", ""]), any::<bool>())
}

fn actor() -> Actor {
    let user = User {
        id: UserId(1),
        person: crate::domain::ids::PersonId(1),
        login_id: "a".to_owned(),
        name: "a".to_owned(),
        membership: Membership::Client {
            organization: ClientOrganizationId(1),
            branch: None,
            role: ClientRole::StaffMaySend,
        },
        password: PasswordHash(String::new()),
        password_state: PasswordState::Chosen { at: crate::domain::time::SystemTime::from_unix(0), expires: None },
        password_history: Vec::new(),
        last_sign_in: None,
        active: true,
        version: 1,
    };
    Actor::Client(crate::domain::actor::ClientActor::of(&user).unwrap())
}

fn excel(columns: &[Column], rows: &[Vec<Cell>]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let made = BusinessTime::from_unix(1_800_000_000);
    let mut book = crate::report::excel::Writer::new("a", columns, folder.path(), made).unwrap();
    book.rows(rows).unwrap();
    let mut content = std::io::Cursor::new(Vec::new());
    book.finish(&mut content).unwrap();
    content.into_inner()
}

fn csv(encoding: Encoding, columns: &[Column], rows: &[Vec<Cell>]) -> Vec<u8> {
    let mut writer = Writer::new(encoding, columns);
    [writer.head().unwrap(), writer.rows(rows).unwrap()].concat()
}

/// The row that an upload of this file would register.
fn uploaded(procedure: &Procedure, tables: &Tables, content: &[u8]) -> Checked {
    let sheet = read::table(content).unwrap();
    let columns = import::columns(procedure);
    let mapping = Mapping::of(&columns, &sheet.headings).unwrap();
    let names = ["名前".to_owned()];
    let (organization, branch) = crate::domain::asked::kit::unlimited(ClientOrganizationId(1), BranchId(3));
    let branches = vec![(Place::new(BranchId(3), "001".to_owned(), &names), branch)];
    let agents = vec![Place::new(AgentBranchId(4), "AZ01".to_owned(), &names)];
    let offer = Offer { organization, branches, agents, regions: &tables.regions };
    import::check(procedure, &columns, &mapping.cells(&sheet.rows[0].1), &offer)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn what_is_downloaded_can_be_uploaded((vehicle, light, at) in (vehicle(), old_plate(), 0..ALL.len()),
        all in ALL.iter().map(|procedure| values(procedure)).collect::<Vec<_>>()) {
        let (procedure, values) = (ALL[at], all[at].clone());
        let tables = Arc::new(Tables::embedded());
        let (region, class, serial, stamped) = vehicle;
        let (class, small) = if procedure.vehicle == VehicleKind::Light { (light.0.to_owned(), light.1) } else { (class, false) };
        let plate = Plate { region, class, kana: "さ".to_owned(), serial, small };
        let number = if stamped { "国[41]12345国" } else { "CAR-01210002" }.to_owned();
        let chassis = ChassisNumber { number, officially_stamped: stamped };
        let request = ServiceRequest {
            plate: Some(plate.clone()),
            chassis: Some(chassis.clone()),
            fields: values.clone(),
            ..ServiceRequest::draft(
                RequestId(100_000_001),
                procedure.code,
                (ClientOrganizationId(1), BranchId(3)),
                (AgentOrganizationId(2), AgentBranchId(4)),
                BusinessTime::from_unix(0),
            )
        };
        let record = Record {
            request,
            filing: None,
            client: "".into(),
            branch: ("001".into(), "北".into()),
            agent: ("AZ01".into(), "本所".into()),
        };
        let requests = Requests { procedure: procedure.code, filed: false, conditions: Conditions::default(), order: Order::Newest };
        let table = columns(&tables, &actor(), &requests);
        // A cell that is empty leaves what a new request starts with.
        let mut written = initial_values();
        written.extend(values);
        let (columns, rows) = (table.columns(), table.rows(&[record]));
        let expected = NewRow { plate, chassis, branch: BranchId(3), agent_branch: AgentBranchId(4), values: written };
        for content in [excel(&columns, &rows), csv(Encoding::Utf8, &columns, &rows), csv(Encoding::ShiftJis, &columns, &rows)] {
            let checked = uploaded(procedure, &tables, &content);
            prop_assert_eq!(&checked.problems, &[]);
            prop_assert_eq!(checked.row.as_ref(), Some(&expected));
        }
    }
}
