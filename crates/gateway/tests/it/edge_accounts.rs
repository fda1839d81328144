//! Accounts: passwords, sessions, people, and what a gateway asks for that other machines can reach.

use std::process::{Command, Stdio};

use futures::StreamExt as _;
use http::{Method, header};
use reqwest::StatusCode;
use serde_json::{Value, json};
use slipway_protocol::api::Role;

use crate::harness::{TestGateway, cookie_of, json};
use crate::people::Person;

const PASSWORD: &str = "correct horse battery";

/// Tries a login as the API has it.
async fn log_in(gateway: &TestGateway, name: &str, password: &str) -> reqwest::Response {
    let body = json!({ "name": name, "password": password });
    gateway.anonymous(Method::POST, "/api/v1/session").json(&body).send().await.unwrap()
}

async fn set_password(gateway: &TestGateway, person: &Person, current: &str, new: &str) -> (u16, Value) {
    let body = json!({ "current": current, "new": new });
    person.sends(gateway, Method::PUT, "/api/v1/account/password", &body).await
}

async fn status(gateway: &TestGateway, person: &Person) -> u16 {
    person.asks(gateway, Method::GET, "/api/v1/instance").send().await.unwrap().status().as_u16()
}

async fn login_page(gateway: &TestGateway) -> String {
    let page = gateway.anonymous(Method::GET, "/login").header(header::ACCEPT, "text/html").send().await;
    let page = page.unwrap();
    assert_eq!(page.status(), StatusCode::UNAUTHORIZED);
    page.text().await.unwrap()
}

#[tokio::test]
async fn a_password_is_an_offer_and_changing_it_ends_other_sessions() {
    let gateway = TestGateway::start().await;
    assert!(!login_page(&gateway).await.contains("<form"), "nobody has a password");
    let owner = Person::owner(&gateway).await;
    let elsewhere = owner.elsewhere(&gateway).await;
    let named = owner.sends(&gateway, Method::PATCH, "/api/v1/account", &json!({ "name": " Ada " })).await;
    assert_eq!((named.0, &named.1["name"]), (200, &json!("ada")));
    assert_eq!(set_password(&gateway, &owner, "", "too short").await.0, 422);
    assert_eq!(set_password(&gateway, &owner, "", PASSWORD).await.0, 204);
    assert_eq!((status(&gateway, &owner).await, status(&gateway, &elsewhere).await), (200, 401));

    assert!(login_page(&gateway).await.contains("<form method=\"post\" action=\"/login\">"));
    let answer = log_in(&gateway, "ADA", PASSWORD).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    let by_password = Person { id: owner.id.clone(), cookie: cookie_of(&answer) };
    assert_eq!(status(&gateway, &by_password).await, 200);

    let (refused, problem) = set_password(&gateway, &by_password, "something else", "another password").await;
    assert_eq!((refused, &problem["code"]), (403, &json!("wrong_password")));
    assert_eq!(set_password(&gateway, &by_password, PASSWORD, "another password").await.0, 204);
    assert_eq!((status(&gateway, &owner).await, status(&gateway, &by_password).await), (401, 200));
    assert_eq!(log_in(&gateway, "ada", PASSWORD).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(log_in(&gateway, "ada", "another password").await.status(), StatusCode::NO_CONTENT);
    // The launcher's link goes on working.
    gateway.cookie().await;
}

#[tokio::test]
async fn the_pages_form_logs_in_and_says_what_is_wrong() {
    let gateway = TestGateway::start().await;
    let owner = Person::owner(&gateway).await;
    assert_eq!(set_password(&gateway, &owner, "", PASSWORD).await.0, 204);
    let own = format!("http://{}", gateway.app().addresses.ui);
    let submit = async |origin: &str, body: &'static str| {
        let form = gateway.anonymous(Method::POST, "/login").header(header::ORIGIN, origin);
        let form = form.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        form.send().await.unwrap()
    };
    let right = "name=owner&password=correct+horse+battery";
    let answer = submit(&own, right).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(answer.headers()[header::LOCATION], "/");
    let attributes = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Strict"), "{attributes}");
    let wrong = submit(&own, "name=owner&password=wrong").await;
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    // Else a browser would send the form with the origin `null`.
    assert_eq!(wrong.headers()[header::REFERRER_POLICY], "same-origin");
    let page = wrong.text().await.unwrap();
    assert!(page.contains("This name and password do not fit") && page.contains("<form"), "{page}");
    assert!(!page.contains("<script"), "{page}");
    for origin in ["http://evil.test", "null"] {
        let foreign = submit(origin, right).await;
        assert_eq!(foreign.status(), StatusCode::FORBIDDEN, "{origin}");
        assert!(!foreign.headers().contains_key(header::SET_COOKIE));
    }
}

