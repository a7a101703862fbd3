//! The part of an address after the question mark.

use std::borrow::Cow;
use std::str::FromStr;

use kadenza_api::{Error, Result, Scope, Tags};
use percent_encoding::percent_decode_str;

/// The parameters of a request's address.
#[derive(Debug)]
pub(crate) struct Parameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Parameters<'a> {
    /// Reads them from an address.
    ///
    /// # Errors
    /// [`Error::Invalid`] when they are not UTF-8, or one of them comes twice.
    pub(crate) fn of(uri: &'a http::Uri) -> Result<Self> {
        let query = uri.query().unwrap_or_default();
        percent_decode_str(query)
            .decode_utf8()
            .map_err(|_| Error::invalid("the address's parameters are not percent-encoded UTF-8"))?;
        let mut pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if pairs.iter().any(|(known, _)| *known == name) {
                return Err(Error::invalid(format!("the parameter {name} is given twice")));
            }
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// The parameter called `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// The parameter called `name`, read as a `T`.
    ///
    /// # Errors
    /// [`Error::Invalid`] that says it should be `what`.
    pub(crate) fn parse<T: FromStr>(&self, name: &str, what: &str) -> Result<Option<T>> {
        let read = |value: &str| {
            value.parse().map_err(|_| Error::invalid(format!("{name} is {what}, not {value:?}")))
        };
        self.get(name).map(read).transpose()
    }

    /// What the parameters say of a song.
    pub(crate) fn tags(&self) -> Tags {
        let text = |name| self.get(name).map(str::to_owned);
        Tags { title: text("title"), artist: text("artist"), album: text("album") }
    }

    /// What they ask to search for.
    ///
    /// # Errors
    /// [`Error::Invalid`] that names the wrong one, or the bound it is past.
    pub(crate) fn search(&self) -> Result<kadenza_api::Query> {
        let mut query = kadenza_api::Query::new(self.get("q").unwrap_or_default());
        if let Some(limit) = self.parse("limit", "a number")? {
            query.limit = limit;
        }
        if let Some(offset) = self.parse("offset", "a number")? {
            query.offset = offset;
        }
        query.scope = match self.get("scope") {
            None | Some("network") => Scope::Network,
            Some("here") => Scope::Here,
            Some(other) => return Err(Error::invalid(format!("scope is here or network, not {other:?}"))),
        };
        query.check()?;
        Ok(query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(query: &str) -> String {
        let uri = format!("/api/songs?{query}").parse().unwrap();
        let search = Parameters::of(&uri).and_then(|parameters| parameters.search());
        search.unwrap_err().to_string()
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        assert!(refusal("limit=many").contains("limit is a number, not \"many\""));
        assert!(refusal("limit=-1").contains("limit"));
        assert!(refusal("limit=0").contains("limit"));
        assert!(refusal("scope=galaxy").contains("galaxy"));
        assert!(refusal("q=a&q=b").contains("twice"));
        assert!(refusal("q=%ff").contains("UTF-8"));
    }

    #[test]
    fn words_are_decoded_and_the_space_at_their_end_stays() {
        let uri = "/api/songs?q=cr%C3%A8me+br%C3%BBl%C3%A9e+&limit=3&offset=4&scope=here".parse().unwrap();
        let query = Parameters::of(&uri).unwrap().search().unwrap();
        let wanted =
            kadenza_api::Query { words: "crème brûlée ".into(), limit: 3, offset: 4, scope: Scope::Here };
        assert_eq!(query, wanted);
    }
}
