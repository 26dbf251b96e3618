//! Hands filings, payments and answered corrections to the portal. Each has a number that was fixed before the first
//! try, so that trying again after a lost answer is the same act.

use crate::app::App;
use crate::domain::ids::SubmissionNumber;
use crate::domain::payment::PaymentStatus;
use crate::domain::request::{Filing, HistoryEntry, ServiceRequest, Side};
use crate::domain::time::{BusinessTime, SystemTime};
use crate::domain::workflow;
use crate::portal::gateway::{Command, Gateway, GatewayError};
use crate::service::error::Result;
use crate::store::{Due, Job, JobKind, Read, Write};

/// Jobs that are looked at in one round.
const BATCH: usize = 50;
/// Seconds until the second try; each further one waits twice as long.
const FIRST_PAUSE: i64 = 2;
/// The longest pause in seconds.
const LONGEST_PAUSE: i64 = 600;

/// Does the jobs that are due. Answers how many came to an end; one that waits for its next try does not count.
pub(super) fn due(app: &App, gateway: &dyn Gateway) -> Result<usize> {
    let (system, business) = (app.clocks.system(), app.clocks.business());
    let jobs = app.store.read(|tx| tx.due_jobs(BATCH, system, business))?;
    let mut done = 0;
    for job in jobs {
        let intent = app.store.read(|tx| intent(tx, &job.row.kind))?;
        let answer = match &intent {
            Some((number, command)) => gateway.submit(command, *number, business),
            None => Ok(()),
        };
        done += usize::from(!matches!(answer, Err(GatewayError::Unavailable)));
        app.store.write_blocking(move |tx| note(tx, &job, answer.clone(), system, business))?;
    }
    Ok(done)
}

/// What is still to be sent, under which number; none when it has become pointless.
fn intent(tx: &Read, kind: &JobKind) -> Result<Option<(SubmissionNumber, Command)>> {
    let (JobKind::File { request: id, attempt }
    | JobKind::Pay { request: id, attempt, .. }
    | JobKind::Ask { request: id, attempt, .. }
    | JobKind::Correct { request: id, attempt }) = *kind;
    let Some(filing) = tx.filing(id, attempt)? else { return Ok(None) };
    Ok(match kind {
        JobKind::File { .. } if filing.delivered_at.is_none() => {
            let earlier = tx.filings(id)?.into_iter().filter(|earlier| earlier.attempt < attempt);
            let earlier = earlier.filter_map(|earlier| earlier.receipt).next_back();
            let Filing { document, signature, .. } = filing;
            Some((filing.submission, Command::File { request: id, document, signature, earlier }))
        }
        JobKind::Pay { kind, .. } => filing.payment(*kind).and_then(|payment| {
            let number = payment.submission.filter(|_| payment.status == PaymentStatus::Ordered)?;
            let account = payment.payer_account.clone()?;
            Some((number, Command::Pay { filing: filing.submission, kind: *kind, means: payment.means, account }))
        }),
        JobKind::Correct { .. } => filing.correction_submission.filter(|_| filing.correction.is_some()).map(|number| {
            let Filing { submission, document, signature, .. } = filing;
            (number, Command::Correct { filing: submission, document, signature })
        }),
        JobKind::Ask { ask, number, .. } => {
            // A reservation that was cancelled before it was handed over, or a filing that has ended.
            let asked = tx.request(id)?.is_some_and(|request| {
                request.filings == attempt && (ask.hold().is_none() || request.hold == ask.hold())
            });
            asked.then_some((*number, Command::Ask { filing: filing.submission, ask: *ask }))
        }
        JobKind::File { .. } => None,
    })
}

/// Keeps what came of a try.
fn note(
    tx: &mut Write,
    job: &Job,
    answer: std::result::Result<(), GatewayError>,
    system: SystemTime,
    business: BusinessTime,
) -> Result<()> {
    match answer {
        Ok(()) => {
            if let JobKind::File { request, attempt } = job.row.kind
                && let Some(mut filing) = tx.filing(request, attempt)?
                && filing.delivered_at.is_none()
            {
                filing.delivered_at = Some(business);
                tx.put_filing(&filing)?;
            }
            tx.finish(job)?;
        }
        // However long the portal is down: a filing that was promised is handed over in the end.
        Err(GatewayError::Unavailable) => {
            let pause = FIRST_PAUSE.saturating_mul(1 << job.row.attempts.min(20)).min(LONGEST_PAUSE);
            tracing::warn!(
                job = job.id,
                tries = job.row.attempts.saturating_add(1),
                pause,
                "the portal did not answer"
            );
            tx.reschedule(job, Due::System(system.plus(pause)))?;
        }
        Err(GatewayError::Refused(reason)) => refused(tx, job, reason, system, business)?,
    }
    Ok(())
}

/// What the portal does not take can be tried again on the request's page; a filing itself needs a person.
fn refused(tx: &mut Write, job: &Job, reason: String, system: SystemTime, business: BusinessTime) -> Result<()> {
    if let JobKind::Pay { request, attempt, kind } = job.row.kind
        && let (Some(mut request), Some(mut filing)) = (tx.request(request)?, tx.filing(request, attempt)?)
    {
        if let Some(payment) = filing.payment_mut(kind)
            && payment.status == PaymentStatus::Ordered
        {
            payment.status = PaymentStatus::Refused;
            payment.submission = None;
            payment.refusal = Some(reason.clone());
            request.version += 1;
            let entry =
                entry(&request, format!("{} 納付不可", request.procedure().payment_name(kind)), reason, business);
            tx.put_filing(&filing)?;
            tx.add_history(&mut request, entry)?;
            tx.put_request(&request)?;
        }
        tx.finish(job)?;
        return Ok(());
    }
    if let JobKind::Ask { request, attempt, ask, .. } = job.row.kind
        && let Some(mut request) = tx.request(request)?
    {
        if request.filings == attempt
            && let Some(entry) = workflow::ask_refused(&mut request, ask, reason, business)
        {
            if let Some(mut filing) = tx.filing(request.id, attempt)? {
                workflow::note_hold(&request, &mut filing);
                tx.put_filing(&filing)?;
            }
            tx.add_history(&mut request, entry)?;
            tx.put_request(&request)?;
        }
        tx.finish(job)?;
        return Ok(());
    }
    if let JobKind::Correct { request, attempt } = job.row.kind
        && let (Some(mut request), Some(filing)) = (tx.request(request)?, tx.filing(request, attempt)?)
    {
        if request.filings == attempt
            && let Some(entry) = workflow::correction_refused(&mut request, &filing, reason, business)
        {
            tx.add_history(&mut request, entry)?;
            tx.put_request(&request)?;
        }
        tx.finish(job)?;
        return Ok(());
    }
    tracing::error!(job = job.id, %reason, "given up: the portal refused the command");
    Ok(tx.give_up(job, system, reason)?)
}

fn entry(request: &ServiceRequest, what: String, detail: String, at: BusinessTime) -> HistoryEntry {
    HistoryEntry {
        at,
        side: Side::Portal,
        name: None,
        user: None,
        what,
        from: Some(request.status),
        to: Some(request.status),
        portal: None,
        detail: Some(detail),
        fields: Vec::new(),
    }
}
