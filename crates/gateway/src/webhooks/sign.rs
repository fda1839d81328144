//! Signatures as the specification "Standard Webhooks" has them, version `v1`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// What a secret begins with as text.
const PREFIX: &str = "whsec_";
/// Length of a new secret, in bytes; the specification asks for 24 to 64.
const BYTES: usize = 32;

/// What the messages to a webhook are signed with.
#[derive(Debug, Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// A new one.
    pub fn generate() -> Self {
        let bytes: [u8; BYTES] = rand::random();
        Self(format!("{PREFIX}{}", BASE64.encode(bytes)).into())
    }

    /// The one that this text is; `None` when it is none.
    pub fn from_text(text: SecretString) -> Option<Self> {
        let secret = Self(text);
        secret.bytes().is_some().then_some(secret)
    }

    /// As the receiver keeps it.
    pub fn text(&self) -> &SecretString {
        &self.0
    }

    /// The header `webhook-signature` of a message that is sent at `timestamp`, in seconds since the epoch.
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    pub fn signature(&self, id: &str, timestamp: i64, body: &str) -> String {
        let key = self.bytes().unwrap_or_default();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes keys of every length");
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()))
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        BASE64.decode(self.0.expose_secret().strip_prefix(PREFIX)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_specifications_own_libraries() {
        // The example of the documentation of Svix, from which the specification comes.
        let secret = Secret::from_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()).unwrap();
        let signature =
            secret.signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_new_secret_can_be_kept_as_text() {
        let secret = Secret::generate();
        let again = Secret::from_text(secret.text().clone()).unwrap();
        assert_eq!(again.signature("a", 1, "b"), secret.signature("a", 1, "b"));
        assert_ne!(Secret::generate().signature("a", 1, "b"), secret.signature("a", 1, "b"));
        for text in ["", "whsec", "whsec_*", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert!(Secret::from_text(text.into()).is_none(), "{text}");
        }
    }
}
