import { translator } from "./translator";

/** What the settings say about the sandbox; apart from the rest because it is loaded with them only. */
export const SANDBOX = {
  measuring: "Measuring…",
  cpu: "Processor",
  memory: "Memory",
  processes: "Processes",
  workspace: "Workspace",
  workspaceOf: "Workspace “{name}”",
  workspaces: "All workspaces",
  kills: "Killed for lack of memory",
  of: "{value} of {limit}",
  "renew.restart": "Restart",
  "renew.restartTitle": "Restart the sandbox?",
  "renew.restartHelp":
    "All its processes and terminals end. Files stay, and so do installed packages; what is in /tmp does not.",
  "renew.restartDone": "The sandbox is being restarted",
  "renew.reset": "Reset…",
  "renew.resetTitle": "Make the sandbox anew?",
  "renew.resetHelp":
    "Installed packages, the agent’s home and everything else outside the workspace are deleted. The workspace stays as it is.",
  "renew.resetDone": "The sandbox is being made anew",
  profile: "Profile",
  "profile.installable": "Installable: the agent can install system packages",
  "profile.strict": "Strict: no power at all, and a system that cannot be written",
  egress: "What it may reach",
  "egress.public": "Any public host (ports 80 and 443)",
  "egress.allowlist": "Only hosts on a list",
  "egress.none": "Nothing",
  "egress.direct": "Everything, without the proxy (weaker)",
  hosts: "Hosts",
  hostsHelp: "One on each line: example.com, or *.example.com for everything below it.",
  packages: "System packages",
  "packages.allowed": "Allowed",
  "packages.off": "Not allowed",
  memory_mib: "Memory (MiB)",
  cpu_percent: "Processor (% of one)",
  workspace_mib: "Workspace (MiB)",
  command_seconds: "Command time-out (s)",
  desktop_idle_minutes: "Unused desktop ends after (min)",
  nextStart: "Values marked “later” hold once the sandbox is made anew: by Reset, or by slipway up.",
  output_chars: "Output for the model (characters)",
  "output_chars.help":
    "Of a longer output the model gets the beginning and the end, and where all of it is. 2000 to 200000.",
  output_mib: "Whole outputs on disk (MiB)",
  "output_mib.help":
    "Outputs of commands together; the oldest make room. One command keeps up to a quarter. 8 to 65536.",
  file_chars: "File shown at a time (characters)",
  "file_chars.help":
    "Larger files are shown to the model in parts: what it asks for and what changes. 5000 to 1000000.",
  page_chars: "Web page read at a time (characters)",
  "page_chars.help": "The model can go on reading from where it stopped. 2000 to 200000.",
  unchosen: "Not chosen here: {value}",
} as const;

/** The sentence with this id. */
export const tb = translator("sandbox", SANDBOX);
