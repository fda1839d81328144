//! Lays JSON objects over each other.

use serde_json::{Map, Value};

/// Puts the fields of `over` into `base`. Objects are merged field by field, everything else is replaced,
/// and null takes a field away.
pub(crate) fn merge(base: &mut Map<String, Value>, over: &Map<String, Value>) {
    for (name, value) in over {
        match (base.get_mut(name), value) {
            (_, Value::Null) => {
                base.shift_remove(name);
            }
            (Some(Value::Object(inner)), Value::Object(more)) => merge(inner, more),
            (_, value) => {
                // Fields of a new object may be null, too.
                let mut fresh = Map::new();
                let value = match value {
                    Value::Object(fields) => {
                        merge(&mut fresh, fields);
                        Value::Object(fresh)
                    }
                    other => other.clone(),
                };
                base.insert(name.clone(), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(base: Value, over: Value, wanted: &Value) {
        let (Value::Object(mut base), Value::Object(over)) = (base, over) else { panic!("objects") };
        merge(&mut base, &over);
        assert_eq!(Value::Object(base), *wanted);
    }

    #[test]
    fn objects_are_merged_and_null_takes_away() {
        check(
            json!({"provider": {"a": 1, "b": 2}, "x": 1, "gone": true}),
            json!({"provider": {"b": null, "c": [3]}, "x": {"y": 1, "z": null}, "gone": null}),
            &json!({"provider": {"a": 1, "c": [3]}, "x": {"y": 1}}),
        );
    }
}
