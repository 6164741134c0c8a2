//! The pages of a list, in Kinde's two ways: by `next_token`, and after or before a record. Records are in a stable
//! order, so the pages of one list have each of them once.
//!
//! Kinde's OpenAPI file of the management API (`page_size`, `next_token`, `starting_after`, `ending_before`, `sort`).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{answer::Refusal, call::Call};

/// The number of records on a page, unless the request has another.
const DEFAULT_PAGE_SIZE: usize = 10;

/// Cuts a page by the parameters `page_size` and `next_token`. Returns it with the token of the next one, or null.
/// Records are told apart by the member `id`.
pub(super) fn by_token(call: &Call, records: Vec<Value>, id: &str) -> Result<(Vec<Value>, Value), Refusal> {
    let size = page_size(call)?;
    let start = match call.query("next_token") {
        Some(token) => start_after(token, &records, id)?,
        None => 0,
    };
    let end = (start + size).min(records.len());
    let next = (end < records.len()).then(|| {
        let last = records[end - 1][id].as_str().unwrap_or_default();
        URL_SAFE_NO_PAD.encode(format!("{}:{last}", end - 1))
    });
    let page = records.into_iter().skip(start).take(size).collect();
    Ok((page, json!(next)))
}

/// Returns where the page after the last record of another page begins. If that record is gone, the next one is in its
/// place.
fn start_after(token: &str, records: &[Value], id: &str) -> Result<usize, Refusal> {
    let decoded = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let parts = decoded.as_deref().and_then(|text| text.split_once(':'));
    let last = parts.and_then(|(index, last)| Some((index.parse::<usize>().ok()?, last)));
    let (index, last) = last.ok_or_else(|| Refusal::field("next_token", "this is no token of a page"))?;
    let position = records.iter().position(|record| record[id] == last);
    Ok(position.map_or(index, |position| position + 1).min(records.len()))
}

/// Cuts a page by the parameters `page_size`, `starting_after` and `ending_before`. Returns it with whether there are
/// more records in its direction.
pub(super) fn by_record(call: &Call, records: Vec<Value>) -> Result<(Vec<Value>, bool), Refusal> {
    let size = page_size(call)?;
    let index_of = |name: &'static str, wanted: &str| {
        let index = records.iter().position(|record| record["id"] == wanted);
        index.ok_or_else(|| Refusal::field(name, "there is no such record"))
    };
    let (start, end, has_more) = match (call.query("starting_after"), call.query("ending_before")) {
        (Some(_), Some(_)) => return Err(Refusal::field("ending_before", "starting_after is there too")),
        (None, Some(id)) => {
            let end = index_of("ending_before", id)?;
            (end.saturating_sub(size), end, end > size)
        }
        (after, None) => {
            let start = after.map_or(Ok(0), |id| index_of("starting_after", id).map(|index| index + 1))?;
            let end = (start + size).min(records.len());
            (start, end, end < records.len())
        }
    };
    Ok((records.into_iter().skip(start).take(end - start).collect(), has_more))
}

fn page_size(call: &Call) -> Result<usize, Refusal> {
    match call.query("page_size") {
        None => Ok(DEFAULT_PAGE_SIZE),
        Some(text) => {
            let size = text.parse().ok().filter(|size| *size > 0);
            size.ok_or_else(|| Refusal::field("page_size", "a whole number from 1 is needed"))
        }
    }
}

/// Sorts records by the parameter `sort`, such as `name_desc`. Each field has its name in the parameter and its name in
/// the records. Records that are equal stay in their order.
pub(super) fn sort(call: &Call, fields: &[(&str, &str)], records: &mut [Value]) -> Result<(), Refusal> {
    let Some(order) = call.query("sort") else { return Ok(()) };
    let split = order.rsplit_once('_').filter(|(_, direction)| matches!(*direction, "asc" | "desc"));
    let field = split.and_then(|(name, direction)| {
        let (_, member) = fields.iter().find(|(known, _)| *known == name)?;
        Some((*member, direction == "desc"))
    });
    let Some((member, is_descending)) = field else {
        return Err(Refusal::field("sort", "there is no such order"));
    };
    let value = |record: &Value| record[member].as_str().unwrap_or_default().to_lowercase();
    records.sort_by(|one, other| {
        let order = value(one).cmp(&value(other));
        if is_descending { order.reverse() } else { order }
    });
    Ok(())
}
