//! Pages of a list: a cursor after the last item seen and a limit, never an offset and never a count.

use std::str::FromStr;

use super::error::ServiceError;

/// Items a page where nothing was asked for.
pub const DEFAULT_LIMIT: u32 = 50;
/// The most items a page may hold.
pub const MAX_LIMIT: u32 = 200;

/// Which page is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// The cursor that the page before gave; none for the first page.
    pub after: Option<String>,
    /// How many items at most: 1 to 200.
    pub limit: u32,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { after: None, limit: DEFAULT_LIMIT }
    }
}

impl PageRequest {
    /// The first page with this many items at most.
    #[must_use]
    pub const fn first(limit: u32) -> Self {
        Self { after: None, limit }
    }
    /// The page after a cursor.
    #[must_use]
    pub fn after(mut self, cursor: impl Into<String>) -> Self {
        self.after = Some(cursor.into());
        self
    }
    /// How many rows to read: one more than the page holds, which tells whether another page follows.
    #[must_use]
    pub fn rows(&self) -> i64 {
        i64::from(self.items()) + 1
    }
    fn items(&self) -> u32 {
        self.limit.clamp(1, MAX_LIMIT)
    }
    /// The cursor as an id.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] for a cursor that no page gave.
    pub fn after_id<I: FromStr>(&self) -> Result<Option<I>, ServiceError> {
        let Some(cursor) = &self.after else { return Ok(None) };
        match cursor.parse() {
            Ok(id) => Ok(Some(id)),
            Err(_) => Err(ServiceError::field(
                "after",
                "page.cursor",
                "This cursor is not one that a page gave; start at the first page",
            )),
        }
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// The cursor of the page that follows; none on the last page.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page of what [`PageRequest::rows`] rows were asked for; `key` gives an item's cursor.
    pub fn of(mut items: Vec<T>, request: &PageRequest, key: impl Fn(&T) -> String) -> Self {
        let limit = request.items() as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(key) } else { None };
        Self { items, next }
    }
    /// The same page with each item turned into something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_knows_whether_another_follows() {
        let request = PageRequest::first(3);
        assert_eq!(request.rows(), 4);
        let full = Page::of(vec![1, 2, 3, 4], &request, ToString::to_string);
        assert_eq!(full, Page { items: vec![1, 2, 3], next: Some("3".into()) });
        assert_eq!(Page::of(vec![1, 2, 3], &request, ToString::to_string).next, None);
        assert_eq!(Page::<i32>::of(vec![], &request, ToString::to_string).next, None);
    }

    #[test]
    fn limits_and_cursors_have_bounds() {
        assert_eq!(PageRequest::first(0).rows(), 2);
        assert_eq!(PageRequest::first(100_000).rows(), 201);
        let bad = PageRequest::default().after("nonsense").after_id::<crate::domain::id::UnitId>();
        assert!(matches!(bad, Err(ServiceError::Invalid(_))));
    }
}
