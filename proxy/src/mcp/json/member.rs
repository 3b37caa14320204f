//! Replacing, removing and inserting members of a request; the rest stays byte for byte (R0.6).

use super::edit::{Edits, Object, says};

/// Puts a raw value in the place of each named member's. None: not an object, or a path is absent.
pub(crate) fn replace_members(object: &str, replacements: &[(&[&str], &str)]) -> Option<String> {
    let mut edits = Edits::of(object);
    for (path, raw) in replacements {
        let (key, parents) = path.split_last()?;
        let parents = objects_at(object, parents);
        let mut values = parents.iter().flat_map(|(_, parent)| parent.get(key)).peekable();
        values.peek()?;
        values.for_each(|value| edits.replace(value, *raw));
    }
    Some(edits.splice())
}

/// Takes a member out, with the comma it needed. None: not an object, or the path is absent.
pub(crate) fn remove_member(object: &str, path: &[&str]) -> Option<String> {
    let (key, parents) = path.split_last()?;
    let mut edits = Edits::of(object);
    for (_, parent) in objects_at(object, parents) {
        remove_from(&parent, key, &mut edits);
    }
    edits.changed()
}

/// A comma goes with the member after it, unless nothing stays in front: then with the one before it.
fn remove_from<'a>(object: &Object<'a>, key: &str, edits: &mut Edits<'a>) {
    let mut kept_before = false;
    for (index, member) in object.members.iter().enumerate() {
        if !says(member.key, key) {
            kept_before = true;
            continue;
        }
        let own = edits.range(member.key).start..edits.range(member.value).end;
        let previous = index.checked_sub(1).and_then(|index| object.members.get(index));
        edits.remove(match (previous, object.members.get(index + 1)) {
            (Some(previous), _) if kept_before => edits.range(previous.value).end..own.end,
            (_, Some(next)) => own.start..edits.range(next.key).start,
            (_, None) => own,
        });
    }
}

/// Appends a member to the object at a path; an empty path is the object itself. None: no object is there, or
/// it has the key already, which must not come to stand twice (R0.6).
pub(crate) fn insert_member(object: &str, path: &[&str], key: &str, raw: &str) -> Option<String> {
    let key_written = serde_json::Value::from(key).to_string();
    let mut edits = Edits::of(object);
    for (text, parent) in objects_at(object, path) {
        if parent.get(key).next().is_some() {
            return None;
        }
        let (position, comma) = match parent.members.last() {
            Some(last) => (edits.range(last.value).end, ","),
            None => (edits.range(text).start + text.find('{')? + 1, ""),
        };
        edits.insert_at(position, format!("{comma}{key_written}:{raw}"));
    }
    edits.changed()
}

/// Every object at `path`; several where a key on the way is repeated.
fn objects_at<'a>(text: &'a str, path: &[&str]) -> Vec<(&'a str, Object<'a>)> {
    let parsed = |text| Object::parse(text).map(|object| (text, object));
    let mut found: Vec<_> = parsed(text).into_iter().collect();
    for key in path {
        found = found.iter().flat_map(|(_, object)| object.get(key)).filter_map(parsed).collect();
    }
    found
}
