//! Listening, and ending in order.

use axum::Router;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Serves `router` on `listener` until `shutdown` is ready; requests that are
/// under way are answered first.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router)
        .with_graceful_shutdown(shutdown)
        .await
}

/// A router that is being served on this machine alone, at a port of the
/// system's choice. It ends when this is dropped.
#[derive(Debug)]
pub struct Served {
    address: SocketAddr,
    // Dropping the sender is the signal.
    ending: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

impl Served {
    /// Begins to serve `router` on 127.0.0.1.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn on_this_machine(router: Router) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (ending, ended) = oneshot::channel::<()>();
        let task = tokio::spawn(serve(listener, router, async {
            // Either way it is time: nobody sends, the sender is dropped.
            drop(ended.await);
        }));
        Ok(Self {
            address,
            ending,
            task,
        })
    }

    /// Where it is served.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as a URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends it, and returns when the last request has been answered and no
    /// connection is left.
    ///
    /// # Errors
    /// When serving had failed.
    pub async fn end(self) -> io::Result<()> {
        drop(self.ending);
        self.task.await.map_err(io::Error::other)?
    }
}