#[tokio::test]
async fn an_answer_does_not_tell_who_there_is() {
    let gateway = TestGateway::start().await;
    let owner = Person::owner(&gateway).await;
    assert_eq!(set_password(&gateway, &owner, "", PASSWORD).await.0, 204);
    let disabled = Person::new(&gateway, "gone", Role::Member).await;
    gateway.app().store.change_user(&disabled.id, None, Some(true)).await.unwrap();
    let mut answers = Vec::new();
    for name in ["owner", "nobody", "gone", "not a name!", ""] {
        let answer = log_in(&gateway, name, "wrong password").await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{name}");
        answers.push(json(answer).await);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn guessing_gets_slower_for_that_name_alone() {
    let gateway = TestGateway::start().await;
    let owner = Person::owner(&gateway).await;
    assert_eq!(set_password(&gateway, &owner, "", PASSWORD).await.0, 204);
    // All at once: counting comes before looking.
    let guesses = (0..40).map(|_| log_in(&gateway, "victim", "a guess"));
    let answers = futures::future::join_all(guesses).await;
    let looked_at = answers.iter().filter(|answer| answer.status() == StatusCode::UNAUTHORIZED).count();
    let waiting: Vec<_> =
        answers.iter().filter(|answer| answer.status() == StatusCode::TOO_MANY_REQUESTS).collect();
    assert_eq!(looked_at + waiting.len(), 40);
    assert!(looked_at < 20, "{looked_at} guesses were looked at");
    assert!(waiting.iter().all(|answer| answer.headers().contains_key(header::RETRY_AFTER)));
    assert_eq!(log_in(&gateway, "owner", PASSWORD).await.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn administrators_decide_who_comes_in() {
    let gateway = TestGateway::start().await;
    let owner = Person::owner(&gateway).await;
    let made = json!({ "name": "bob", "role": "member" });
    let (made_status, bob) = owner.sends(&gateway, Method::POST, "/api/v1/people", &made).await;
    assert_eq!(made_status, 201, "{bob}");
    let password = bob["password"].as_str().unwrap();
    let answer = log_in(&gateway, "bob", password).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    let id = bob["account"]["id"].as_str().unwrap();
    let person = Person { id: id.into(), cookie: cookie_of(&answer) };
    let (taken, _) = owner.sends(&gateway, Method::POST, "/api/v1/people", &made).await;
    assert_eq!(taken, 409);
    let people = owner.sends(&gateway, Method::GET, "/api/v1/people", &json!({})).await.1;
    let names: Vec<_> = people.as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["owner", "bob"]);
    assert!(!people.to_string().contains("argon2"), "{people}");

    let path = format!("/api/v1/people/{id}");
    let to = async |change: Value| owner.sends(&gateway, Method::PATCH, &path, &change).await;
    assert_eq!(to(json!({ "role": "viewer" })).await.1["role"], "viewer");
    assert_eq!(person.sends(&gateway, Method::POST, "/api/v1/conversations", &json!({})).await.0, 403);
    assert_eq!(to(json!({ "role": "admin" })).await.0, 200);
    assert_eq!(person.sends(&gateway, Method::GET, "/api/v1/people", &json!({})).await.0, 200);
    // An administrator does not become whoever runs the instance.
    let owners = format!("/api/v1/people/{}", owner.id);
    for change in [json!({ "role": "member" }), json!({ "disabled": true })] {
        assert_eq!(person.sends(&gateway, Method::PATCH, &owners, &change).await.0, 409);
    }
    assert_eq!(person.sends(&gateway, Method::GET, "/api/v1/backup", &json!({})).await.0, 403);
    let reset = format!("{owners}/password");
    assert_eq!(person.sends(&gateway, Method::POST, &reset, &json!({})).await.0, 403);
    assert_eq!(gateway.send(Method::POST, &reset, &json!({})).await.0, 200);

    let owner = Person::owner(&gateway).await;
    assert_eq!(owner.sends(&gateway, Method::PATCH, &path, &json!({ "disabled": true })).await.0, 200);
    assert_eq!(status(&gateway, &person).await, 401);
    assert_eq!(log_in(&gateway, "bob", password).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(owner.sends(&gateway, Method::PATCH, &path, &json!({ "disabled": false })).await.0, 200);
    let (_, given) = owner.sends(&gateway, Method::POST, &format!("{path}/password"), &json!({})).await;
    let password = given["password"].as_str().unwrap();
    assert_eq!(log_in(&gateway, "bob", password).await.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_person_sees_and_ends_their_own_sessions() {
    let gateway = TestGateway::start().await;
    let (ada, bob) =
        (Person::new(&gateway, "ada", Role::Member).await, Person::new(&gateway, "bob", Role::Member).await);
    let elsewhere = ada.elsewhere(&gateway).await;
    let account = ada.sends(&gateway, Method::GET, "/api/v1/account", &json!({})).await.1;
    assert_eq!(account["account"]["name"], "ada");
    let sessions = account["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2, "{account}");
    assert_eq!(sessions.iter().filter(|session| session["current"] == true).count(), 1);
    let other = sessions.iter().find(|session| session["current"] == false).unwrap();
    let path = format!("/api/v1/sessions/{}", other["id"].as_str().unwrap());
    assert_eq!(bob.sends(&gateway, Method::DELETE, &path, &json!({})).await.0, 404);
    assert_eq!(status(&gateway, &elsewhere).await, 200);
    assert_eq!(ada.sends(&gateway, Method::DELETE, &path, &json!({})).await.0, 204);
    assert_eq!((status(&gateway, &elsewhere).await, status(&gateway, &ada).await), (401, 200));
    let again = ada.elsewhere(&gateway).await;
    assert_eq!(ada.sends(&gateway, Method::DELETE, "/api/v1/sessions", &json!({})).await.0, 204);
    for (person, expected) in [(&ada, 401), (&again, 401), (&bob, 200)] {
        assert_eq!(status(&gateway, person).await, expected);
    }
}

#[tokio::test]
async fn only_who_could_set_it_up_is_asked_to() {
    let gateway = TestGateway::start().await;
    for (name, role, asked) in
        [("ada", Role::Admin, true), ("bob", Role::Member, false), ("eve", Role::Viewer, false)]
    {
        let person = Person::new(&gateway, name, role).await;
        let (_, instance) = person.sends(&gateway, Method::GET, "/api/v1/instance", &json!({})).await;
        assert_eq!(instance["needs_setup"], asked, "{name}");
    }
}

#[tokio::test]
async fn what_lasts_ends_with_its_session() {
    let gateway = TestGateway::start().await;
    let ada = Person::new(&gateway, "ada", Role::Member).await;
    let stream = ada.asks(&gateway, Method::GET, "/api/v1/events?topics=user").send().await.unwrap();
    let mut bytes = stream.bytes_stream();
    bytes.next().await.unwrap().unwrap();
    let path = format!("/api/v1/people/{}", ada.id);
    assert_eq!(gateway.send(Method::PATCH, &path, &json!({ "disabled": true })).await.0, 200);
    // It ends; were it to stay open, this would wait for ever.
    while let Some(chunk) = bytes.next().await {
        chunk.unwrap();
    }
}

#[tokio::test]
async fn what_is_expensive_is_limited_for_each_person() {
    let gateway = TestGateway::start().await;
    let (ada, bob) =
        (Person::new(&gateway, "ada", Role::Member).await, Person::new(&gateway, "bob", Role::Member).await);
    let mut refused = None;
    // Ten are allowed, and one more every six seconds that this takes.
    for _ in 0..200 {
        let request = ada.asks(&gateway, Method::PUT, "/api/v1/account/password").json(&json!({}));
        let answer = request.send().await.unwrap();
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(answer);
            break;
        }
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let refused = refused.expect("there is a limit");
    assert!(refused.headers().contains_key(header::RETRY_AFTER));
    assert_eq!(json(refused).await["code"], "too_many_requests");
    assert_eq!(status(&gateway, &ada).await, 200, "other things are not limited by that");
    let (others, _) = bob.sends(&gateway, Method::PUT, "/api/v1/account/password", &json!({})).await;
    assert_eq!(others, 422, "nor are other people");
}

#[tokio::test]
async fn a_cookie_that_came_over_tls_goes_back_over_tls_alone() {
    let gateway = TestGateway::start().await;
    let path = gateway.login_path().await;
    let answer = gateway.anonymous(Method::GET, &path).header("x-forwarded-proto", "https").send().await;
    let answer = answer.unwrap();
    let attributes = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(attributes.contains("; Secure"), "{attributes}");
}

#[tokio::test]
async fn names_that_were_told_are_answered_and_no_others() {
    let gateway = TestGateway::start_with(|config| config.hosts = vec!["slipway.example".to_owned()]).await;
    for (host, expected) in [("slipway.example", 200), ("SLIPWAY.example:443", 200), ("evil.test", 421)] {
        let request = gateway.launcher(Method::GET, "/api/v1/instance").header(header::HOST, host);
        assert_eq!(request.send().await.unwrap().status().as_u16(), expected, "{host}");
    }
}

/// The program, to listen where other machines can reach it.
fn program(directory: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slipway-gateway"));
    command.env_clear().arg("--data-dir").arg(directory);
    command.args(["--listen=0.0.0.0:0", "--desktop-listen=127.0.0.1:0", "--engine-listen=127.0.0.1:0"]);
    command.args(["--tools-listen=127.0.0.1:0"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn beyond_this_machine_it_takes_an_account() {
    use std::io::{BufRead as _, BufReader};

    let directory = tempfile::tempdir().unwrap();
    let refused = program(directory.path()).output().unwrap();
    let error = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{error}");
    for part in ["0.0.0.0:0", "nobody has a password", "user add", "SLIPWAY_REACH=loopback"] {
        assert!(error.contains(part), "{error}");
    }
    let ready = |mut command: Command| {
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(line.contains("\"ready\""), "{line}");
    };
    let mut published_on_loopback = program(directory.path());
    published_on_loopback.env("SLIPWAY_REACH", "loopback");
    ready(published_on_loopback);

    let added = program(directory.path()).args(["user", "add", "Ada", "--role", "admin"]).output().unwrap();
    let told = String::from_utf8(added.stdout.clone()).unwrap();
    assert!(added.status.success(), "{told} {}", String::from_utf8_lossy(&added.stderr));
    assert!(told.starts_with("ada may log in now, as admin.\nThe password, told this once: "), "{told}");
    let again = program(directory.path()).args(["user", "add", "ada"]).output().unwrap();
    assert!(!again.status.success());
    let reset = program(directory.path()).args(["user", "reset", "ada"]).output().unwrap();
    assert!(reset.status.success());
    assert_ne!(reset.stdout, added.stdout);
    let unknown = program(directory.path()).args(["user", "reset", "bob"]).output().unwrap();
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("Nobody has the name bob."));
    ready(program(directory.path()));
}
