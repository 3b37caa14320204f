//! S3 and what speaks its protocol, as the `AWS_*` variables say; nothing of them is shown or logged.

use std::{fmt, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use http_body_util::BodyExt;
use object_store::{
    ClientConfigKey, ClientOptions, ObjectStore,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody,
        HttpService,
    },
};
use secrecy::{ExposeSecret, SecretString};

/// Credentials, region, endpoint and whatever else S3 is reached by.
#[derive(Clone, Default)]
pub struct S3(Vec<(String, SecretString)>);

impl Extend<(String, SecretString)> for S3 {
    fn extend<T: IntoIterator<Item = (String, SecretString)>>(&mut self, variables: T) {
        self.0.extend(variables);
    }
}

impl FromIterator<(String, SecretString)> for S3 {
    fn from_iter<T: IntoIterator<Item = (String, SecretString)>>(variables: T) -> Self {
        Self(variables.into_iter().collect())
    }
}

impl S3 {
    /// # Errors
    /// Which variable says something that cannot be.
    pub fn open(&self, bucket: &str) -> Result<Arc<dyn ObjectStore>> {
        let has = |name: &str| self.get(name).is_some();
        ensure!(
            has("AWS_ACCESS_KEY_ID") == has("AWS_SECRET_ACCESS_KEY"),
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together; set both or neither"
        );
        let may_be_plain = match self.get("AWS_ALLOW_HTTP") {
            None | Some("false" | "0") => false,
            Some("true" | "1") => true,
            Some(_) => anyhow::bail!("AWS_ALLOW_HTTP is neither true nor false"),
        };
        for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"] {
            let Some(endpoint) = self.get(name) else { continue };
            let is_plain = endpoint.starts_with("http://");
            ensure!(
                is_plain || endpoint.starts_with("https://"),
                "{name} is no URL such as https://s3.example.com"
            );
            ensure!(may_be_plain || !is_plain, "{name} is without TLS; AWS_ALLOW_HTTP=true lets it be");
        }
        let mut builder = AmazonS3Builder::new().with_bucket_name(bucket).with_http_connector(Connector);
        for (name, value) in &self.0 {
            // Others are for other programs.
            if let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>()
                && key != AmazonS3ConfigKey::Bucket
            {
                builder = builder.with_config(key, value.expose_secret());
            }
        }
        Ok(Arc::new(builder.build().context("a variable AWS_* cannot be used")?))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.expose_secret())
    }
}

/// Makes clients of the library that everything else here calls with.
#[derive(Debug)]
struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let may_be_plain = options.get_config_value(&ClientConfigKey::AllowHttp);
        let client = reqwest::Client::builder()
            .https_only(may_be_plain.as_deref() != Some("true"))
            // A signature is good for one host.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_secs(60))
            .build()
            .map_err(|error| object_store::Error::Generic { store: "S3", source: Box::new(error) })?;
        Ok(HttpClient::new(Client(client)))
    }
}

struct Client(reqwest::Client);

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

#[async_trait::async_trait]
impl HttpService for Client {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let request: reqwest::Request = request.map(reqwest::Body::wrap).try_into().map_err(fault)?;
        let response: http::Response<reqwest::Body> = self.0.execute(request).await.map_err(fault)?.into();
        Ok(response.map(|body| HttpResponseBody::new(body.map_err(fault))))
    }
}

/// Its kind decides whether the request is made again.
fn fault(error: reqwest::Error) -> HttpError {
    let kind = match &error {
        error if error.is_timeout() => HttpErrorKind::Timeout,
        error if error.is_connect() => HttpErrorKind::Connect,
        error if error.is_builder() => HttpErrorKind::Unknown,
        error if error.is_decode() => HttpErrorKind::Decode,
        // The connection broke: nothing else is left.
        _ => HttpErrorKind::Interrupted,
    };
    HttpError::new(kind, error.without_url())
}
