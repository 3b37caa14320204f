//! The service proxies call (contract 2.4): what they run on, approvals they ask for, how they are.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use gatewayops_proto::control::{
    ApprovalRequest, ApprovalTicket, DefinitionsAck, DefinitionsReport, ProxyStatus, RefreshKeysReply,
    RefreshKeysRequest, ReportAck, WatchRequest,
    control_plane_server::{ControlPlane, ControlPlaneServer},
};
use tokio_util::sync::CancellationToken;
use tonic::{
    Request, Response, Status, Streaming,
    service::interceptor::InterceptedService,
    transport::{Certificate, Identity, Server, ServerTlsConfig, server::TcpIncoming},
};

use crate::{app::App, config::GrpcTls};

mod approvals;
mod auth;
mod decisions;
mod feed;
mod parts;
mod refresh_keys;
mod report;
mod report_definitions;
mod watch;

#[cfg(test)]
mod tests;

/// A message of a proxy is at most a call's redacted arguments, or some definitions of tools, and little else.
const MAX_REQUEST_BYTES: usize = 1 << 20;
/// A peer that is gone is noticed after at most the two together.
const PING_EVERY: Duration = Duration::from_secs(10);
const PONG_WITHIN: Duration = Duration::from_secs(5);

/// Serves proxies until `stop`; then every stream ends, so that proxies go elsewhere.
pub async fn serve(
    app: Arc<App>,
    listener: tokio::net::TcpListener,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let feed = Arc::new(feed::Feed::new(app.clone()).await?);
    let decisions = Arc::new(decisions::Decisions::new(app.metrics.held_calls.clone()));
    let mut server = Server::builder()
        .http2_keepalive_interval(Some(PING_EVERY))
        .http2_keepalive_timeout(Some(PONG_WITHIN));
    if let Some(tls) = tls(&app.config.grpc_tls)? {
        server = server
            .tls_config(tls)
            .context("the certificate of CONTROL_GRPC_TLS_CERT and _KEY cannot be used")?;
    }
    let service =
        Planes { app: app.clone(), feed: feed.clone(), decisions: decisions.clone(), stop: stop.clone() };
    let service = ControlPlaneServer::new(service).max_decoding_message_size(MAX_REQUEST_BYTES);
    let service = InterceptedService::new(service, auth::RequireToken::new(&app.config.proxy_token));
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true)).with_keepalive(Some(PING_EVERY));
    let serving =
        server.add_service(service).serve_with_incoming_shutdown(incoming, stop.clone().cancelled_owned());
    tokio::pin!(serving);
    tokio::select! {
        served = &mut serving => return served.context("the gRPC listener failed"),
        ((), ()) = async { tokio::join!(feed.run(&stop), decisions.run(&app, &stop)) } => {}
    }
    serving.await.context("the gRPC listener failed")
}

fn tls(files: &GrpcTls) -> anyhow::Result<Option<ServerTlsConfig>> {
    let (Some(certificate), Some(key)) = (&files.certificate, &files.key) else { return Ok(None) };
    let read = |path: &Path| std::fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let mut tls = ServerTlsConfig::new().identity(Identity::from_pem(read(certificate)?, read(key)?));
    if let Some(ca) = &files.client_ca {
        tls = tls.client_ca_root(Certificate::from_pem(read(ca)?));
    }
    Ok(Some(tls))
}

struct Planes {
    app: Arc<App>,
    feed: Arc<feed::Feed>,
    decisions: Arc<decisions::Decisions>,
    stop: CancellationToken,
}

#[tonic::async_trait]
impl ControlPlane for Planes {
    type WatchStream = watch::Updates;

    async fn watch(&self, request: Request<WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        Ok(Response::new(watch::updates(self.feed.clone(), &request.into_inner(), self.stop.clone())))
    }

    async fn request_approval(
        &self,
        request: Request<ApprovalRequest>,
    ) -> Result<Response<ApprovalTicket>, Status> {
        let ticket = approvals::request(&self.app, &self.decisions, &self.stop, request.into_inner()).await?;
        Ok(Response::new(ticket))
    }

    async fn report_definitions(
        &self,
        request: Request<DefinitionsReport>,
    ) -> Result<Response<DefinitionsAck>, Status> {
        Ok(Response::new(report_definitions::take(&self.app, request.into_inner()).await?))
    }

    async fn report(&self, request: Request<Streaming<ProxyStatus>>) -> Result<Response<ReportAck>, Status> {
        report::follow(&self.app, request.into_inner(), &self.stop).await.map(Response::new)
    }

    async fn refresh_keys(
        &self,
        request: Request<RefreshKeysRequest>,
    ) -> Result<Response<RefreshKeysReply>, Status> {
        Ok(Response::new(refresh_keys::refresh(&self.app, request.into_inner()).await?))
    }
}
