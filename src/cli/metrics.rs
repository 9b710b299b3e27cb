//! The figures' own port, of `gaung serve` and of `gaung worker`: taken before anything runs, given back after everything has ended.

use std::net::{SocketAddr, TcpListener};

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::failure::Failure;
use super::output::{complain, say};
use crate::app::App;
use crate::web::metrics;

/// The port.
pub struct Metrics {
    listener: TcpListener,
    address: SocketAddr,
}

/// The port as it is served.
pub struct Serving {
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<()>>,
}

impl Metrics {
    /// Takes it, where one is configured.
    pub fn listen(app: &App) -> Result<Option<Self>, Failure> {
        let Some(wanted) = app.config.metrics_listen()? else { return Ok(None) };
        let failed = |e| Failure::environment(format!("can't listen on {wanted}: {e}; choose another metrics.listen"));
        let listener = TcpListener::bind(wanted).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Some(Self { listener, address }))
    }

    /// Serves it until it is told to stop.
    pub fn serve(self, app: &App) -> Serving {
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = metrics::serve(app.clone(), self.listener, async {
            let _ = stopped.await;
        });
        let ended = tokio::spawn(serving);
        say(&format!("Figures for Prometheus: http://{}/metrics", self.address));
        if !self.address.ip().is_loopback() {
            complain(&format!("Whoever reaches {} reads them: keep it inside the monitoring's network", self.address));
        }
        Serving { stop, ended }
    }
}

impl Serving {
    /// Ends it.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        match self.ended.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the port of the figures did not end cleanly"),
            Err(error) => tracing::warn!(%error, "the port of the figures ended abnormally"),
        }
    }
}
