//! Parts of lists that are answered as arrays: how much is asked for, and where the rest is.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde::{Deserialize, Serialize};

use super::{ApiError, ApiResult};

/// Which part of a list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct PartQuery {
    /// Where the part before ended: `after` of the address in its `Link` header.
    pub after: Option<String>,
    /// How many items at most, from 1 to 1000.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
}

/// Most items of a part.
pub const MOST: u32 = 1000;

/// How many items are asked for, 1 to `most`; `usual` when that is not said.
///
/// # Errors
/// When it is another number.
pub fn limit(asked: Option<u32>, usual: u32, most: u32) -> ApiResult<u32> {
    limit_named("limit", asked, usual, most)
}

/// The same for a parameter of another name.
///
/// # Errors
/// When it is another number.
pub fn limit_named(name: &str, asked: Option<u32>, usual: u32, most: u32) -> ApiResult<u32> {
    match asked {
        None => Ok(usual),
        Some(asked) if (1..=most).contains(&asked) => Ok(asked),
        Some(asked) => Err(ApiError::invalid(format!("`{name}` is {asked}, but must be 1 to {most}."))),
    }
}

/// A part of a list. Where more follows, `Link` has the address of it (RFC 8288, `rel="next"`).
#[derive(Debug)]
pub struct Part<T> {
    items: Vec<T>,
    next: Option<String>,
}

impl<T> Part<T> {
    /// The first `limit` of `items`, which holds one more when more follow; `key` tells where a part ends that
    /// ends with an item.
    pub fn of(mut items: Vec<T>, limit: u32, key: impl FnOnce(&T) -> String) -> Self {
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let last = items.last().filter(|_| more).map(key);
        Self::ending(items, limit as usize, last, limit)
    }

    /// The first `count` of `items`; what follows begins after `last`, `limit` items at a time.
    pub fn ending(mut items: Vec<T>, count: usize, last: Option<String>, limit: u32) -> Self {
        items.truncate(count);
        // Keys are ids and numbers: nothing in them has to be quoted.
        Self { items, next: last.map(|last| format!("<?after={last}&limit={limit}>; rel=\"next\"")) }
    }

    /// The part behind the item whose key is `after`, of a list that is there as a whole.
    ///
    /// # Errors
    /// When there is no such item.
    pub fn behind(
        mut all: Vec<T>,
        after: Option<&str>,
        limit: u32,
        key: impl Fn(&T) -> String,
    ) -> ApiResult<Self> {
        let from = match after {
            None => 0,
            Some(after) => match all.iter().position(|item| key(item) == after) {
                Some(found) => found + 1,
                None => return Err(ApiError::invalid("`after` is not an item of the list.")),
            },
        };
        Ok(Self::of(all.split_off(from), limit, key))
    }

    /// The items, and where the following part begins, for lists that say so in their body.
    pub fn into_page(self, key: impl FnOnce(&T) -> String) -> (Vec<T>, Option<String>) {
        let next = self.next.and_then(|_| self.items.last().map(key));
        (self.items, next)
    }

    /// What each item becomes.
    pub fn map<R>(self, change: impl FnMut(T) -> R) -> Part<R> {
        Part { items: self.items.into_iter().map(change).collect(), next: self.next }
    }
}

impl<T: Serialize> IntoResponse for Part<T> {
    fn into_response(self) -> Response {
        let link = self.next.and_then(|next| HeaderValue::from_str(&next).ok());
        let mut response = Json(self.items).into_response();
        if let Some(link) = link {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(part: Part<u32>) -> Option<String> {
        let response = part.into_response();
        response.headers().get(header::LINK).map(|link| link.to_str().unwrap().to_owned())
    }

    #[test]
    fn parts_lead_from_one_to_the_next_until_the_last() {
        let part = |after: Option<&str>| Part::behind(vec![3, 1, 4, 5], after, 2, u32::to_string);
        let first = part(None).unwrap();
        assert_eq!(first.items, [3, 1]);
        assert_eq!(link(first).as_deref(), Some("<?after=1&limit=2>; rel=\"next\""));
        let second = part(Some("1")).unwrap();
        assert_eq!(second.items, [4, 5]);
        assert_eq!(link(second), None);
        assert!(part(Some("2")).is_err());
        assert_eq!(part(Some("5")).unwrap().items, [0; 0]);
    }

    #[test]
    fn numbers_that_make_no_sense_are_refused() {
        assert_eq!(limit(None, 5, 10).unwrap(), 5);
        assert_eq!(limit(Some(10), 5, 10).unwrap(), 10);
        assert!(limit(Some(0), 5, 10).is_err() && limit(Some(11), 5, 10).is_err());
    }
}
