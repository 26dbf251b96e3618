//! The writer: groups, refusals, failures, a full disk, a broken disk, a second process, a newer file.

use super::{assert_clean, open};
use ainas::domain::time::{Day, SystemTime};
use ainas::store::kit::{Act, Database, Migration, Registered, Settings};
use ainas::store::{Audience, AuditRow, Due, Error, JobKind, Notice, OpenError, Options, Store, WriterState};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

fn notice(id: u32) -> Notice {
    Notice {
        id,
        published: Day::new(2026, 4, 1).unwrap(),
        important: false,
        audience: Audience::All,
        subject: "お知らせ".to_owned(),
        body: String::new(),
        link: None,
    }
}

fn notices(store: &Store) -> Vec<u32> {
    let mut ids: Vec<_> = store.read(ainas::store::Read::notices).unwrap().iter().map(|notice| notice.id).collect();
    ids.sort_unstable();
    ids
}

/// Keeps the writer busy until told, so that what comes meanwhile waits together.
fn hold(store: &Store) -> (mpsc::Sender<()>, std::thread::JoinHandle<()>) {
    let (go, wait) = mpsc::channel();
    let (started, ready) = mpsc::channel();
    let store = store.clone();
    let thread = std::thread::spawn(move || {
        store
            .write_blocking::<(), Error, _>(move |_| {
                started.send(()).unwrap();
                wait.recv().unwrap();
                Ok(())
            })
            .unwrap();
    });
    ready.recv().unwrap();
    (go, thread)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

#[test]
fn writes_that_wait_together_share_a_commit() {
    let folder = tempfile::tempdir().unwrap();
    let syncs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&syncs);
    let gate: ainas::store::kit::Gate = Arc::new(move |act| {
        counted.fetch_add(u32::from(act == Act::Sync), Ordering::SeqCst);
        Ok(())
    });
    let options = Options { gate: Some(gate), ..Options::default() };
    let store = Store::open(&folder.path().join("data.redb"), &options).unwrap();
    let (go, held) = hold(&store);
    let before = syncs.load(Ordering::SeqCst);
    runtime().block_on(async {
        let writes: Vec<_> = (1..=100)
            .map(|id| {
                let store = store.clone();
                tokio::spawn(async move { store.write::<(), Error, _>(move |tx| tx.put_notice(&notice(id))).await })
            })
            .collect();
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
        go.send(()).unwrap();
        for write in writes {
            write.await.unwrap().unwrap();
        }
    });
    held.join().unwrap();
    assert_eq!(notices(&store).len(), 100);
    assert!(syncs.load(Ordering::SeqCst) - before <= 4, "one commit is two syncs with quick repair");
    assert_clean(&store);
}

#[test]
fn a_failed_job_takes_nobody_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("data.redb"));
    let runs = Arc::new(AtomicU32::new(0));
    let (go, held) = hold(&store);
    let answers = runtime().block_on(async {
        let counted = Arc::clone(&runs);
        let spawn = |store: &Store, job: fn(&mut ainas::store::Write) -> Result<u32, Error>| {
            let (store, runs) = (store.clone(), Arc::clone(&counted));
            tokio::spawn(async move {
                store
                    .write(move |tx| {
                        runs.fetch_add(1, Ordering::SeqCst);
                        job(tx)
                    })
                    .await
            })
        };
        let jobs = vec![
            spawn(&store, |tx| tx.put_notice(&notice(1)).map(|()| 1)),
            spawn(&store, |tx| if tx.notice(1)?.is_some() { Err(Error::Taken("seen")) } else { Ok(0) }),
            spawn(&store, |tx| {
                tx.put_notice(&notice(2))?;
                Err(Error::Taken("failed after writing"))
            }),
            spawn(&store, |tx| {
                tx.put_notice(&notice(3))?;
                panic!("a mistake");
            }),
            spawn(&store, |tx| tx.put_notice(&notice(4)).map(|()| 4)),
        ];
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        go.send(()).unwrap();
        let mut answers = Vec::new();
        for job in jobs {
            answers.push(job.await.unwrap());
        }
        answers
    });
    held.join().unwrap();
    assert!(matches!(answers[0], Ok(1)));
    assert!(matches!(answers[1], Err(Error::Taken("seen"))));
    assert!(matches!(answers[2], Err(Error::Taken("failed after writing"))));
    assert!(matches!(answers[3], Err(Error::Panicked)));
    assert!(matches!(answers[4], Ok(4)));
    assert_eq!(notices(&store), [1, 4], "nothing of the failed jobs, everything of the others");
    assert_eq!(runs.load(Ordering::SeqCst), 3 + 5, "the batch until its first failure, then each alone");
    assert_eq!(store.state(), WriterState::Running);
    assert_clean(&store);
}

