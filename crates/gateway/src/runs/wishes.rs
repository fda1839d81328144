//! What the person wants of a run that goes on and its engine does not know yet. Who drives the run passes it on: in
//! order, and again until the engine knows.

use tokio::sync::watch;
use url::Url;

use super::active::ActiveRun;
use super::{pausing, pinning};
use crate::app::AppState;

/// What is wanted, and what of that the engine knows.
pub(super) struct Wishes {
    pause: watch::Receiver<bool>,
    is_told_to_pause: bool,
    pins: watch::Receiver<u64>,
    told_pins: u64,
}

impl Wishes {
    /// The wishes of a run whose engine has just begun.
    pub(super) fn of(run: &ActiveRun) -> Self {
        let (pause, pins) = (run.pause.subscribe(), run.pins.subscribe());
        Self { pause, is_told_to_pause: false, pins, told_pins: 0 }
    }

    /// Waits until something else is wanted than what the engine knows. Giving the wait up loses nothing.
    pub(super) async fn differ(&mut self) {
        tokio::select! {
            () = pausing::differs(&mut self.pause, self.is_told_to_pause) => {}
            () = pinning::differ(&mut self.pins, self.told_pins) => {}
        }
    }

    /// Tells the engine what it does not know.
    pub(super) async fn tell(&mut self, app: &AppState, run: &ActiveRun, engine: &Url) {
        if *run.pause.borrow() != self.is_told_to_pause {
            self.is_told_to_pause = pausing::tell(app, run, engine, self.is_told_to_pause).await;
        }
        if *run.pins.borrow() != self.told_pins {
            self.told_pins = pinning::tell(app, run, engine, self.told_pins).await;
        }
    }
}
