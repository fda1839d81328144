//! Fetches access tokens with a Google credential (RFC 6749 section 6, RFC 7523 section 2.1).

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::CONTENT_TYPE;
use rustls::SignatureScheme;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use slipway_protocol::Problem;
use url::form_urlencoded::Serializer;

use super::credential::{Credential, ServiceAccount, unusable};
use crate::provider::body::error_chain;
use crate::provider::error_body::ProviderError;
use crate::provider::failure::CallFailure;

/// What tokens are asked for.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// How long a signed request for a token is good for, in seconds; the most that Google accepts.
const ASSERTION_SECONDS: u64 = 3_600;

/// How long before its end a token is no longer used, so that it does not end on its way.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// Time limit of a request for a token.
const LIMIT: Duration = Duration::from_secs(30);

/// An access token.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) value: SecretString,
    fresh_until: Instant,
}

impl Token {
    /// Whether it is to be used at this time.
    pub(super) fn is_fresh(&self, now: Instant) -> bool {
        now < self.fresh_until
    }

    fn new(answer: Answer, now: Instant) -> Self {
        let lives = Duration::from_secs(answer.expires_in);
        // Of a token that does not live long, half its life is used.
        let used = lives.saturating_sub(MARGIN.min(lives / 2));
        Self { value: answer.access_token, fresh_until: now + used }
    }
}

#[derive(Deserialize)]
struct Answer {
    access_token: SecretString,
    /// Seconds.
    expires_in: u64,
}

/// Fetches a token.
pub(super) async fn fetch(http: &reqwest::Client, credential: &Credential) -> Result<Token, CallFailure> {
    let body = match credential {
        Credential::ServiceAccount(account) => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
            Serializer::new(String::new())
                .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
                .append_pair("assertion", &assertion(account, now)?)
                .finish()
        }
        Credential::AuthorizedUser(user) => Serializer::new(String::new())
            .append_pair("grant_type", "refresh_token")
            .append_pair("client_id", &user.client_id)
            .append_pair("client_secret", user.client_secret.expose_secret())
            .append_pair("refresh_token", user.refresh_token.expose_secret())
            .finish(),
    };
    let started = Instant::now();
    let request = http
        .post(credential.token_uri())
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .timeout(LIMIT)
        .body(body);
    let response = request.send().await.map_err(|error| unreachable(&error))?;
    let status = response.status();
    let text = response.text().await.map_err(|error| unreachable(&error))?;
    if !status.is_success() {
        return Err(refused(status, &text));
    }
    let answer: Answer = serde_json::from_str(&text).map_err(|_| {
        CallFailure::not_understood("Google's token server answered without a token").not_billed()
    })?;
    Ok(Token::new(answer, started))
}

/// A signed statement that the account is itself (a JSON Web Token).
fn assertion(account: &ServiceAccount, now: u64) -> Result<String, CallFailure> {
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": account.private_key_id});
    let claims = json!({
        "iss": account.client_email,
        "scope": SCOPE,
        "aud": account.token_uri,
        "iat": now,
        "exp": now + ASSERTION_SECONDS,
    });
    let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(&header), encode(&claims));
    let signature = sign(account.private_key.expose_secret(), signed.as_bytes())?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// Signs with RSASSA-PKCS1-v1_5 and SHA-256.
fn sign(private_key: &str, message: &[u8]) -> Result<Vec<u8>, CallFailure> {
    let key = PrivateKeyDer::from_pem_slice(private_key.as_bytes())
        .map_err(|_| unusable("private_key is not a key in PEM form"))?;
    let key = rustls::crypto::ring::sign::any_supported_type(&key)
        .map_err(|_| unusable("private_key is of a kind that cannot sign"))?;
    let signer = key
        .choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256])
        .ok_or_else(|| unusable("private_key is not an RSA key"))?;
    signer.sign(message).map_err(|_| unusable("private_key cannot sign"))
}

fn refused(status: http::StatusCode, body: &str) -> CallFailure {
    let value: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let field = |name: &str| value.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    if status.is_server_error() || status.as_u16() == 429 {
        return ProviderError::from_text(body).classify(Some(status));
    }
    let words = match (field("error"), field("error_description")) {
        ("", "") => format!("HTTP status {}", status.as_u16()),
        (code, words) => format!("{code}: {words}"),
    };
    CallFailure::permanent(
        Problem::new(401, "provider_key_rejected", "Google gives no access token for the key")
            .detail(words)
            .hint("Check that the service account exists, that its key is not deleted and that the clock is right."),
    )
    .not_billed()
}

fn unreachable(error: &reqwest::Error) -> CallFailure {
    CallFailure::unreachable(format!("Google's token server: {}", error_chain(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_five_minutes_before_its_end_and_a_short_one_at_half_its_life() {
        // (seconds that it lives, seconds that it is used)
        for (lives, used) in [(3_600, 3_300), (1_800, 1_500), (600, 300), (100, 50), (0, 0)] {
            let now = Instant::now();
            let token = Token::new(Answer { access_token: SecretString::from("t"), expires_in: lives }, now);
            let second = Duration::from_secs(1);
            assert!(!token.is_fresh(now + Duration::from_secs(used)), "{lives}");
            assert!(used == 0 || token.is_fresh(now + Duration::from_secs(used) - second), "{lives}");
        }
    }
}
