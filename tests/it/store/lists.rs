//! Lists: whatever is written, totals, pages and neighbours are those of the plain model.

use super::model::{self, Model};
use super::{assert_clean, open};
use ainas::domain::ids::RequestId;
use ainas::domain::request::ServiceRequest;
use ainas::domain::search::{Conditions, Order, Page, Scope};
use ainas::domain::time::Day;
use ainas::store::{Error, Store};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};

#[derive(Debug, Clone)]
enum Act {
    Create(Box<ServiceRequest>),
    /// Everything but the id becomes another's: status, texts, organizations.
    Change(Index, Box<ServiceRequest>),
    Remove(Index),
}

#[derive(Debug, Clone)]
struct Question {
    scope: Scope,
    conditions: Conditions,
    newest: bool,
    page: u32,
    size: u32,
    near: Index,
    vehicle: (Option<ainas::domain::plate::Plate>, Option<ainas::domain::chassis::ChassisNumber>),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => model::request().prop_map(|request| Act::Create(Box::new(request))),
        5 => (any::<Index>(), model::request()).prop_map(|(which, request)| Act::Change(which, Box::new(request))),
        1 => any::<Index>().prop_map(Act::Remove),
    ]
}

fn question() -> impl Strategy<Value = Question> {
    let page = (any::<bool>(), 1_u32..6, prop::sample::select(vec![1_u32, 5, 20, 100]));
    let vehicle = (prop::option::of(model::plate()), prop::option::of(model::chassis_number()));
    (model::scope(), model::conditions(), page, any::<Index>(), vehicle).prop_map(
        |(scope, conditions, (newest, page, size), near, vehicle)| Question {
            scope,
            conditions,
            newest,
            page,
            size,
            near,
            vehicle,
        },
    )
}

/// Some acts in one transaction, in the store and in the model.
fn perform(store: &Store, model: &mut Model, acts: Vec<Act>) {
    let mut ids: Vec<u64> = model.requests.keys().copied().collect();
    let mut resolved = Vec::new();
    for act in acts {
        match act {
            Act::Create(request) => resolved.push((None, Some(*request))),
            Act::Change(which, request) if !ids.is_empty() => resolved.push((Some(*which.get(&ids)), Some(*request))),
            Act::Remove(which) if !ids.is_empty() => {
                let id = *which.get(&ids);
                ids.retain(|other| *other != id);
                resolved.push((Some(id), None));
            }
            Act::Change(..) | Act::Remove(_) => {}
        }
    }
    let done = store
        .write_blocking::<_, Error, _>(move |tx| {
            let mut done = Vec::new();
            for (turn, (id, request)) in resolved.iter().enumerate() {
                if turn % 5 == 4 {
                    // Whoever searches in the middle of a transaction sees what it changed so far.
                    let everything = Conditions::default();
                    let page = Page { number: 1, size: 1 };
                    for garage in [1, 2] {
                        let scope = Scope::Client(ainas::domain::ids::ClientOrganizationId(garage), None);
                        tx.search(scope, 1, &everything, Order::Newest, page)?;
                    }
                }
                let id = id.map_or_else(|| tx.next_request_id(), |id| Ok(RequestId(id)))?;
                let request = request.clone().map(|request| ServiceRequest { id, ..request });
                match &request {
                    Some(request) => tx.put_request(request)?,
                    None => assert!(tx.remove_request(id)?),
                }
                done.push((id, request));
            }
            Ok(done)
        })
        .unwrap();
    for (id, request) in done {
        match request {
            Some(request) => drop(model.requests.insert(id.0, request)),
            None => drop(model.requests.remove(&id.0)),
        }
    }
}