#[test]
fn of_many_things_in_a_job_one_refuses_alone_but_fails_with_all() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("data.redb"));
    let done = store.write_blocking::<_, Error, _>(|tx| {
        tx.put_notice(&notice(1))?;
        let refused = tx.apart::<(), _>(|tx| Err(if tx.notice(1)?.is_some() { Error::Busy } else { Error::Closed }))?;
        tx.apart(|tx| tx.put_notice(&notice(2)))??;
        Ok(refused)
    });
    assert!(matches!(done, Ok(Err(Error::Busy))));
    assert_eq!(notices(&store), [1, 2]);
    type One = fn(&mut ainas::store::Write) -> Result<(), Error>;
    let failing: [One; 2] = [|_| Err(Error::Taken("failed")), |_| panic!("a mistake")];
    for one in failing {
        let failed = store.write_blocking::<(), Error, _>(move |tx| {
            tx.put_notice(&notice(3))?;
            drop(tx.apart(|tx| tx.put_notice(&notice(4)).and_then(|()| one(tx)))?);
            Ok(())
        });
        assert!(matches!(failed, Err(Error::Taken("failed") | Error::Panicked)));
        assert_eq!(notices(&store), [1, 2], "nothing of a job that failed");
    }
    assert_clean(&store);
}

#[test]
fn a_full_queue_says_busy() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { queue: 2, ..Options::default() };
    let store = Store::open(&folder.path().join("data.redb"), &options).unwrap();
    let (go, held) = hold(&store);
    runtime().block_on(async {
        let spawn = |id| {
            let store = store.clone();
            tokio::spawn(async move { store.write::<(), Error, _>(move |tx| tx.put_notice(&notice(id))).await })
        };
        let (first, second) = (spawn(1), spawn(2));
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(spawn(3).await.unwrap(), Err(Error::Busy)));
        go.send(()).unwrap();
        first.await.unwrap().unwrap();
        second.await.unwrap().unwrap();
    });
    held.join().unwrap();
    assert_eq!(notices(&store), [1, 2]);
}

/// A store whose disk gives this error while the switch is on.
fn failing(path: &Path, kind: io::ErrorKind) -> (Store, Arc<AtomicBool>) {
    let broken = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&broken);
    let gate: ainas::store::kit::Gate =
        Arc::new(move |_| if switch.load(Ordering::SeqCst) { Err(io::Error::from(kind)) } else { Ok(()) });
    let options = Options { gate: Some(gate), retry: Duration::ZERO, ..Options::default() };
    (Store::open(path, &options).unwrap(), broken)
}

#[test]
fn a_full_disk_refuses_writes_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let (store, full) = failing(&folder.path().join("data.redb"), io::ErrorKind::StorageFull);
    let put = |id| store.write_blocking::<(), Error, _>(move |tx| tx.put_notice(&notice(id)));
    put(1).unwrap();
    full.store(true, Ordering::SeqCst);
    assert!(matches!(put(2), Err(Error::Full)));
    assert_eq!(store.state(), WriterState::Full);
    assert!(matches!(put(3), Err(Error::Full)));
    assert_eq!(notices(&store), [1], "reads go on");
    full.store(false, Ordering::SeqCst);
    put(4).unwrap();
    assert_eq!(store.state(), WriterState::Running);
    assert_eq!(notices(&store), [1, 4], "nothing lost, nothing half-written");
    assert_clean(&store);
}

