//! Looks for single objects, also among the deleted ones.

use serde_json::Value;

use super::client::{Answer, Client};
use super::error::{Refusal, permission_to_read};
use super::request;
use crate::error::Error;

/// Ids of the objects that have a value.
pub(super) async fn find(
    client: &Client,
    object_type: &str,
    property: &str,
    value: &str,
) -> Result<Vec<String>, Error> {
    let mut url = format!(
        "{}{}",
        client.base,
        request::find(object_type, property, value).path
    );
    let mut ids = Vec::new();
    loop {
        let answer = read(
            client,
            &url,
            object_type,
            &format!("a look-up by `{property}`"),
        )
        .await?;
        ids.extend(
            objects(&answer)
                .filter_map(|object| text(object, "id"))
                .map(str::to_owned),
        );
        match text(&answer.body, "@odata.nextLink") {
            Some(link) => url = client.link(link)?,
            None => return Ok(ids),
        }
    }
}

/// Id of the deleted object that has a value: of several the one deleted last. The service is asked to
/// filter; where it refuses to, all deleted objects are read. Only users and groups can be restored.
pub(super) async fn deleted(
    client: &Client,
    object_type: &str,
    property: &str,
    value: &str,
) -> Result<Option<String>, Error> {
    if !matches!(object_type, "user" | "group") {
        return Ok(None);
    }
    let list = format!(
        "{}/directory/deletedItems/microsoft.graph.{object_type}?$select=id,deletedDateTime,{property}",
        client.base
    );
    let filter = request::encode(&request::filter(object_type, property, value));
    let filtered = format!("{list}&$filter={filter}");
    let answer = client.get(&filtered, None).await?;
    let mut page = match answer.status {
        400 | 501 => read(client, &list, object_type, "the deleted objects").await?,
        _ => accept(client, answer, object_type, "the deleted objects")?,
    };
    let mut latest: Option<(String, String)> = None;
    loop {
        for object in objects(&page).filter(|object| has(object, property, value)) {
            let Some(id) = text(object, "id") else {
                continue;
            };
            let when = text(object, "deletedDateTime").unwrap_or_default();
            if latest
                .as_ref()
                .is_none_or(|(newest, _)| newest.as_str() < when)
            {
                latest = Some((when.to_owned(), id.to_owned()));
            }
        }
        match text(&page.body, "@odata.nextLink") {
            Some(link) => {
                page = read(
                    client,
                    &client.link(link)?,
                    object_type,
                    "the deleted objects",
                )
                .await?
            }
            None => return Ok(latest.map(|(_, id)| id)),
        }
    }
}

/// Proves that the credential works and Graph answers.
pub(super) async fn check(client: &Client) -> Result<(), Error> {
    let url = format!("{}/organization?$select=id", client.base);
    let answer = client.get(&url, None).await?;
    if answer.is_success() {
        return Ok(());
    }
    Err(Refusal::of(&answer).error(
        &client.name,
        "to name the organization",
        "Organization.Read.All",
    ))
}

async fn read(
    client: &Client,
    url: &str,
    object_type: &str,
    wanted: &str,
) -> Result<Answer, Error> {
    accept(client, client.get(url, None).await?, object_type, wanted)
}

fn accept(
    client: &Client,
    answer: Answer,
    object_type: &str,
    wanted: &str,
) -> Result<Answer, Error> {
    if answer.is_success() {
        return Ok(answer);
    }
    Err(Refusal::of(&answer).error(&client.name, wanted, permission_to_read(object_type)))
}

fn objects(answer: &Answer) -> impl Iterator<Item = &Value> {
    answer
        .body
        .get("value")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn text<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str)
}

fn has(object: &Value, property: &str, value: &str) -> bool {
    match object.get(property) {
        Some(Value::String(text)) => text == value,
        Some(Value::Array(items)) => items.iter().any(|item| item.as_str() == Some(value)),
        _ => false,
    }
}
