use super::*;
use serde_json::{Value, json};

fn read(text: &str) -> Result<Value, String> {
    let mut documents: Vec<Document> = documents(text.as_bytes()).collect();
    assert!(documents.len() <= 1, "{text:?}: {documents:?}");
    match documents.pop() {
        None => Ok(Value::Null),
        Some(document) => document
            .content
            .map(|content| content.map_or(Value::Null, Spanned::into_json))
            .map_err(|error| error.to_string()),
    }
}

#[test]
fn first() {
    assert_eq!(read("a: yes\n").unwrap(), json!({"a": true}));
}
