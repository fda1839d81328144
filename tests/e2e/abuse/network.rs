//! Ways from the sandbox to the gateway, the host, its neighbours and the metadata of clouds.

use std::net::TcpListener;

use anyhow::ensure;
use slipway_tests::docker;

use crate::stack::Stack;

/// Fewest ways that are tried; the machine's own addresses differ.
const TRIED_AT_LEAST: usize = 200;

/// Connects to each `host:port` of the arguments, directly and through the proxy, and prints what worked.
const MATRIX: &str = r#"
import socket, sys
def direct(host, port):
    socket.create_connection((host, port), timeout=3).close()
def proxied(host, port):
    with socket.create_connection(("127.0.0.1", 3128), timeout=15) as proxy:
        proxy.settimeout(15)
        name = "[%s]" % host if ":" in host else host
        proxy.sendall(("CONNECT %s:%d HTTP/1.1\r\nHost: x\r\n\r\n" % (name, port)).encode())
        if b" 200 " not in proxy.recv(64): raise OSError()
def plain(host, port):
    with socket.create_connection(("127.0.0.1", 3128), timeout=15) as proxy:
        proxy.settimeout(15)
        name = "[%s]" % host if ":" in host else host
        proxy.sendall(("GET http://%s:%d/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % (name, port)).encode())
        if proxy.recv(64).split(b" ")[1] not in (b"400", b"403", b"502"): raise ValueError()
count = 0
for target in sys.argv[1:]:
    host, port = target.rsplit(":", 1)
    for way in (direct, proxied):
        count += 1
        try:
            way(host, int(port)); print("REACHED", way.__name__, target)
        except OSError: pass
    count += 1
    try: plain(host, int(port))
    except OSError: pass
    except ValueError: print("REACHED plain", target)
for name, work in {
    "a name": lambda: socket.getaddrinfo("example.com", 80),
    "a datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("1.1.1.1", 53)),
    "a datagram over IPv6": lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b"x", ("2606:4700:4700::1111", 53)),
}.items():
    count += 1
    try: work(); print("REACHED", name)
    except OSError: pass
print("tried", count)
"#;

pub(crate) async fn leads_nowhere(stack: &Stack) -> anyhow::Result<()> {
    // Something on the host that could be reached, on every address.
    let listener = TcpListener::bind("0.0.0.0:0")?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    let ui = stack.api.base().rsplit(':').next().unwrap_or_default().to_owned();
    let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.Gateway}}{{end}}";
    let control = docker(&["inspect", "--format", format, &stack.instance.control()])?;
    let mut hosts: Vec<String> = control.split_whitespace().map(str::to_owned).collect();
    hosts.push(stack.this_machine()?);
    hosts.extend(
        [
            "127.0.0.1",
            "localhost",
            "0.0.0.0",
            "::1",
            "::ffff:127.0.0.1",
            "host.docker.internal",
            "control",
            "gateway.docker.internal",
        ]
        .map(str::to_owned),
    );
    let own = std::process::Command::new("hostname").arg("-I").output()?;
    hosts.extend(String::from_utf8_lossy(&own.stdout).split_whitespace().take(2).map(str::to_owned));
    let mut targets = Vec::new();
    for host in &hosts {
        for port in [
            port.to_string(),
            ui.clone(),
            "3000".into(),
            "6080".into(),
            "8080".into(),
            "8081".into(),
            "22".into(),
            "2375".into(),
        ] {
            targets.push(format!("{host}:{port}"));
        }
    }
    targets.extend(
        [
            "169.254.169.254:80",
            "169.254.170.2:80",
            "100.100.100.200:80",
            "metadata.google.internal:80",
            "168.63.129.16:80",
            "fd00:ec2::254:80",
            "10.0.0.1:80",
            "192.168.0.1:80",
            "172.16.0.1:443",
        ]
        .map(str::to_owned),
    );
    std::fs::write(stack.instance.workspace.join("matrix.py"), MATRIX)?;
    let output = stack.shell(&format!("python3 matrix.py {}; rm matrix.py", targets.join(" "))).await?;
    let tried = output.lines().find_map(|line| line.strip_prefix("tried ")?.parse::<usize>().ok());
    ensure!(tried >= Some(TRIED_AT_LEAST) && !output.contains("REACHED"), "{output}");
    ensure!(listener.accept().is_err(), "somebody has connected to the host");
    Ok(())
}
