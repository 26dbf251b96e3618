//! Work that costs much for whoever asks: done on threads of its own, a few at once, with a short queue, and after
//! whatever else the machine has to do. More than that is refused, so that a flood slows down nobody else.

use super::error::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Semaphore, oneshot};

/// How much such work stands back behind pages and the writer, as `nice` counts it.
const STANDS_BACK: i32 = 10;

/// A kind of costly work and who waits for it.
#[derive(Debug, Clone)]
pub(super) struct Turns {
    permits: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    queue: usize,
}

impl Turns {
    /// This many at once, and this many in all with those that wait.
    pub(super) fn new(at_once: usize, queue: usize) -> Self {
        Self { permits: Arc::new(Semaphore::new(at_once.max(1))), waiting: Arc::default(), queue }
    }

    /// Waits for its turn and does the work.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many wait.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let place = Place(Arc::clone(&self.waiting));
        if self.waiting.fetch_add(1, Ordering::AcqRel) >= self.queue {
            return Err(Error::Busy);
        }
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(Error::internal)?;
        let (answer, done) = oneshot::channel();
        // Not one of the runtime's threads: nobody but an administrator can make a thread more urgent again.
        let thread = std::thread::Builder::new().name("costly-work".to_owned());
        let begun = thread.spawn(move || {
            // Held until the work is done, even when the browser has gone meanwhile.
            let _permit = permit;
            // Where the system does not allow it, the work is as urgent as any other.
            let _ = rustix::process::nice(STANDS_BACK);
            // Nobody may be waiting any more.
            let _ = answer.send(work());
        });
        begun.map_err(Error::internal)?;
        let done = done.await;
        drop(place);
        done.map_err(Error::internal)
    }
}

/// A place in the queue, given back when dropped.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use futures_util::future::{join, join_all};
    use tokio::sync::OwnedSemaphorePermit;

    /// Takes all turns until it is dropped, so that nobody is done before all have come.
    pub(in crate::service) async fn all_taken(turns: &Turns) -> OwnedSemaphorePermit {
        let free = turns.permits.available_permits().try_into().unwrap();
        Arc::clone(&turns.permits).acquire_many_owned(free).await.unwrap()
    }

    #[tokio::test]
    async fn a_flood_is_refused_instead_of_piling_up() {
        let turns = Turns::new(2, 64);
        let busy = all_taken(&turns).await;
        let tries = join_all((0..84).map(|_| turns.run(|| ())));
        // All come while nobody is done; then the work goes on.
        let (answers, ()) = join(tries, async move { drop(busy) }).await;
        assert_eq!(answers.iter().filter(|answer| matches!(answer, Err(Error::Busy))).count(), 20);
        assert!(turns.run(|| ()).await.is_ok(), "places are given back");
        assert!(
            turns
                .run(|| std::panic::resume_unwind(Box::new(())))
                .await
                .is_err_and(|error| matches!(error, Error::Internal(_)))
        );
        assert!(turns.run(|| ()).await.is_ok(), "of work that broke down too");
    }
}
