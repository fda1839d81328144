//! The desktop as the model has it: programs of its shell are seen, used, and left alone while the person drives; and
//! as the person has it, who only looks until they have taken control.

mod programs;
mod viewer;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use slipway_protocol::api::ConversationSnapshot;
use slipway_protocol::message::{ToolPart, ToolPartStatus};
use slipway_scripted_model::{Script, Server};

use self::viewer::Viewer;
use crate::stack::{RUN_LIMIT, Stack, tools};

pub(crate) use self::programs::are_seen as programs_are_seen;

const RED: [u8; 3] = [0xc0, 0x20, 0x10];
const GREEN: [u8; 3] = [0x10, 0xa0, 0x40];

/// A red window that shows what is typed into it, and turns green at a click.
const PROGRAM: &str = r##"
cat > /tmp/red.py <<'END'
import tkinter
root = tkinter.Tk()
root.title("Red window")
root.geometry("400x300+200+150")
canvas = tkinter.Canvas(root, background="#c02010", highlightthickness=0)
canvas.place(x=0, y=40, width=400, height=260)
entry = tkinter.Entry(root)
entry.place(x=0, y=0, width=400, height=40)
entry.bind("<Return>", lambda event: open("/workspace/typed.txt", "w", encoding="utf-8").write(entry.get()))
canvas.bind("<Button-1>", lambda event: canvas.configure(background="#10a040"))
root.mainloop()
END
nohup python3 /tmp/red.py > /tmp/red.log 2>&1 &
"##;

pub(crate) async fn is_seen_and_used(stack: &Stack) -> anyhow::Result<()> {
    let (snapshot, calls) = calls(
        stack,
        &[
            ("run_terminal_command", json!({ "command": PROGRAM })),
            ("computer", json!({"actions": [{"action": "wait", "seconds": 10}]})),
            ("run_terminal_command", json!({"command": "sleep 1"})),
            ("screenshot", json!({"window": "Red window"})),
            (
                "computer",
                json!({"window": "Red window", "actions": [
                    {"action": "click", "x": 100, "y": 20},
                    {"action": "type", "text": "Grüße, 世界!\n"},
                    {"action": "click", "x": 200, "y": 200},
                    {"action": "move", "x": 5, "y": 5},
                ]}),
            ),
            ("run_terminal_command", json!({"command": "sleep 0.5; cat /workspace/typed.txt"})),
            ("screenshot", json!({})),
        ],
    )
    .await?;
    let shown = calls.get(3).context("a screenshot")?;
    let red = Picture::of(stack, &snapshot, shown).await?;
    ensure!((red.width, red.height) == (400, 300), "{} × {}", red.width, red.height);
    ensure!(red.at(200, 200) == RED, "{:?}: {:?}", red.at(200, 200), shown.result);
    let acted = calls.get(4).context("a call of computer")?;
    ensure!(acted.status == ToolPartStatus::Ok, "{:?}", acted.result);
    let typed = calls.get(5).and_then(|call| call.result.clone()).unwrap_or_default();
    ensure!(typed.contains("Grüße, 世界!"), "typed: {typed}");
    let all = calls.get(6).context("a screenshot")?;
    let text = all.result.as_deref().unwrap_or_default();
    ensure!(text.contains("\"Red window\"") && text.contains("400 × 300"), "{text}");
    ensure!(text.contains("Since your last look"), "{text}");
    let desktop = Picture::of(stack, &snapshot, all).await?;
    ensure!((desktop.width, desktop.height) == (1280, 800));
    ensure!(desktop.count(GREEN) > 90_000, "{} green pixels", desktop.count(GREEN));
    Ok(())
}

pub(crate) async fn is_the_persons_while_they_drive(stack: &Stack) -> anyhow::Result<()> {
    let click = ("computer", json!({"actions": [{"action": "click", "x": 5, "y": 5}]}));
    drive(stack, "person").await?;
    let (_, refused) = calls(stack, std::slice::from_ref(&click)).await?;
    drive(stack, "agent").await?;
    let refused = refused.first().context("a call")?;
    ensure!(refused.status == ToolPartStatus::Denied, "{:?}", refused.result);
    ensure!(refused.result.as_deref().is_some_and(|text| text.contains("the person has taken control")));
    let (_, allowed) = calls(stack, &[click]).await?;
    ensure!(allowed.first().is_some_and(|call| call.status == ToolPartStatus::Ok), "{allowed:?}");
    Ok(())
}

