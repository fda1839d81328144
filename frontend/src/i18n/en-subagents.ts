/** What the page says about sub-agents. */
export const SUBAGENTS = {
  "subagent.steps": "{n, plural, one {# step} other {# steps}}",
  "subagent.task": "Its task",
  "subagent.report": "Its report, which is all that the model got",
  "subagent.work": "What it did",
  "subagent.nothingYet": "Nothing yet",
  "subagent.loading": "Loading…",
  "subagent.stop": "Stop this sub-agent",
  "subagent.stopFailed": "The sub-agent was not stopped",
} as const;