#[test]
fn a_broken_disk_stops_the_writer_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.redb");
    let (store, broken) = failing(&path, io::ErrorKind::Other);
    let put = |id| store.write_blocking::<(), Error, _>(move |tx| tx.put_notice(&notice(id)));
    put(1).unwrap();
    broken.store(true, Ordering::SeqCst);
    assert!(matches!(put(2), Err(Error::Failed(_))));
    assert_eq!(store.state(), WriterState::Failed);
    broken.store(false, Ordering::SeqCst);
    assert!(matches!(put(3), Err(Error::Failed(_))), "only a new start helps");
    drop(store);
    let store = open(&path);
    assert_eq!(notices(&store), [1]);
    assert_clean(&store);
}

/// A store whose disk fails so many acts in a row, from this one on; how many acts there were.
fn failing_at(path: &Path, first: u32, many: u32, kind: io::ErrorKind) -> (Result<Store, OpenError>, Arc<AtomicU32>) {
    let acts = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&acts);
    let gate: ainas::store::kit::Gate = Arc::new(move |_| {
        let act = counted.fetch_add(1, Ordering::SeqCst);
        if (first..first + many).contains(&act) { Err(io::Error::from(kind)) } else { Ok(()) }
    });
    let options = Options { gate: Some(gate), retry: Duration::ZERO, ..Options::default() };
    (Store::open(path, &options), acts)
}

#[test]
fn whichever_act_of_the_disk_fails_nothing_acknowledged_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.redb");
    let put = |store: &Store, id| store.write_blocking::<(), Error, _>(move |tx| tx.put_notice(&notice(id)));
    let (store, acts) = failing_at(&path, u32::MAX - 9, 1, io::ErrorKind::Other);
    (1..=4).for_each(|id| put(store.as_ref().unwrap(), id).unwrap());
    drop(store);
    let (all, mut refused) = (acts.load(Ordering::SeqCst), 0);
    for kind in [io::ErrorKind::StorageFull, io::ErrorKind::Other] {
        for first in 0..all {
            let path = folder.path().join(format!("{kind:?}-{first}.redb"));
            let (store, _) = failing_at(&path, first, 3, kind);
            // One that could not even be made holds nothing.
            let Ok(store) = store else { continue };
            let mut told = Vec::new();
            for id in 1..=8 {
                match put(&store, id) {
                    Ok(()) => told.push(id),
                    Err(Error::Full | Error::Failed(_)) => refused += 1,
                    Err(other) => panic!("{kind:?} {first}: {other}"),
                }
                assert!(told.iter().all(|id| notices(&store).contains(id)), "{kind:?} {first}: reads go on");
            }
            assert!(kind == io::ErrorKind::Other || told.contains(&8), "{first}: there is space again");
            drop(store);
            let store = open(&path);
            let kept = notices(&store);
            assert!(
                told.iter().all(|id| kept.contains(id)),
                "{kind:?} {first}: {told:?} were kept, {kept:?} are there"
            );
            assert_clean(&store);
            drop(store);
            std::fs::remove_file(&path).unwrap();
        }
    }
    assert!(refused > 20, "{refused} refused");
}

#[test]
fn one_process_one_kind_and_no_newer_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.redb");
    let store = open(&path);
    let again = || Store::open(&path, &Options::default()).err().unwrap();
    assert!(matches!(again(), OpenError::Locked));
    store.shutdown();
    drop(store);

    drop(Database::open(&path, &Settings::new("ainas", &[], 99)).unwrap());
    assert!(matches!(again(), OpenError::NewerVersion { found: 99, .. }));
    assert!(again().sentence().contains("形式 99"));

    let other = folder.path().join("other.redb");
    drop(Database::open(&other, &Settings::new("simulators", &[], 1)).unwrap());
    assert!(matches!(Store::open(&other, &Options::default()), Err(OpenError::OtherKind { .. })));

    let text = folder.path().join("text.redb");
    std::fs::write(&text, "これはデータファイルではありません。".repeat(2_000)).unwrap();
    assert!(matches!(Store::open(&text, &Options::default()), Err(OpenError::Damaged(_))));
    let nothing = Options { create: false, ..Options::default() };
    assert!(matches!(Store::open(&folder.path().join("none.redb"), &nothing), Err(OpenError::Io(_))));
}

