//! What is wrong with an input, field by field, in words for the person who typed it.

use std::borrow::Cow;

/// One thing to correct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The name of the form field.
    pub field: Cow<'static, str>,
    /// A Japanese sentence: what is wrong and what is allowed.
    pub message: Cow<'static, str>,
}

/// Everything to correct. Empty means that the input is good.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Nothing wrong so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Exactly one problem.
    pub fn one(field: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        let mut problems = Self::new();
        problems.add(field, message);
        problems
    }

    /// Notes a problem.
    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) {
        self.0.push(Problem { field: field.into(), message: message.into() });
    }

    /// Keeps the value of a good result; notes the problem of a bad one under `field`.
    pub fn take<T, M: Into<Cow<'static, str>>>(&mut self, field: &'static str, result: Result<T, M>) -> Option<T> {
        result.map_err(|message| self.add(field, message)).ok()
    }

    /// The first problem of a field.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|p| p.field == field).map(|p| p.message.as_ref())
    }

    /// All problems in the order they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the input is good.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `value` when nothing is wrong.
    ///
    /// # Errors
    /// The problems, when there are any.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}
