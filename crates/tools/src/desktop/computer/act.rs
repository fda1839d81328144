//! Carries out acts over RFB, at the pace of a quick person: programs miss what comes faster.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::plan::{Act, Point};
use crate::desktop::DesktopStream;
use crate::desktop::look::LookError;
use crate::desktop::rfb::{Area, RfbClient, RfbError, Stroke};

type Client = RfbClient<DesktopStream>;

/// Between the strokes of a button, and of keys that are not on the keyboard by themselves: programs must
/// learn of the new key first.
const PACE: Duration = Duration::from_millis(15);

/// `A` to `Z`, and Shift by its number.
const CAPITALS: std::ops::RangeInclusive<u32> = 0x41..=0x5a;
const SHIFT: u32 = 0xffe1;

/// Steps of a drag: some programs take a single leap for no drag at all.
const DRAG_STEPS: u16 = 12;

/// Above this a key is of Unicode, and not on the keyboard by itself.
const UNICODE: u32 = 0x0100_0000;

/// Carries one act out and says in words what was done.
///
/// # Errors
/// When the connection breaks.
pub(super) async fn carry_out(act: &Act, client: &mut Client) -> Result<String, LookError> {
    Ok(match act {
        Act::Move { to } => {
            client.pointer(0, to.0, to.1).await?;
            "moved the pointer".to_owned()
        }
        Act::Click { at, button, times, hold } => {
            approach(client, *at).await?;
            with_keys(client, hold, async |client| {
                for _ in 0..*times {
                    press(client, *button, *at).await?;
                }
                Ok(())
            })
            .await?;
            let kind = if *times > 1 { "double-clicked" } else { "clicked" };
            format!("{kind}{}", button_name(*button))
        }
        Act::Drag { from, to, button, hold } => {
            with_keys(client, hold, async |client| drag(client, *button, *from, *to).await).await?;
            format!("dragged{}", button_name(*button))
        }
        Act::Scroll { at, button, notches, hold } => {
            approach(client, *at).await?;
            with_keys(client, hold, async |client| {
                for _ in 0..*notches {
                    press(client, *button, *at).await?;
                }
                Ok(())
            })
            .await?;
            format!("scrolled {notches} notches")
        }
        Act::Type { keys } => {
            for key in keys {
                stroke(client, *key).await?;
            }
            format!("typed {} characters", keys.len())
        }
        Act::Press { chords, words } => {
            for chord in chords {
                if let [modifiers @ .., key] = chord.as_slice() {
                    with_keys(client, modifiers, async |client| stroke(client, *key).await).await?;
                }
                sleep(PACE).await;
            }
            format!("pressed {words}")
        }
        Act::Wait { area, limit } => wait(client, *area, *limit).await?,
        Act::Focus { .. } => String::new(),
    })
}

/// Moves the pointer, and gives what is there the time to notice.
async fn approach(client: &mut Client, (x, y): Point) -> Result<(), RfbError> {
    client.pointer(0, x, y).await?;
    sleep(PACE).await;
    Ok(())
}

async fn press(client: &mut Client, button: u8, (x, y): Point) -> Result<(), RfbError> {
    client.pointer(button, x, y).await?;
    sleep(PACE).await;
    client.pointer(0, x, y).await?;
    sleep(PACE).await;
    Ok(())
}

async fn drag(client: &mut Client, button: u8, from: Point, to: Point) -> Result<(), RfbError> {
    client.pointer(0, from.0, from.1).await?;
    sleep(PACE).await;
    client.pointer(button, from.0, from.1).await?;
    for step in 1..=DRAG_STEPS {
        sleep(PACE).await;
        let between = |from: u16, to: u16| {
            let (from, to, step) = (i32::from(from), i32::from(to), i32::from(step));
            u16::try_from(from + (to - from) * step / i32::from(DRAG_STEPS)).unwrap_or_default()
        };
        client.pointer(button, between(from.0, to.0), between(from.1, to.1)).await?;
    }
    sleep(PACE).await;
    client.pointer(0, to.0, to.1).await
}

/// Does something while keys are held.
async fn with_keys(
    client: &mut Client,
    keys: &[u32],
    work: impl AsyncFnOnce(&mut Client) -> Result<(), RfbError>,
) -> Result<(), RfbError> {
    for key in keys {
        client.key(Stroke::Down, *key).await?;
    }
    work(client).await?;
    for key in keys.iter().rev() {
        client.key(Stroke::Up, *key).await?;
    }
    Ok(())
}

async fn stroke(client: &mut Client, key: u32) -> Result<(), RfbError> {
    // A capital letter without Shift makes the server believe that Caps Lock is on.
    let shift = CAPITALS.contains(&key);
    if shift {
        client.key(Stroke::Down, SHIFT).await?;
    }
    client.key(Stroke::Down, key).await?;
    client.key(Stroke::Up, key).await?;
    if shift {
        client.key(Stroke::Up, SHIFT).await?;
    }
    if key >= UNICODE {
        sleep(PACE).await;
    }
    Ok(())
}

/// Waits until something in the area looks different.
async fn wait(client: &mut Client, area: Area, limit: Duration) -> Result<String, RfbError> {
    // What was done before this must not count as a change that was waited for.
    client.synchronise().await?;
    client.fetch().await?;
    let before = client.frame().clone();
    let begun = Instant::now();
    while let Some(drawn) = client.change(begun + limit).await? {
        let touched = drawn.common(area);
        if client.frame().area() != before.area() || !client.frame().same_in(&before, touched) {
            return Ok(format!("waited {:.1} s until something changed", begun.elapsed().as_secs_f64()));
        }
    }
    Ok(format!("waited {:.1} s, and nothing changed", limit.as_secs_f64()))
}

fn button_name(button: u8) -> &'static str {
    match button {
        2 => " (middle button)",
        4 => " (right button)",
        _ => "",
    }
}
