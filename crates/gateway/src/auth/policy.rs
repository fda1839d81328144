//! What each role may do: one table for all routes.

use http::Method;
use slipway_protocol::Problem;
use slipway_protocol::api::Role;

/// Routes that need another role than their method says, by their path under `/api/v1`. A path that ends in `/`
/// stands for all that begin with it.
const OTHERWISE: [(&str, &[Method], Role); 21] = [
    // About oneself.
    ("/session", &[Method::POST, Method::DELETE], Role::Viewer),
    ("/sessions", &[Method::DELETE], Role::Viewer),
    ("/sessions/", &[Method::DELETE], Role::Viewer),
    ("/account", &[Method::PATCH], Role::Viewer),
    ("/account/password", &[Method::PUT], Role::Viewer),
    ("/events/{stream}/topics", &[Method::POST], Role::Viewer),
    // A preview lets whoever looks at it use the agent's server.
    ("/ports/{port}/preview", &[Method::GET], Role::Member),
    ("/ports/{port}/preview/", &[Method::GET], Role::Member),
    // Who types into a shell changes things.
    ("/conversations/{id}/terminals", &[Method::GET], Role::Member),
    ("/conversations/{id}/terminals/", &[Method::GET], Role::Member),
    // What holds for everybody.
    ("/backup", &[Method::GET, Method::PUT], Role::Admin),
    ("/settings", &[Method::PUT, Method::PATCH], Role::Admin),
    ("/settings/", &[Method::PUT, Method::PATCH], Role::Admin),
    ("/sandbox/", &[Method::PUT, Method::POST], Role::Admin),
    ("/providers/", &[Method::PUT, Method::DELETE, Method::POST], Role::Admin),
    ("/secret-key", &[Method::GET], Role::Admin),
    ("/secret-key/", &[Method::POST], Role::Admin),
    ("/diagnostics", &[Method::GET], Role::Admin),
    ("/people", &[Method::GET, Method::POST], Role::Admin),
    ("/people/", &[Method::GET, Method::POST, Method::PATCH, Method::PUT, Method::DELETE], Role::Admin),
    ("/session/links", &[Method::POST], Role::Admin),
];

/// The role that a route takes: looking is for everybody, changing for members, unless [`OTHERWISE`] says more.
/// `route` is the path's pattern, `None` where no route is.
pub(crate) fn needed(method: &Method, route: Option<&str>) -> Role {
    let path = route.and_then(|route| route.strip_prefix("/api/v1"));
    let fits = |known: &str| {
        path.is_some_and(|path| path == known || (known.ends_with('/') && path.starts_with(known)))
    };
    let said = OTHERWISE.iter().find(|(known, methods, _)| fits(known) && methods.contains(method));
    match said {
        Some((_, _, role)) => *role,
        None if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) => Role::Viewer,
        None => Role::Member,
    }
}

/// What somebody is told whose role is too small (403).
pub(crate) fn refused(has: Role, needed: Role) -> Problem {
    Problem::new(403, "role_too_small", "Your account may not do this")
        .detail(format!("It takes the role {}, and yours is {}.", needed.name(), has.name()))
        .hint("Ask somebody who administers this instance.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_is_for_everybody_and_changing_for_members_unless_said_otherwise() {
        for (method, route, role) in [
            (Method::GET, Some("/api/v1/conversations/{id}"), Role::Viewer),
            (Method::DELETE, Some("/api/v1/conversations/{id}"), Role::Member),
            (Method::POST, Some("/api/v1/something/new"), Role::Member),
            (Method::GET, None, Role::Viewer),
            (Method::PUT, Some("/api/v1/settings/search"), Role::Admin),
            (Method::GET, Some("/api/v1/settings/search"), Role::Viewer),
            (Method::PATCH, Some("/api/v1/settings"), Role::Admin),
            (Method::POST, Some("/api/v1/providers/{id}/test"), Role::Admin),
            (Method::GET, Some("/api/v1/people"), Role::Admin),
            (Method::POST, Some("/api/v1/people/{id}/password"), Role::Admin),
            (Method::DELETE, Some("/api/v1/sessions/{id}"), Role::Viewer),
            (Method::GET, Some("/api/v1/ports/{port}/preview"), Role::Member),
            (Method::GET, Some("/api/v1/ports/{port}/preview/frame"), Role::Member),
            (Method::GET, Some("/api/v1/conversations/{id}/terminals"), Role::Member),
            (Method::GET, Some("/api/v1/conversations/{id}/terminals/{terminal_id}/stream"), Role::Member),
            (Method::GET, Some("/api/v1/conversations/{id}/processes"), Role::Viewer),
        ] {
            assert_eq!(needed(&method, route), role, "{method} {route:?}");
        }
    }
}