pub(crate) async fn is_only_looked_at_until_control_is_taken(stack: &Stack) -> anyhow::Result<()> {
    let start = PROGRAM.replace("Red window", "Canvas of red").replace("red.py", "canvas.py");
    let look = ("screenshot", json!({"window": "Canvas of red"}));
    let (mut snapshot, mut made) =
        calls(stack, &[("run_terminal_command", json!({ "command": start }))]).await?;
    let begun = std::time::Instant::now();
    // It is there before it is drawn, and before it is raised above what an earlier case left open.
    let text = loop {
        if let Some(shown) = made.last().filter(|call| !call.images.is_empty())
            && Picture::of(stack, &snapshot, shown).await?.at(200, 200) == RED
        {
            break shown.result.clone().unwrap_or_default();
        }
        ensure!(begun.elapsed() < RUN_LIMIT, "no red window: {made:?}");
        (snapshot, made) = calls(stack, std::slice::from_ref(&look)).await?;
    };
    let (x, y) = place_of("\"Canvas of red\"", &text).with_context(|| format!("no place: {text}"))?;
    let colour = async || -> anyhow::Result<[u8; 3]> {
        let (snapshot, made) = calls(stack, std::slice::from_ref(&look)).await?;
        // Away from where the pointer is drawn.
        Ok(Picture::of(stack, &snapshot, made.first().context("a screenshot")?).await?.at(100, 100))
    };

    let mut viewer = Viewer::open(&stack.api, "viewer-of-the-test").await?;
    viewer.click(x + 200, y + 200).await?;
    ensure!(colour().await? == RED, "who only looks has clicked");
    drive(stack, "person").await?;
    viewer.click(x + 200, y + 200).await?;
    ensure!(colour().await? == RED, "control was taken, but not from this page");
    drive_from(stack, "viewer-of-the-test").await?;
    viewer.click(x + 200, y + 200).await?;
    // The program draws when it is told of the click; a menu that an earlier case has left open takes the first.
    let begun = std::time::Instant::now();
    let mut clicked = colour().await?;
    while clicked != GREEN && begun.elapsed() < RUN_LIMIT {
        viewer.click(x + 200, y + 200).await?;
        clicked = colour().await?;
    }
    drive(stack, "agent").await?;
    ensure!(clicked == GREEN, "the click of who drives has not come: {clicked:?}");
    Ok(())
}

/// Where the inside of a window is, as the model is told it: `… at 12, 34, 400 × 300`.
fn place_of(title: &str, text: &str) -> Option<(u16, u16)> {
    let line = text.lines().find(|line| line.starts_with("- ") && line.contains(title))?;
    let mut numbers = line.split_once(" at ")?.1.split(", ");
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

async fn drive(stack: &Stack, driver: &str) -> anyhow::Result<()> {
    change_driver(stack, json!({ "driver": driver })).await
}

async fn drive_from(stack: &Stack, viewer: &str) -> anyhow::Result<()> {
    change_driver(stack, json!({"driver": "person", "viewer": viewer})).await
}

async fn change_driver(stack: &Stack, change: Value) -> anyhow::Result<()> {
    let request = stack.api.request(reqwest::Method::PUT, "/desktop/control");
    request.json(&change).send().await?.error_for_status()?;
    Ok(())
}

/// Has the model make these calls, one step after the other.
async fn calls(
    stack: &Stack,
    calls: &[(&str, Value)],
) -> anyhow::Result<(ConversationSnapshot, Vec<ToolPart>)> {
    calls_within(stack, calls, RUN_LIMIT).await
}

async fn calls_within(
    stack: &Stack,
    calls: &[(&str, Value)],
    limit: Duration,
) -> anyhow::Result<(ConversationSnapshot, Vec<ToolPart>)> {
    let steps =
        calls.iter().map(|(name, arguments)| json!({"tool_calls": [{"name": name, "arguments": arguments}]}));
    let steps: Vec<Value> = steps.chain([json!({"text": "done"})]).collect();
    let script = json!({"name": "desktop", "models": ["scripted"], "turns": [{ "steps": steps }]});
    let server =
        Server::start_at(Script::from_yaml(&script.to_string())?, SocketAddr::from(([0, 0, 0, 0], 0)))
            .await?;
    let base_url = format!("http://host.docker.internal:{}/v1", server.port());
    let model = stack.api.add_provider("desktop", &base_url, "").await?;
    let snapshot = stack.api.run(&model, "Use the desktop.", limit).await?;
    let made: Vec<ToolPart> = tools(&snapshot).into_iter().cloned().collect();
    ensure!(made.len() == calls.len(), "{made:?}");
    Ok((snapshot, made))
}

/// A picture that came of a call.
struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    async fn of(stack: &Stack, snapshot: &ConversationSnapshot, call: &ToolPart) -> anyhow::Result<Self> {
        let image = call.images.first().with_context(|| format!("no picture: {:?}", call.result))?;
        let id = image.id().context("the gateway keeps it")?;
        let path = format!("/conversations/{}/images/{id}", snapshot.conversation.id);
        let answer = stack.api.request(reqwest::Method::GET, &path).send().await?.error_for_status()?;
        let bytes = answer.bytes().await?;
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info()?;
        let mut rgb = vec![0; reader.output_buffer_size().context("it has a size")?];
        let shape = reader.next_frame(&mut rgb)?;
        let pixels = rgb.as_chunks::<3>().0.to_vec();
        Ok(Self { width: shape.width, height: shape.height, pixels })
    }

    fn at(&self, x: u32, y: u32) -> [u8; 3] {
        self.pixels.get((y * self.width + x) as usize).copied().unwrap_or_default()
    }

    fn count(&self, colour: [u8; 3]) -> usize {
        self.pixels.iter().filter(|pixel| **pixel == colour).count()
    }
}
