/** What the page says about where values come from, and about the servers in the sandbox. */
export const PORTS = {
  "sandbox.title": "Sandbox",

  "source.default": "default",
  "source.file": "from .env",
  "source.env": "from the environment",
  "source.instance": "saved here",
  "source.later": "later",

  "ports.empty": "No program of the agent listens on a port.",
  "ports.which": "Ports that the agent’s programs listen on",
  "ports.path": "Path",
  "ports.reload": "Load again",
  "ports.width": "Width",
  "ports.widthFull": "Full width",
  "ports.frame": "Preview of port {port}",
  "ports.starting": "Opening the preview…",
  "ports.gone": "Nothing listens on port {port} any more.",
  "ports.goneHelp": "Ask the agent to start the server again; the preview comes back by itself.",
  "ports.elsewhere":
    "Previews have names under localhost and are seen only by a browser on the machine that Slipway runs on.",
  "ports.open": "Open preview of port {port}",
} as const;