fn compare(store: &Store, model: &Model, question: &Question) -> Result<(), TestCaseError> {
    let Question { scope, conditions, newest, page, size, near, vehicle } = question;
    let order = if *newest { Order::Newest } else { Order::Oldest };
    let page = Page { number: *page, size: *size };
    let id = RequestId(100_000_001 + near.index(model.requests.len() + 2) as u64);
    let (plate, chassis) = (vehicle.0.as_ref(), vehicle.1.as_ref());
    let since = Day::new(2026, 4, 2).unwrap();
    let few = usize::try_from(page.size).unwrap();
    let (found, neighbours, unfinished, following, before) = store
        .read::<_, Error>(|tx| {
            Ok((
                tx.search(*scope, 1, conditions, order, page)?,
                tx.neighbours(*scope, 1, conditions, order, id)?,
                tx.unfinished_of_vehicle(*scope, 1, plate, chassis, since)?,
                [
                    tx.following(*scope, 1, conditions, order, None, few)?,
                    tx.following(*scope, 1, conditions, order, Some(id), few)?,
                ],
                tx.standing_before(*scope, 1, conditions, order, id)?,
            ))
        })
        .unwrap();
    // The second time it is known already.
    let again = store.read::<_, Error>(|tx| tx.search(*scope, 1, conditions, order, page)).unwrap();
    prop_assert_eq!(&found, &again);
    let near = store.read::<_, Error>(|tx| tx.neighbours(*scope, 1, conditions, order, id)).unwrap();
    prop_assert_eq!(neighbours, near);
    prop_assert_eq!(found, model.search(*scope, conditions, order, page));
    prop_assert_eq!(neighbours, model.neighbours(*scope, conditions, order, id));
    prop_assert_eq!(unfinished, model.unfinished(*scope, plate, chassis, since));
    let all = model.search(*scope, conditions, order, Page { number: 1, size: u32::MAX }).rows;
    let ids = || all.iter().map(|row| row.id);
    prop_assert_eq!(&following[0], &ids().take(few).collect::<Vec<_>>());
    let behind = ids().filter(|other| if *newest { *other < id } else { *other > id });
    prop_assert_eq!(&following[1], &behind.take(few).collect::<Vec<_>>());
    let ahead = ids().filter(|other| if *newest { *other > id } else { *other < id });
    prop_assert_eq!(before, ahead.count() as u64);
    Ok(())
}

#[test]
fn lists_are_those_of_the_plain_model() {
    let config = Config { cases: 24, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..Config::default() };
    let batches = prop::collection::vec((prop::collection::vec(act(), 1..40), prop::collection::vec(question(), 6)), 4);
    TestRunner::new(config)
        .run(&batches, |batches| {
            let folder = tempfile::tempdir().unwrap();
            let store = open(&folder.path().join("data.redb"));
            let mut model = Model::default();
            for (acts, questions) in batches {
                perform(&store, &mut model, acts);
                questions.iter().try_for_each(|question| compare(&store, &model, question))?;
            }
            assert_clean(&store);
            Ok(())
        })
        .unwrap();
}

/// Enough for several blocks in every list, and requests that move to another list, so that full blocks are split.
#[test]
fn lists_of_many_blocks_are_those_of_the_plain_model() {
    let config = Config { cases: 1, rng_seed: RngSeed::Fixed(11), failure_persistence: None, ..Config::default() };
    let requests = prop::collection::vec(model::request(), 2_500);
    let moves = prop::collection::vec(act(), 300);
    TestRunner::new(config)
        .run(&(requests, moves, prop::collection::vec(question(), 80)), |(requests, moves, questions)| {
            let folder = tempfile::tempdir().unwrap();
            let store = open(&folder.path().join("data.redb"));
            let mut model = Model::default();
            perform(&store, &mut model, requests.into_iter().map(|request| Act::Create(Box::new(request))).collect());
            perform(&store, &mut model, moves);
            questions.iter().try_for_each(|question| compare(&store, &model, question))?;
            let everything = Conditions::default();
            for number in [1, 2, 20, 60, 61, 62, 63, 64, 65, 70] {
                let scope = Scope::Client(ainas::domain::ids::ClientOrganizationId(1), None);
                let page = Page { number, size: 20 };
                let found = store.read::<_, Error>(|tx| tx.search(scope, 1, &everything, Order::Newest, page)).unwrap();
                prop_assert_eq!(found, model.search(scope, &everything, Order::Newest, page));
            }
            assert_clean(&store);
            Ok(())
        })
        .unwrap();
}

/// What a failed job changed is in no list, and the jobs beside it are not harmed.
#[test]
fn a_failed_job_leaves_nothing_in_lists() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("data.redb"));
    let mut runner = TestRunner::new(Config { rng_seed: RngSeed::Fixed(3), ..Config::default() });
    let request = model::request().new_tree(&mut runner).unwrap().current();
    let put = |fail: bool| {
        let (store, request) = (store.clone(), request.clone());
        std::thread::spawn(move || {
            store.write_blocking::<_, Error, _>(move |tx| {
                let id = tx.next_request_id()?;
                tx.put_request(&ServiceRequest { id, ..request.clone() })?;
                if fail { Err(Error::Closed) } else { Ok(id) }
            })
        })
    };
    let jobs: Vec<_> = (0..40).map(|turn| put(turn % 4 == 3)).collect();
    let kept = jobs.into_iter().filter_map(|job| job.join().unwrap().ok()).count();
    assert_eq!(kept, 30);
    let scope = Scope::Client(request.client, None);
    let page = Page { number: 1, size: 1 };
    let found = store.read::<_, Error>(|tx| tx.search(scope, 1, &Conditions::default(), Order::Newest, page)).unwrap();
    assert_eq!(found.total, 30);
    assert_clean(&store);
}
