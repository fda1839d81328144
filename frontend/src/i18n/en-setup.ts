import { translator } from "./translator";

/** What the first-run screen says. */
export const SETUP = {
  open: "Set-up",
  openHelp: "Look at the environment once more, add a model, fill the workspace or see the demo.",
  title: "Set up Slipway",
  intro:
    "Five steps, of which only a model is needed. What is done stays done: leave this page and come back whenever you like.",
  steps: "Steps of the set-up",
  "state.done": "done",
  "state.todo": "to do",
  "state.problem": "problem",
  "state.skipped": "skipped",
  "state.looking": "looking…",
  skipStep: "Skip this step",
  leave: "Not now",
  start: "Start working",

  "step.environment": "Environment",
  sandboxReady: "The sandbox is attached. Workspace: {workspace}",
  sandboxMissing:
    "The sandbox is not attached. This page looks again every few seconds and goes on by itself.",
  "confinement.container": "container",
  "confinement.landlock": "this machine, writes confined by Landlock",
  "confinement.none": "this machine, not confined",
  since: "So since {time}.",
  instance: "Instance",
  instanceIs: "number {number}, Slipway {version}",
  image: "Image",
  noImage: "none: the tools run on this machine itself",
  "port.ui": "Port of this page",
  "port.desktop": "Port of the desktop",
  portMoved: "{port}, because another program has {usual}",
  "disk.data": "Disk of the data",
  "disk.workspace": "Disk of the workspace",
  diskFree: "{free} of {total} free",
  diskLow: "Little room: work may break off soon. Make room where {path} is.",

  "step.account": "Who may use it",
  accountLocal:
    "Only this machine: the link that “slipway open” prints leads in, and no password is needed. To let others in, set one and start Slipway with SLIPWAY_BIND=0.0.0.0.",
  accountNetwork:
    "This page is reached over the network. Set a password for {name}, so that more than the printed link leads in.",
  accountNamed: "{name} logs in with a password.",
  accountPeople: "{n, plural, one {# person has} other {# people have}} an account.",
  setPassword: "Set a password for {name}",
  addPeople: "Add people",

  "step.model": "Model",
  modelHelp:
    "Slipway needs a model that works for you. Test tells whether the key is good before anything is saved.",
  modelReady: "{model} of {provider} answers new conversations.",
  modelOther: "Add another model:",

  "step.workspace": "Workspace",
  workspaceHelp:
    "The agent works in this directory. Bring a repository or files of yours, or begin with nothing: it makes what it needs. “slipway up --workspace DIRECTORY” uses a directory of this machine.",
  workspaceEmpty: "{name} is empty.",
  workspaceHolds: "{name} holds {n, plural, one {# file or folder} other {# files and folders}}.",
  workspaceAway: "What is in it can be seen when the sandbox is attached.",
  workspaceUse: "New conversations begin in:",

  "step.task": "First task",
  taskHelp:
    "Let your model look around in the workspace: it reads, changes nothing, and tells what it found.",
  taskStart: "Start a first task",
  task: "Look around in this workspace without changing anything, and tell me in a few sentences what is there and what you could do for me.",
  taskDone: "There is a conversation already.",
  demo: "Try the demo: a scripted model, no key",
  demoHelp:
    "A script plays the model. It writes a small Python program, tests and repairs it, and opens it on the desktop: with the real tools, in your sandbox.",
  demoTask:
    "Build a small Python GUI program with tests, run the tests, fix what fails, and start it on the desktop.",
} as const;

/** The sentence with this id. */
export const ts = translator("setup", SETUP);
