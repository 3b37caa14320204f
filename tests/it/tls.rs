//! TLS where it is turned on: between the planes, each showing its certificate, and towards clients.

use anyhow::Result;
use gatewayops_tests::stack::Stack;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use serde_json::json;

pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Who has the name of its issuer is taken for its own issuer.
        params.distinguished_name.push(DnType::CommonName, "authority");
        Ok(Self(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?))
    }

    pub(crate) fn certificate(&self) -> String {
        self.0.pem()
    }

    /// Certificate and key for this machine.
    pub(crate) fn issue(&self) -> Result<(String, String)> {
        let key = KeyPair::generate()?;
        let params = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])?;
        Ok((params.signed_by(&key, &self.0)?.pem(), key.serialize_pem()))
    }
}

/// Both planes with certificates of one authority.
fn with_tls(stack: &mut Stack, authority: &Authority) -> Result<()> {
    let ca = stack.write("ca.pem", &authority.certificate())?;
    for (name, certificate_setting, key_setting) in [
        ("grpc", "CONTROL_GRPC_TLS_CERT", "CONTROL_GRPC_TLS_KEY"),
        ("proxy", "PROXY_GRPC_CERT", "PROXY_GRPC_KEY"),
        ("public", "PROXY_TLS_CERT", "PROXY_TLS_KEY"),
    ] {
        let (certificate, key) = authority.issue()?;
        let certificate = stack.write(&format!("{name}.pem"), &certificate)?;
        let key = stack.write(&format!("{name}.key"), &key)?;
        stack.set(certificate_setting, certificate);
        stack.set(key_setting, key);
    }
    stack.set("CONTROL_GRPC_TLS_CLIENT_CA", ca.clone());
    stack.set("PROXY_GRPC_CA", ca);
    let url = stack.setting("CONTROL_PLANE_GRPC_URL").replace("http://", "https://");
    stack.set("CONTROL_PLANE_GRPC_URL", url);
    let root = reqwest::Certificate::from_pem(authority.certificate().as_bytes())?;
    stack.http = reqwest::Client::builder().add_root_certificate(root).build()?;
    Ok(())
}

#[tokio::test]
async fn planes_show_each_other_their_certificates_and_clients_speak_https() -> Result<()> {
    let authority = Authority::new()?;
    let mut stack = Stack::start_with(&[], |stack| with_tls(stack, &authority)).await?;
    let answered = stack.call("demo", "echo", json!({ "text": "sealed" })).await?;
    assert_eq!(answered.status, 200, "{answered:?}");
    let plain = stack.proxy_url("/health").replace("https://", "http://");
    assert!(!stack.http.get(plain).send().await.is_ok_and(|response| response.status().is_success()));

    // A proxy that a stranger vouches for learns nothing.
    stack.kill("proxy")?;
    let (certificate, key) = Authority::new()?.issue()?;
    let (certificate, key) = (stack.write("stranger.pem", &certificate)?, stack.write("stranger.key", &key)?);
    stack.set("PROXY_GRPC_CERT", certificate);
    stack.set("PROXY_GRPC_KEY", key);
    let cache = stack.write("another.bin", "")?;
    stack.set("CONFIG_CACHE_PATH", cache);
    // The first proxy may have tried before the control plane listened: only what is written from here on counts.
    let written = stack.log("proxy").len();
    stack.launch_proxy()?;
    stack
        .until("the stranger is refused, and has nothing to answer with", async |stack| {
            let answered = stack.call("demo", "echo", json!({ "text": "x" })).await?;
            let is_refused = stack.log("proxy")[written..].contains("control plane not reached at https://");
            Ok(is_refused && answered.status == 503)
        })
        .await
}
