//! Recorded sessions, in the forms in which a gateway gives them out.

use std::path::Path;

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use slipway_protocol::export::{ConversationExport, FORMAT, VERSION};
use slipway_protocol::transcript::Entry;

#[derive(Deserialize)]
#[serde(untagged)]
enum Form {
    Transcript(Vec<Entry>),
    Other(serde_json::Value),
}

/// The entries of an exported conversation, or of a bare transcript.
///
/// # Errors
/// When the file cannot be read, is neither, or no model has answered in it.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<Entry>> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let entries = parse(&text).with_context(|| format!("cannot play {}", path.display()))?;
    let is_answered = entries.iter().any(|entry| matches!(entry, Entry::Assistant(_)));
    ensure!(is_answered, "{} holds no answer of a model", path.display());
    Ok(entries)
}

fn parse(text: &[u8]) -> anyhow::Result<Vec<Entry>> {
    let value = match serde_json::from_slice(text).context("it is no JSON")? {
        Form::Transcript(entries) => return Ok(entries),
        Form::Other(value) => value,
    };
    if value.is_array() {
        // Once more for the reason, which the two forms together do not give.
        return serde_json::from_value(value).context("it is no transcript of this version of Slipway");
    }
    let export: ConversationExport = serde_json::from_value(value)
        .context("it is neither an exported conversation of this version of Slipway nor a transcript")?;
    ensure!(export.format == FORMAT, "its format is `{}`", export.format);
    ensure!(export.version <= VERSION, "its version {} is newer than this program", export.version);
    Ok(export.runs.into_iter().flat_map(|run| run.entries).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use serde_json::{Value, json};

    use super::super::mix::MIXES;
    use super::super::{Options, run, session};
    use super::*;

    /// A conversation as a gateway exports it, two runs of it.
    fn export(entries: &[Entry]) -> Value {
        let (first, second) = entries.split_at(entries.len() / 2);
        let run = |entries: &[Entry]| {
            json!({
                "id": "run_1", "model": "m", "status": "done", "started_at": 1, "entries": entries,
                "provider": { "id": "mine", "name": "Mine", "profile": "deepseek", "scripted": false },
            })
        };
        json!({
            "format": FORMAT, "version": VERSION, "slipway_version": "0", "exported_at": 1,
            "conversation": {
                "id": "conv_1", "title": "t", "status": "done", "created_at": 1, "updated_at": 1, "usage": {},
            },
            "limits": {}, "context_mode": "by_profile", "prompt": {}, "not_recorded": [],
            "runs": [run(first), run(second)], "a_later_field": 1,
        })
    }

    fn table_of(recording: &Value) -> Value {
        let directory = tempfile::tempdir().unwrap();
        let (file, figures) = (directory.path().join("recorded.json"), directory.path().join("figures.json"));
        std::fs::write(&file, recording.to_string()).unwrap();
        let options = Options {
            sessions: 1,
            turns: Vec::new(),
            mix: Vec::new(),
            seed: 1,
            json: Some(figures.clone()),
            recording: vec![file],
            variants: false,
        };
        run(&options).unwrap();
        let tables: Value = serde_json::from_slice(&std::fs::read(figures).unwrap()).unwrap();
        let [table] = tables.as_array().unwrap().as_slice() else { panic!("{tables}") };
        table.clone()
    }

    #[test]
    fn an_export_is_played_as_its_transcript_is() {
        let entries = session::made_up(&MIXES[0], 4, 1);
        let answers = entries.iter().filter(|entry| matches!(entry, Entry::Assistant(_))).count();
        let table = table_of(&export(&entries));
        assert_eq!(table["columns"], table_of(&json!(entries))["columns"]);
        let columns = table["columns"].as_array().unwrap();
        assert_eq!((columns.len(), &columns[4]["name"]), (5, &json!("auto")));
        // But for the first, which has files read once more.
        assert!(columns.iter().skip(1).all(|column| column["calls"] == answers), "{answers}: {table}");
        assert!(columns.iter().all(|column| column["uncached"].as_f64() > Some(1_000.0)), "{table}");
    }

    #[test]
    fn what_cannot_be_played_is_said() {
        for (text, said) in [
            ("nothing", "no JSON"),
            ("[{\"type\": \"surprise\"}]", "no transcript of this version"),
            ("{\"format\": \"slipway.conversation\"}", "neither an exported conversation"),
        ] {
            let error = format!("{:#}", parse(text.as_bytes()).unwrap_err());
            assert!(error.contains(said), "{text}: {error}");
        }
        let mut other = export(&[]);
        other["format"] = json!("x");
        assert!(parse(other.to_string().as_bytes()).unwrap_err().to_string().contains("its format is `x`"));
    }
}
