//! Reads the layers (default, file, environment) and lays them over one another. Each is compared with the default first: the default
//! holds every key with a value of its type, so it is the schema, and a fault is named by its key and its origin.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use confique::{Config as _, Layer as _};
use serde::Deserialize;
use toml::{Table, Value};

use super::{Config, ConfigError, dkim_key};

/// The default configuration with its comments: what a newcomer may copy.
pub const DEFAULT_TOML: &str = include_str!("../../config/default.toml");

/// What every variable of ours begins with.
const PREFIX: &str = "GAUNG__";

/// The one key whose items are tables.
const LIST_OF_TABLES: &str = "mail.dkim";

/// What to do about a variable that names no key.
const NAMING: &str = "variables are named GAUNG__SECTION__KEY after the keys of config/default.toml";

type Layer = <Config as confique::Config>::Layer;

/// The default, the file and the environment, merged; not checked yet.
pub(super) fn merge(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Config, ConfigError> {
    let schema = table(DEFAULT_TOML, "the default")?;
    let mut merged = Layer::empty();
    for (table, origin) in from_environment(environment, &schema)? {
        merged = merged.with_fallback(layer(table, &origin)?);
    }
    if let Some(path) = file {
        let origin = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        let table = table(text.trim_start_matches('\u{feff}'), &origin)?;
        compare(&table, &schema, "", &origin)?;
        merged = merged.with_fallback(layer(table, &origin)?);
    }
    let merged = merged.with_fallback(layer(schema, "the default")?);
    Config::from_layer(merged).map_err(|e| ConfigError::invalid("configuration", e.to_string()))
}

fn table(text: &str, origin: &str) -> Result<Table, ConfigError> {
    text.parse::<Table>().map_err(|e| {
        let before = e.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        ConfigError::Syntax { origin: origin.to_owned(), line: before.matches('\n').count() + 1, problem: e.message().to_owned() }
    })
}

fn layer(table: Table, origin: &str) -> Result<Layer, ConfigError> {
    // The types were compared, so what remains is a value out of range; the reader names its key after the first line.
    Layer::deserialize(table).map_err(|e| {
        let text = e.to_string();
        let key = text.rsplit_once("in `").map_or("", |(_, key)| key.trim_end_matches(['`', '\n']));
        let key = if key.is_empty() { origin.to_owned() } else { format!("{origin}: {key}") };
        ConfigError::Invalid { key, problem: e.message().to_owned() }
    })
}

/// Every key must be one of the schema's, with a value of the same type.
fn compare(given: &Table, schema: &Table, section: &str, origin: &str) -> Result<(), ConfigError> {
    for (name, value) in given {
        let key = if section.is_empty() { name.clone() } else { format!("{section}.{name}") };
        match (schema.get(name), value) {
            (None, _) => return Err(unknown(&key, schema, section, origin)),
            (Some(Value::Table(inner)), Value::Table(given)) => compare(given, inner, &key, origin)?,
            (Some(Value::Array(_)), Value::Array(items)) if items.iter().all(Value::is_str) => {}
            (Some(Value::Array(_)), Value::Array(items)) if key == LIST_OF_TABLES => {
                items.iter().try_for_each(|item| compare_item(item, &key, origin))?;
            }
            (Some(expected), value) if expected.same_type(value) && !value.is_array() => {}
            (Some(expected), _) => {
                return Err(ConfigError::WrongType { origin: origin.to_owned(), key, expected: kind(expected) });
            }
        }
    }
    Ok(())
}

/// A list of tables has no default item to compare with, so each must have exactly these keys, all of them texts.
fn compare_item(item: &Value, key: &str, origin: &str) -> Result<(), ConfigError> {
    let wrong = |key: String, expected| ConfigError::WrongType { origin: origin.to_owned(), key, expected };
    let Some(table) = item.as_table() else {
        return if item.is_str() { Ok(()) } else { Err(wrong(key.to_owned(), "a list of sections, as [[mail.dkim]]")) };
    };
    if let Some(name) = table.keys().find(|name| !dkim_key::FIELDS.contains(&name.as_str())) {
        let hint = format!("the keys of [[{key}]] are {}", dkim_key::FIELDS.join(", "));
        return Err(ConfigError::UnknownKey { origin: origin.to_owned(), key: format!("{key}.{name}"), hint });
    }
    for field in dkim_key::FIELDS {
        match table.get(field) {
            Some(Value::String(_)) => {}
            Some(_) => return Err(wrong(format!("{key}.{field}"), "text in quotation marks")),
            None => return Err(ConfigError::invalid(&format!("{key}.{field}"), "is missing")),
        }
    }
    Ok(())
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text in quotation marks",
        Value::Integer(_) => "a whole number",
        Value::Boolean(_) => "true or false",
        Value::Array(_) => "a list of texts",
        Value::Table(_) => "a section",
        Value::Float(_) => "a number",
        Value::Datetime(_) => "a date and time",
    }
}

fn unknown(key: &str, schema: &Table, section: &str, origin: &str) -> ConfigError {
    let known = schema.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let place = if section.is_empty() { "the sections".to_owned() } else { format!("the keys of [{section}]") };
    ConfigError::UnknownKey { origin: origin.to_owned(), key: key.to_owned(), hint: format!("{place} are {known}") }
}

/// One small layer for each variable of ours, so that a fault can be named by its variable.
fn from_environment(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    schema: &Table,
) -> Result<Vec<(Table, String)>, ConfigError> {
    let ours: BTreeMap<_, _> = environment
        .into_iter()
        .filter_map(|(name, value)| name.into_string().ok().filter(|n| n.starts_with(PREFIX)).map(|n| (n, value)))
        .collect();
    let mut layers = Vec::with_capacity(ours.len());
    for (name, value) in ours {
        let path: Vec<String> = name.trim_start_matches(PREFIX).split("__").map(str::to_lowercase).collect();
        let key = path.join(".");
        let value = value
            .into_string()
            .map_err(|_| ConfigError::Invalid { key: name.clone(), problem: "its value is not UTF-8".into() })?;
        let expected = find(schema, &path).ok_or_else(|| ConfigError::UnknownKey {
            origin: name.clone(),
            key: key.clone(),
            hint: NAMING.to_owned(),
        })?;
        let value = read(&value, expected).ok_or_else(|| ConfigError::WrongType {
            origin: name.clone(),
            key,
            expected: kind(expected),
        })?;
        layers.push((nest(&path, value), name));
    }
    Ok(layers)
}

fn find<'a>(schema: &'a Table, path: &[String]) -> Option<&'a Value> {
    let (last, sections) = path.split_last()?;
    let mut table = schema;
    for section in sections {
        table = table.get(section)?.as_table()?;
    }
    table.get(last).filter(|value| !value.is_table())
}

/// A variable's text as a value of the expected type; lists are separated by commas.
fn read(text: &str, expected: &Value) -> Option<Value> {
    match expected {
        Value::String(_) => Some(Value::String(text.to_owned())),
        Value::Integer(_) => text.trim().parse().ok().map(Value::Integer),
        Value::Boolean(_) => text.trim().parse().ok().map(Value::Boolean),
        Value::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            let item = |text: &str| text.parse().map_or_else(|_| Value::String(text.to_owned()), Value::Integer);
            Some(Value::Array(items.map(item).collect()))
        }
        _ => None,
    }
}

fn nest(path: &[String], value: Value) -> Table {
    let mut nested = value;
    let mut table = Table::new();
    for name in path.iter().rev() {
        table = Table::new();
        table.insert(name.clone(), nested);
        nested = Value::Table(table.clone());
    }
    table
}
