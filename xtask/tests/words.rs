//! The page's words are in its catalogues, all of them, and each catalogue has all of them.
#![expect(clippy::unwrap_used, reason = "a tree that cannot be read is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{Entry, Resource};
use fluent_syntax::{parser, serializer};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

const LANGUAGES: [&str; 2] = ["en", "es"];

/// Literals of the page's that look like words, and are names: the same in every language, or known to programs only.
const NAMES: [&str; 9] =
    ["ArrowLeft", "ArrowRight", "Files", "Kadenza", "NotAllowedError", "Ogg", "Opus", "RoomLink(..)", "WebM"];

/// Attributes and properties whose values people read or hear.
const SAID: [&str; 8] =
    ["alt", "description", "label", "placeholder", "roledescription", "text", "title", "valuetext"];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The messages of a catalogue: attributes and variables of each.
fn catalogue(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let path = repository().join(format!("app/locales/{language}.ftl"));
    let resource = parser::parse(fs::read_to_string(path).unwrap())
        .unwrap_or_else(|(_, errors)| panic!("{language}.ftl: {errors:?}"));
    let mut messages = BTreeMap::new();
    for entry in resource.body {
        let Entry::Message(message) = &entry else { continue };
        let id = message.id.name.clone();
        assert!(message.value.is_some(), "{language}.ftl: {id} says nothing");
        let attributes =
            message.attributes.iter().map(|attribute| format!(".{}", attribute.id.name)).collect();
        let used = variables(&serializer::serialize(&Resource { body: vec![entry] }));
        let before = messages.insert(id.clone(), &attributes | &used);
        assert_eq!(before, None, "{language}.ftl has {id} twice");
    }
    messages
}

fn variables(message: &str) -> BTreeSet<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let after = message.split('$').skip(1);
    after.map(|rest| rest.chars().take_while(|c| is_name(*c)).collect()).collect()
}

/// The page's sources without their tests, as (path from the repository's folder, tokens).
fn sources() -> Vec<(String, TokenStream)> {
    let mut files = Vec::new();
    walk(&repository().join("app/src"), &mut files);
    let is_test = |path: &Path| path.ends_with("tests.rs") || path.iter().any(|folder| folder == "tests");
    let product = files.into_iter().filter(|path| !is_test(path));
    product
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap().parse().unwrap();
            (path.strip_prefix(repository()).unwrap().to_string_lossy().into_owned(), code)
        })
        .collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn is_punct(token: Option<&TokenTree>, punct: char) -> bool {
    matches!(token, Some(TokenTree::Punct(found)) if found.as_char() == punct)
}

/// Whether what follows is what the macro `name` is called with.
fn calls(before: &[TokenTree], name: &str) -> bool {
    let [.., TokenTree::Ident(called), bang] = before else { return false };
    called == name && is_punct(Some(bang), '!')
}

/// The text of a literal that is a string.
fn string(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else { return None };
    let literal = literal.to_string();
    Some(literal.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

/// All calls of `t!`: the message, and the names of what stands in it.
fn messages(code: TokenStream, found: &mut Vec<(String, BTreeSet<String>)>) {
    let tokens: Vec<_> = code.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        if calls(&tokens[..at], "t") {
            found.extend(message(group));
        }
        messages(group.stream(), found);
    }
}

fn message(call: &Group) -> Option<(String, BTreeSet<String>)> {
    let tokens: Vec<_> = call.stream().into_iter().collect();
    let mut parts = tokens.split(|token| is_punct(Some(token), ',')).skip(1);
    let id = parts.next()?.first().and_then(string)?;
    Some((id, parts.filter_map(|part| Some(part.first()?.to_string())).collect()))
}

/// String literals that somebody would read.
fn words(code: TokenStream, found: &mut Vec<String>) {
    let tokens: Vec<_> = code.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let before = &tokens[..at];
        let previous = before.last();
        if let TokenTree::Group(group) = token {
            let is_attribute = group.delimiter() == Delimiter::Bracket
                && (is_punct(previous, '#')
                    || is_punct(previous, '!') && is_punct(before.iter().nth_back(1), '#'));
            if !is_attribute && !calls(before, "classes") {
                words(group.stream(), found);
                found.extend(alone(group).filter(|text| has_letter(text) && !is_words(text)));
            }
            continue;
        }
        let given = match before {
            [.., TokenTree::Ident(name), equals] if is_punct(Some(equals), '=') => name.to_string(),
            _ => String::new(),
        };
        found.extend(string(token).filter(|text| {
            given != "class" && (is_words(text) || SAID.contains(&&*given) && has_letter(text))
        }));
    }
    found.retain(|text| !NAMES.contains(&&**text));
}

