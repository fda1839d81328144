//! Paths that lead out of what the gateway serves.

use super::raw::send_to_the_end;
use crate::harness::TestGateway;

/// How many paths are tried.
const PATHS: usize = 20;

#[tokio::test]
async fn no_address_leads_to_a_file_of_the_machine() {
    let gateway = TestGateway::start().await;
    // The database, the secret key and the system's own files are what somebody would look for.
    std::fs::write(gateway.directory.path().join("bait.txt"), "bait-5d2c").unwrap();
    let directory = gateway.directory.path().display().to_string();
    let addresses = &gateway.app().addresses;
    let paths: [String; PATHS] = [
        "/../../../../etc/passwd".to_owned(),
        "/..%2f..%2f..%2f..%2fetc/passwd".to_owned(),
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd".to_owned(),
        "/assets/../../../../etc/passwd".to_owned(),
        "/assets/..%2f..%2f..%2fetc%2fpasswd".to_owned(),
        "/assets/..%5c..%5cetc%5cpasswd".to_owned(),
        "/assets/%252e%252e%252fetc%252fpasswd".to_owned(),
        "/assets/%c0%ae%c0%ae/etc/passwd".to_owned(),
        "//etc/passwd".to_owned(),
        "/assets//etc/passwd".to_owned(),
        "/assets/%00/etc/passwd".to_owned(),
        "/file:///etc/passwd".to_owned(),
        format!("/{directory}/bait.txt"),
        format!("/..{directory}/bait.txt"),
        format!("/assets/../{directory}/bait.txt"),
        "/bait.txt".to_owned(),
        "/api/v1/conversations/..%2f..%2fbait.txt".to_owned(),
        "/api/v1/conversations/conv_1/calls/..%2f..%2fetc%2fpasswd/output?from=0&to=10".to_owned(),
        "/api/v1/conversations/..%2f..%2fetc%2fpasswd/export?format=json".to_owned(),
        "/api/v1/../../bait.txt".to_owned(),
    ];
    for path in paths {
        for address in [addresses.ui, addresses.desktop] {
            let request = format!(
                "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer launcher-token-of-the-test\r\n\
                 Connection: close\r\n\r\n"
            );
            let (_, answer) = send_to_the_end(address, &request).await;
            assert!(!answer.contains("root:x:") && !answer.contains("bait-5d2c"), "{path}: {answer}");
        }
    }
}