const NUMBERS: redb::TableDefinition<'static, u64, u64> = redb::TableDefinition::new("numbers");
const TABLES: &[Registered] = &[Registered { name: "numbers", create: |tx| tx.open_table(NUMBERS).map(drop) }];

/// Doubles, then adds one: out of order or twice, the result is another.
const MIGRATIONS: &[Migration] = &[
    Migration { to: 2, run: |tx| tx.set(NUMBERS, 1, number(tx)? * 2) },
    Migration { to: 3, run: |tx| tx.set(NUMBERS, 1, number(tx)? + 1) },
];

fn number(source: &impl ainas::store::Source) -> Result<u64, Error> {
    Ok(source.value(NUMBERS, 1)?.unwrap_or(0))
}

#[test]
fn migrations_run_in_order_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.redb");
    let settings = |schema, migrations| Settings { migrations, ..Settings::new("numbers", TABLES, schema) };
    let first = Database::open(&path, &settings(1, &[])).unwrap();
    first.write_blocking::<_, Error, _>(|tx| tx.set(NUMBERS, 1, 5)).unwrap();
    drop(first);
    for _ in 0..2 {
        let newest = Database::open(&path, &settings(3, MIGRATIONS)).unwrap();
        assert_eq!(newest.read::<_, Error>(number).unwrap(), 11);
    }
}

#[test]
fn a_table_that_came_later_is_there_at_the_next_opening() {
    const LATER: redb::TableDefinition<'static, u64, u64> = redb::TableDefinition::new("later");
    const MORE: &[Registered] = &[
        Registered { name: "numbers", create: |tx| tx.open_table(NUMBERS).map(drop) },
        Registered { name: "later", create: |tx| tx.open_table(LATER).map(drop) },
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.redb");
    let first = Database::open(&path, &Settings::new("numbers", TABLES, 1)).unwrap();
    first.write_blocking::<_, Error, _>(|tx| tx.set(NUMBERS, 1, 5)).unwrap();
    drop(first);
    let newer = Database::open(&path, &Settings::new("numbers", MORE, 1)).unwrap();
    let both = newer.read::<_, Error>(|tx| Ok((number(tx)?, ainas::store::Source::value(tx, LATER, 1)?)));
    assert_eq!(both.unwrap(), (5, None));
}

#[test]
fn the_audit_chain_and_jobs_keep_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("data.redb"));
    let at = SystemTime::from_unix(1_000);
    let request = ainas::domain::ids::RequestId(1);
    let kind = JobKind::File { request, attempt: 1 };
    store
        .write_blocking::<(), Error, _>(move |tx| {
            for number in 0..3 {
                tx.audit(&AuditRow {
                    at,
                    business: None,
                    actor: None,
                    source: "127.0.0.1".to_owned(),
                    action: format!("act {number}"),
                    subject: String::new(),
                    details: Vec::new(),
                    standing: None,
                })?;
                tx.enqueue(Due::System(at.plus(number)), kind.clone())?;
            }
            Ok(())
        })
        .unwrap();
    let now = |seconds| (at.plus(seconds), ainas::domain::time::BusinessTime::from_unix(0));
    let due = |seconds| store.read::<_, Error>(|tx| tx.due_jobs(10, now(seconds).0, now(seconds).1)).unwrap();
    assert_eq!(due(-1).len(), 0);
    assert_eq!(due(1).iter().map(|job| job.id).collect::<Vec<_>>(), [1, 2]);
    let job = due(0).remove(0);
    store.write_blocking::<_, Error, _>(move |tx| tx.reschedule(&job, Due::System(at.plus(60)))).unwrap();
    assert_eq!(due(60).iter().map(|job| (job.id, job.row.attempts)).collect::<Vec<_>>(), [(2, 0), (3, 0), (1, 1)]);
    assert_clean(&store);
}
