//! The query string as a typed value. A parameter that is unknown, of the wrong form or repeated where one is meant is a
//! 400 that names it.

use std::vec;

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::json;

use super::language::{LanguageRead, PARAMETER};
use super::reason;
use crate::http::ApiError;
use crate::http::error::Fields;

type Error = de::value::Error;

/// The query string as `T`: `Option` members may be absent, `Vec` members (with `#[serde(default)]`) may be repeated.
/// `T` must not use `#[serde(flatten)]`, which hides unknown parameters and the types of numbers.
#[derive(Debug, Clone, Copy)]
pub struct ApiQuery<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for ApiQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let language_is_read = parts.extensions.get::<LanguageRead>().is_some();
        parse(parts.uri.query().unwrap_or_default(), |name| language_is_read && name == PARAMETER).map(Self)
    }
}

/// `is_read` names parameters that another extractor took.
fn parse<T: DeserializeOwned>(query: &str, is_read: impl Fn(&str) -> bool) -> Result<T, ApiError> {
    let mut parameters: Vec<(String, Values)> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| !is_read(name)) {
        match parameters.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.0.push(value.into_owned()),
            None => parameters.push((name.into_owned(), Values(vec![value.into_owned()]))),
        }
        if parameters.len() > 100 {
            return Err(ApiError::bad_request("The query holds more than 100 parameters."));
        }
    }
    let mut unknown = Vec::new();
    let mut track = serde_path_to_error::Track::new();
    let input = MapDeserializer::<_, Error>::new(parameters.into_iter());
    let result: Result<T, Error> =
        serde_ignored::deserialize(serde_path_to_error::Deserializer::new(input, &mut track), |path| {
            unknown.push(reason::ignored_path(&path))
        });
    let mut fields = Fields::new();
    if let Err(error) = &result {
        let (field, problem) = reason::explain(&reason::failed_path(&track.path()), &error.to_string());
        fields.insert(field, json!([problem]));
    }
    reason::add_unknown(&mut fields, unknown, "is not a known parameter");
    match result {
        Ok(value) if fields.is_empty() => Ok(value),
        _ => Err(ApiError::bad_query(fields)),
    }
}

/// All values of one parameter; never empty.
struct Values(Vec<String>);

impl Values {
    fn only(mut self) -> Result<String, Error> {
        match (self.0.pop(), self.0.is_empty()) {
            (Some(value), true) => Ok(value),
            _ => Err(de::Error::custom("is given more than once")),
        }
    }
}

impl IntoDeserializer<'_, Error> for Values {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident $visit:ident $type:ty, $expected:literal;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let value: $type = self.only()?.parse().map_err(|_| <Error as de::Error>::custom($expected))?;
            visitor.$visit(value)
        }
    )+};
}

impl<'de> Deserializer<'de> for Values {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.only()?)
    }

    parsed! {
        deserialize_bool visit_bool bool, "must be true or false";
        deserialize_i8 visit_i8 i8, "must be a whole number";
        deserialize_i16 visit_i16 i16, "must be a whole number";
        deserialize_i32 visit_i32 i32, "must be a whole number";
        deserialize_i64 visit_i64 i64, "must be a whole number";
        deserialize_u8 visit_u8 u8, "must be a whole number, 0 or more";
        deserialize_u16 visit_u16 u16, "must be a whole number, 0 or more";
        deserialize_u32 visit_u32 u32, "must be a whole number, 0 or more";
        deserialize_u64 visit_u64 u64, "must be a whole number, 0 or more";
        deserialize_f64 visit_f64 f64, "must be a number";
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let values: Vec<Self> = self.0.into_iter().map(|value| Self(vec![value])).collect();
        visitor.visit_seq(SeqDeserializer::<vec::IntoIter<Self>, Error>::new(values.into_iter()))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let variant: de::value::StringDeserializer<Error> = self.only()?.into_deserializer();
        variant.deserialize_enum(name, variants, visitor)
    }

    /// An unknown parameter may be repeated; it is refused for being unknown.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i128 u128 f32 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier
    }
}
