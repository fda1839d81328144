//! Open files in the context.

use slipway_protocol::run::EngineEvent;
use slipway_protocol::view::{RenderedContent, RenderedFile};

use crate::harness::World;

fn file(path: &str, hash: &str, text: &str) -> RenderedFile {
    RenderedFile {
        path: path.to_owned(),
        content_hash: hash.to_owned(),
        lines: u32::try_from(text.lines().count()).expect("few"),
        bytes: 1,
        content: RenderedContent::Text { text: text.to_owned() },
        ranges: None,
    }
}

#[tokio::test]
async fn every_open_file_is_visible_once_where_it_was_last_rendered() {
    let world = World::new(
        "  - steps:
      - {tool_calls: [{name: read_file, arguments: {path: a}}, {name: read_file, arguments: {path: b}}]}
      - {tool_calls: [{name: write_file, arguments: {path: a}}]}
      - {tool_calls: [{name: close_file, arguments: {path: b}}]}
      - {text: done}",
    )
    .await;
    world.tools.will_show(vec![file("a", "h1", "1\told\n"), file("b", "h2", "1\tbee\n")]);
    world.tools.will_show(vec![file("a", "h3", "1\tnew\n")]);
    let events = world.run().await;
    let first = "read_file of b done\n\n<file path=\"a\" version=\"1\" lines=\"1\">\n1\told\n</file>\n\n\
                 <file path=\"b\" version=\"1\" lines=\"1\">\n1\tbee\n</file>";
    assert_eq!(world.newest(1), first);
    let second = world.messages(2);
    assert_eq!(
        second[4]["content"],
        first.replace(
            "<file path=\"a\" version=\"1\" lines=\"1\">\n1\told\n</file>",
            "[A newer version is below]"
        )
    );
    assert!(world.newest(2).ends_with("<file path=\"a\" version=\"2\" lines=\"1\">\n1\tnew\n</file>"));
    // One line for both.
    assert_eq!(world.messages(3)[4]["content"], "read_file of b done\n\n[Closed, or newer below]");
    // The host is told what the model knows.
    let hashes = world.tools.seen(|seen| {
        let files = seen.refreshes.iter().map(|refresh| {
            refresh
                .files
                .iter()
                .map(|file| (file.path.clone(), file.content_hash.clone()))
                .collect::<Vec<_>>()
        });
        files.collect::<Vec<_>>()
    });
    let known = |path: &str, hash: Option<&str>| (path.to_owned(), hash.map(str::to_owned));
    assert_eq!(hashes[0], [known("a", None), known("b", None)]);
    assert_eq!(hashes[1], [known("a", Some("h1")), known("b", Some("h2"))]);
    assert_eq!(hashes[2], [known("a", Some("h3"))]);
    let told: Vec<Vec<(String, u32)>> = events
        .0
        .iter()
        .filter_map(|event| match event {
            EngineEvent::ContextFiles { files } => {
                Some(files.iter().map(|file| (file.path.clone(), file.version)).collect())
            }
            _ => None,
        })
        .collect();
    assert_eq!(told[0], [("a".to_owned(), 1), ("b".to_owned(), 1)]);
    assert_eq!(told[1], [("a".to_owned(), 2), ("b".to_owned(), 1)]);
    assert_eq!(told[2], [("a".to_owned(), 2)]);
}
