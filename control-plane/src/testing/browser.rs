//! A browser of somebody who logs in by password.

use axum::http::{HeaderMap, Method, header};
use serde_json::{Value, json};

use super::{ADMIN_EMAIL, ADMIN_PASSWORD, Answer, TestApp};

/// A browser that has logged in.
pub(crate) struct Browser<'a> {
    test: &'a TestApp,
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

pub(crate) async fn login(test: &TestApp, email: &str, password: &str) -> Answer {
    test.post_as("", "/v1/auth/login", json!({"email": email, "password": password})).await
}

fn cookie(headers: &HeaderMap) -> String {
    let cookie = headers.get(header::SET_COOKIE).unwrap().to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

impl<'a> Browser<'a> {
    /// As the administrator of the first start, who is a platform administrator too.
    pub(crate) async fn log_in(test: &'a TestApp) -> Self {
        let answer = login(test, ADMIN_EMAIL, ADMIN_PASSWORD).await;
        let cookie = cookie(&answer.headers);
        let csrf = answer.expect(200)["csrf_token"].as_str().unwrap().to_owned();
        Self { test, cookie, csrf }
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let mut all = vec![("cookie", self.cookie.as_str())];
        all.extend_from_slice(headers);
        self.test.request("", method, path, &all, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, &[("x-csrf-token", &self.csrf)], Some(body)).await
    }
}
