//! System packages: the agent installs them with its usual commands and stays without powers itself.

use anyhow::ensure;

use crate::stack::Stack;

/// Makes a package that says who installs it, and installs it. Needs no network.
const INSTALL: &str = r#"
rm -rf /tmp/hull && mkdir -p /tmp/hull/DEBIAN /tmp/hull/usr/bin && cd /tmp/hull
printf 'Package: hull\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: a test\n' > DEBIAN/control
printf '#!/bin/sh\necho "installed by $(id -u)"\n' > DEBIAN/postinst
printf '#!/bin/sh\necho "launched by $(id -u)"\n' > usr/bin/hull
chmod 755 DEBIAN/postinst usr/bin/hull
dpkg-deb --root-owner-group -b . /tmp/hull.deb > /dev/null
sudo apt-get install -y /tmp/hull.deb && hull
cd /workspace && sudo touch by-sudo.txt && stat -c 'owned by %u' by-sudo.txt
"#;

pub(crate) async fn are_installed(stack: &Stack) -> anyhow::Result<()> {
    let output = stack.shell(INSTALL).await?;
    ensure!(output.contains("installed by 0"), "{output}");
    let launched = output.lines().find_map(|line| line.strip_prefix("launched by "));
    let owner = output.lines().find_map(|line| line.strip_prefix("owned by "));
    ensure!(launched.is_some_and(|uid| uid != "0") && launched == owner, "{output}");
    Ok(())
}
