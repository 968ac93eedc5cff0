//! The clock on the wall.

use refit_executor::ports::Clock;

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }

    async fn sleep_until(&self, until: jiff::Timestamp) {
        let left = until.duration_since(jiff::Timestamp::now());
        // A time that has passed is no wait at all.
        let left = std::time::Duration::try_from(left).unwrap_or_default();
        tokio::time::sleep(left).await;
    }
}
