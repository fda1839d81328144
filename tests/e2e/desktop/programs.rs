//! Graphical programs that models use, installed by the agent with its usual commands and started from its shell.

use std::net::{IpAddr, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::json;
use slipway_protocol::message::ToolPartStatus;

use super::{Picture, calls, calls_within};
use crate::stack::Stack;

/// How long installing may take: some 200 MB come over the network.
const INSTALL_LIMIT: Duration = Duration::from_secs(400);

/// How long a program may take until its window is painted.
const START_LIMIT: Duration = Duration::from_secs(60);

/// Where packages come from.
const REGISTRIES: [&str; 3] = ["deb.debian.org", "pypi.org", "files.pythonhosted.org"];

const INSTALL: &str = r"
(pip install --no-cache-dir --quiet matplotlib pygame > pip.log 2>&1; echo pip $? > pip.code) &
sudo apt-get update -qq && sudo apt-get install -y -qq --no-install-recommends chromium > apt.log 2>&1
echo apt $?; wait; cat pip.code; tail -n 3 apt.log pip.log
";

/// A program, the title of its window, and a colour that it paints.
struct Program {
    start: &'static str,
    title: &'static str,
    colour: [u8; 3],
}

const PROGRAMS: [Program; 4] = [
    Program {
        // No backend is chosen: that of a desktop is what it finds.
        start: r##"cat > plot.py <<'END'
import matplotlib.pyplot as plt
plt.figure("A plot", figsize=(5, 4), facecolor="#c02010")
plt.plot([1, 4, 9])
open("backend.txt", "w").write(plt.get_backend().lower() + "\n")
plt.show()
END
nohup python3 plot.py > plot.log 2>&1 &"##,
        title: "A plot",
        colour: [0xc0, 0x20, 0x10],
    },
    Program {
        start: r##"cat > game.py <<'END'
import pygame
pygame.init()
screen = pygame.display.set_mode((400, 300))
pygame.display.set_caption("A game")
clock = pygame.time.Clock()
while True:
    pygame.event.pump()
    screen.fill((0x10, 0xa0, 0x40))
    pygame.display.flip()
    clock.tick(60)
END
nohup python3 game.py > game.log 2>&1 &"##,
        title: "A game",
        colour: [0x10, 0xa0, 0x40],
    },
    Program {
        start: r##"cat > tk.py <<'END'
import tkinter
root = tkinter.Tk()
root.title("A form")
tkinter.Canvas(root, width=400, height=300, background="#2f55c8", highlightthickness=0).pack()
root.mainloop()
END
nohup python3 tk.py > tk.log 2>&1 &"##,
        title: "A form",
        colour: [0x2f, 0x55, 0xc8],
    },
    Program {
        // As one would start it: no flags that only this sandbox needs.
        start: r##"echo '<title>A page</title><body style="background: #7a1fa2">' > page.html
nohup chromium "file://$PWD/page.html" > chromium.log 2>&1 &"##,
        title: "A page",
        colour: [0x7a, 0x1f, 0xa2],
    },
];

pub(crate) async fn are_seen() -> anyhow::Result<()> {
    let exempt = exemptions();
    let stack = Stack::start_with(8, &[("SLIPWAY_EGRESS_EXEMPT", exempt.as_str())], None).await?;
    let begun = Instant::now();
    let install = ("run_terminal_command", json!({"command": INSTALL, "timeout": INSTALL_LIMIT.as_secs()}));
    let (_, made) = calls_within(&stack, &[install], INSTALL_LIMIT).await?;
    let said = made.first().and_then(|call| call.result.clone()).unwrap_or_default();
    ensure!(said.contains("apt 0\n") && said.contains("pip 0\n"), "{said}");
    crate::report(&format!("        installed in {:.1} s", begun.elapsed().as_secs_f32()));
    for program in PROGRAMS {
        is_seen(&stack, &program).await.context(program.title)?;
    }
    let backend = std::fs::read_to_string(stack.instance.workspace.join("backend.txt"))?;
    ensure!(backend == "tkagg\n", "{backend}");
    tokio::task::spawn_blocking(move || drop(stack.instance)).await?;
    Ok(())
}

/// Starts a program, and looks until its window shows its colour.
async fn is_seen(stack: &Stack, program: &Program) -> anyhow::Result<()> {
    let start = ("run_terminal_command", json!({ "command": program.start }));
    let (_, made) = calls(stack, &[start]).await?;
    ensure!(made.first().is_some_and(|call| call.status == ToolPartStatus::Ok), "{made:?}");
    let begun = Instant::now();
    loop {
        let look = ("screenshot", json!({ "window": program.title }));
        let (snapshot, made) = calls(stack, &[look]).await?;
        let look = made.first().context("a screenshot")?;
        let painted = match Picture::of(stack, &snapshot, look).await {
            Ok(picture) => picture.count(program.colour),
            Err(_) => 0,
        };
        if painted > 20_000 {
            crate::report(&format!("        {} after {:.1} s", program.title, begun.elapsed().as_secs_f32()));
            return Ok(());
        }
        if begun.elapsed() > START_LIMIT {
            let logs = stack.shell("tail -n 5 *.log").await?;
            anyhow::bail!("{painted} pixels of its colour; {:?}\n{logs}", look.result);
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// The addresses of the registries as this machine knows them: those of a closed network are not public ones.
fn exemptions() -> String {
    let addresses = REGISTRIES.iter().filter_map(|name| (*name, 443).to_socket_addrs().ok()).flatten();
    let ranges = addresses.map(|address| match address.ip() {
        IpAddr::V4(address) => format!("{address}/32"),
        IpAddr::V6(address) => format!("{address}/128"),
    });
    ranges.collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(",")
}
