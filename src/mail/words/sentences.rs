//! Sentences that are text with values in it, and nothing else: taken apart once, put together for each mail. What has plurals, choices or
//! references stays with Fluent, which finds, resolves and formats a message anew each time.

use std::collections::HashMap;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, PatternElement};
use fluent_syntax::parser;

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Value(String),
}

/// The plain sentences of a words file, by key.
#[derive(Debug, Default)]
pub(super) struct Sentences(HashMap<String, Vec<Piece>>);

impl Sentences {
    /// Those of a Fluent resource. What does not parse, Fluent itself tells of.
    pub fn of(source: &'static str) -> Self {
        let resource = parser::parse(source).unwrap_or_else(|(resource, _)| resource);
        let mut sentences = HashMap::new();
        for entry in resource.body {
            let Entry::Message(message) = entry else { continue };
            let pieces = message.value.and_then(|value| value.elements.iter().map(piece).collect::<Option<Vec<Piece>>>());
            if let Some(pieces) = pieces {
                sentences.insert(message.id.name.to_owned(), pieces);
            }
        }
        Self(sentences)
    }

    /// The sentence of `key` with its values; none where it is no plain sentence or a value is missing.
    pub fn fill(&self, key: &str, values: &[(&'static str, &str)]) -> Option<String> {
        let pieces = self.0.get(key)?;
        let mut text = String::with_capacity(160);
        for piece in pieces {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Value(name) => text.push_str(values.iter().find(|(known, _)| known == name)?.1),
            }
        }
        Some(text)
    }

    /// Every key.
    #[cfg(test)]
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

fn piece(element: &PatternElement<&'static str>) -> Option<Piece> {
    match element {
        PatternElement::TextElement { value } => Some(Piece::Text((*value).to_owned())),
        PatternElement::Placeable { expression: Expression::Inline(InlineExpression::VariableReference { id }) } => {
            Some(Piece::Value(id.name.to_owned()))
        }
        PatternElement::Placeable { .. } => None,
    }
}
