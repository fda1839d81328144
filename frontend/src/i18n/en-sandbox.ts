/** What the page says about the sandbox and the servers in it. */
export const SANDBOX = {
  "sandbox.title": "Sandbox",
  "sandbox.measuring": "Measuring…",
  "sandbox.cpu": "Processor",
  "sandbox.memory": "Memory",
  "sandbox.processes": "Processes",
  "sandbox.workspace": "Workspace",
  "sandbox.kills": "Killed for lack of memory",
  "sandbox.of": "{value} of {limit}",
  "sandbox.restart": "Restart",
  "sandbox.restartTitle": "Restart the sandbox?",
  "sandbox.restartHelp":
    "All its processes and terminals end. Files stay, and so do installed packages; what is in /tmp does not.",
  "sandbox.restartDone": "The sandbox is being restarted",
  "sandbox.reset": "Reset…",
  "sandbox.resetTitle": "Make the sandbox anew?",
  "sandbox.resetHelp":
    "Installed packages, the agent’s home and everything else outside the workspace are deleted. The workspace stays as it is.",
  "sandbox.resetDone": "The sandbox is being made anew",
  "sandbox.profile": "Profile",
  "sandbox.profile.installable": "Installable: the agent can install system packages",
  "sandbox.profile.strict": "Strict: no power at all, and a system that cannot be written",
  "sandbox.egress": "What it may reach",
  "sandbox.egress.public": "Any public host (ports 80 and 443)",
  "sandbox.egress.allowlist": "Only hosts on a list",
  "sandbox.egress.none": "Nothing",
  "sandbox.egress.direct": "Everything, without the proxy (weaker)",
  "sandbox.hosts": "Hosts",
  "sandbox.hostsHelp": "One on each line: example.com, or *.example.com for everything below it.",
  "sandbox.packages": "System packages",
  "sandbox.packages.allowed": "Allowed",
  "sandbox.packages.off": "Not allowed",
  "sandbox.memory_mib": "Memory (MiB)",
  "sandbox.cpu_percent": "Processor (% of one)",
  "sandbox.workspace_mib": "Workspace (MiB)",
  "sandbox.command_seconds": "Command time-out (s)",
  "sandbox.desktop_idle_minutes": "Unused desktop ends after (min)",
  "sandbox.nextStart":
    "Values marked “later” hold once the sandbox is made anew: by Reset, or by slipway up.",
  "sandbox.output_chars": "Output for the model (characters)",
  "sandbox.output_chars.help":
    "Of a longer output the model gets the beginning and the end, and where all of it is. 2000 to 200000.",
  "sandbox.output_mib": "Whole outputs on disk (MiB)",
  "sandbox.output_mib.help":
    "Outputs of commands together; the oldest make room. One command keeps up to a quarter. 8 to 65536.",
  "sandbox.file_chars": "File shown at a time (characters)",
  "sandbox.file_chars.help":
    "Larger files are shown to the model in parts: what it asks for and what changes. 5000 to 1000000.",
  "sandbox.page_chars": "Web page read at a time (characters)",
  "sandbox.page_chars.help": "The model can go on reading from where it stopped. 2000 to 200000.",
  "sandbox.unchosen": "Not chosen here: {value}",

  "source.default": "default",
  "source.file": "from .env",
  "source.env": "from the environment",
  "source.instance": "saved here",
  "source.later": "later",

  "ports.empty": "No program of the agent listens on a port.",
  "ports.help":
    "Servers that the agent has started. A preview has an address of its own and knows nothing of Slipway.",
  "ports.open": "Open preview of port {port}",
} as const;