/// The string that is all there is in braces, as a text of the page is.
fn alone(group: &Group) -> Option<String> {
    let tokens: Vec<_> = group.stream().into_iter().collect();
    match (group.delimiter(), &*tokens) {
        (Delimiter::Brace, [only]) => string(only),
        _ => None,
    }
}

fn has_letter(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// Whether it reads like words, and not like a selector: two of them in a row, or one with a capital.
fn is_words(text: &str) -> bool {
    if text.contains('[') {
        return false;
    }
    let is_word = |word: &str| word.chars().count() > 1 && word.chars().all(char::is_alphabetic);
    let words: Vec<_> = text
        .split(' ')
        .map(|word| word.trim_matches(|c: char| !c.is_alphabetic() && c != '{' && c != '}'))
        .collect();
    let in_a_row = words.windows(2).any(|pair| pair.iter().all(|word| is_word(word)));
    let named = words.iter().any(|word| {
        word.starts_with(char::is_uppercase) && is_word(word) && word.chars().skip(1).all(char::is_lowercase)
    });
    in_a_row || named
}

fn words_in(code: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    words(code, &mut found);
    found
}

#[test]
fn every_catalogue_has_the_same_messages_with_the_same_variables() {
    let [english, others @ ..] = LANGUAGES.map(catalogue);
    for (language, other) in LANGUAGES[1..].iter().zip(others) {
        for id in english.keys().chain(other.keys()) {
            assert_eq!(english.get(id), other.get(id), "{id} is not the same in en.ftl and {language}.ftl");
        }
    }
}

#[test]
fn every_message_is_said_somewhere_and_whatever_is_said_is_there_with_its_variables() {
    let (catalogue, mut said) = (catalogue(LANGUAGES[0]), Vec::new());
    sources().into_iter().for_each(|(_, code)| messages(code, &mut said));
    for (id, given) in &said {
        assert_eq!(Some(given), catalogue.get(id), "what t!(…, \"{id}\") is given, and what its message has");
    }
    let said: BTreeSet<_> = said.into_iter().map(|(id, _)| id).collect();
    let idle: Vec<_> = catalogue.into_keys().filter(|id| !said.contains(id)).collect();
    assert_eq!(idle, [] as [String; 0], "messages that nothing says");
}

#[test]
fn no_words_are_left_in_the_code() {
    let left = sources().into_iter().map(|(path, code)| (path, words_in(code)));
    let left: Vec<_> = left.filter(|(_, words)| !words.is_empty()).collect();
    assert_eq!(left, [], "these belong into app/locales/");
}

#[test]
fn words_are_found_wherever_somebody_would_write_them() {
    for (code, word) in [
        (r#"html! { <p>{ "done" }</p> }"#, "done"),
        (r#"html! { <p title="close" /> }"#, "close"),
        (r#"html! { <button aria-label="mute"><Icon /></button> }"#, "mute"),
        (r#"html! { <Field label={"name"} /> }"#, "name"),
        (r#"let summary = format!("{done} of them are in");"#, "{done} of them are in"),
        (r#"button("Previous", Shape::Previous)"#, "Previous"),
        (r#"const NOBODY: &str = "no one, for now";"#, "no one, for now"),
        (r#"Err("¿Quién?".into())"#, "¿Quién?"),
    ] {
        assert_eq!(words_in(code.parse().unwrap()), [word], "{code}");
    }
    for code in [
        r#"/// A doc comment with Words in it."#,
        r#"#[expect(clippy::cast_precision_loss, reason = "it is rounded anyway")] fn f() {}"#,
        r#"html! { <p class="button prominent">{ t!(words, "close") }</p> }"#,
        r#"classes!("round small", wide.then_some("wide"))"#,
        r#"query_selector("[data-song]")"#,
        r#"html! { <path d="M4 4.5h16v6H4z" role="img" /> }"#,
        r#"format!("{from} 62% {hours}:{minutes:02}")"#,
        r#"html! { <h1>{ "Kadenza" }</h1> }"#,
    ] {
        assert_eq!(words_in(code.parse().unwrap()), [] as [&str; 0], "{code}");
    }
}

#[test]
fn the_page_starts_in_every_language() {
    let page = fs::read_to_string(repository().join("static/index.html")).unwrap();
    let (starting, without_scripts) = page.split_once("<noscript>").unwrap();
    for language in LANGUAGES {
        for (part, element) in [(starting, "div"), (without_scripts, "p")] {
            let said = format!(r#"<{element} class="splash" lang="{language}">"#);
            assert!(part.contains(&said), "index.html lacks {said}");
        }
    }
}
