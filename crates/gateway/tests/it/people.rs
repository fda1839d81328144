//! People of a test, each with a browser of their own.

use http::{Method, header};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;
use slipway_gateway::auth::session;
use slipway_gateway::store::ownership;
use slipway_protocol::UserId;
use slipway_protocol::api::Role;

use crate::harness::{TestGateway, cookie_of};

/// Somebody who is logged in.
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) cookie: String,
}

impl Person {
    /// Whoever runs the instance.
    pub(crate) async fn owner(gateway: &TestGateway) -> Self {
        let id = UserId::from(ownership::OWNER);
        Self { cookie: cookie_for(gateway, &id).await, id }
    }

    /// A new person, whose password nobody knows.
    pub(crate) async fn new(gateway: &TestGateway, name: &str, role: Role) -> Self {
        let account = gateway.app().store.add_user(name, role, "no hash").await.unwrap().unwrap();
        Self { cookie: cookie_for(gateway, &account.id).await, id: account.id }
    }

    /// The same person in another browser.
    pub(crate) async fn elsewhere(&self, gateway: &TestGateway) -> Self {
        Self { id: self.id.clone(), cookie: cookie_for(gateway, &self.id).await }
    }

    /// A request of theirs.
    pub(crate) fn asks(&self, gateway: &TestGateway, method: Method, path: &str) -> RequestBuilder {
        gateway.anonymous(method, path).header(header::COOKIE, &self.cookie)
    }

    /// A request with a body: status and answer.
    pub(crate) async fn sends(
        &self,
        gateway: &TestGateway,
        method: Method,
        path: &str,
        body: &Value,
    ) -> (u16, Value) {
        let answer = self.asks(gateway, method, path).json(body).send().await.unwrap();
        (answer.status().as_u16(), crate::harness::json(answer).await)
    }
}

async fn cookie_for(gateway: &TestGateway, user: &UserId) -> String {
    let link = session::create_link(gateway.app(), user).await.unwrap();
    let answer = gateway.anonymous(Method::GET, &link.path).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    cookie_of(&answer)
}
