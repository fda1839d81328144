//! Views of open files: rendering one, and comparing eight with the disk.
#![allow(clippy::unwrap_used, reason = "a benchmark may fail")]

use std::fmt::Write as _;
use std::path::Path;

use divan::{Bencher, black_box};
use slipway_protocol::ConversationId;
use slipway_protocol::view::{KnownFile, RefreshViews};
use slipway_tools::views::Views;
use slipway_tools::workspace::Workspace;

const FILES: usize = 8;
const LINES: usize = 400;

fn main() {
    divan::main();
}

fn text(file: usize) -> String {
    (1..=LINES).fold(String::new(), |mut text, line| {
        writeln!(text, "    let value_{line} = compute(input_{file}, {line});").unwrap();
        text
    })
}

fn name(file: usize) -> String {
    format!("module_{file}.rs")
}

/// Eight files, all open and known as they are.
fn opened(directory: &Path) -> (Workspace, Views, RefreshViews) {
    let known =
        |file| KnownFile { path: name(file), content_hash: None, ranges: Vec::new(), ranges_changed: false };
    for file in 0..FILES {
        std::fs::write(directory.join(name(file)), text(file)).unwrap();
    }
    let (workspace, views) = (Workspace::open(directory).unwrap(), Views::default());
    let mut request = RefreshViews {
        conversation_id: ConversationId::from("conv_bench"),
        files: (0..FILES).map(known).collect(),
        only_look: false,
    };
    learn(&views, &workspace, &mut request);
    (workspace, views, request)
}

/// Takes over what a refresh shows; gives how many views it had.
fn learn(views: &Views, workspace: &Workspace, request: &mut RefreshViews) -> usize {
    let refreshed = views.refresh(workspace, request);
    for view in &refreshed.views {
        let file = request.files.iter_mut().find(|file| file.path == view.path).unwrap();
        file.content_hash = Some(view.content_hash.clone());
    }
    refreshed.views.len()
}

/// Nothing changed.
#[divan::bench]
fn refresh_eight_unchanged(bencher: Bencher<'_, '_>) {
    let directory = tempfile::tempdir().unwrap();
    let (workspace, views, request) = opened(directory.path());
    bencher.bench(|| assert!(views.refresh(&workspace, black_box(&request)).views.is_empty()));
}

/// One file changed; writing it is not counted.
#[divan::bench(sample_size = 1)]
fn refresh_eight_with_one_changed(bencher: Bencher<'_, '_>) {
    let directory = tempfile::tempdir().unwrap();
    let (workspace, views, mut request) = opened(directory.path());
    let mut count = 0;
    bencher
        .with_inputs(|| {
            count += 1;
            std::fs::write(directory.path().join(name(3)), format!("// {count}\n{}", text(3))).unwrap();
        })
        .bench_local_values(|()| assert_eq!(learn(&views, &workspace, &mut request), 1));
}

/// All of a file with 5 000 lines; what the model sees is bounded.
#[divan::bench]
fn shown_of_5000_lines(bencher: Bencher<'_, '_>) {
    let big: String = (0..5_000 / LINES + 1).map(text).collect();
    bencher.bench(|| {
        slipway_tools::views::shown(
            black_box(big.as_bytes()),
            &[],
            slipway_tools::bounds::ViewBounds::default(),
        )
    });
}
