/** What the page says about sub-agents. */
export const SUBAGENTS = {
  "subagent.steps": "{n, plural, one {# step} other {# steps}}",
  "subagent.task": "Its task",
  "subagent.report": "Its report, which is all that the model got",
  "subagent.work": "What it did",
  "subagent.nothingYet": "Nothing yet",
  "subagent.loading": "Loading…",
  "subagent.stop": "Stop this sub-agent",
  "subagent.consumed": "{steps} · {tokens} tokens",
  "subagent.counts": "Counts to the run’s and the conversation’s budgets: {consumed}",
  "subagent.title": "Sub-agents",
  "subagent.help":
    "Each works within these limits and within what is left of the run’s and the conversation’s; what it consumes counts there too. They only read: files, listings, searches, the web and the desktop’s picture.",
  "subagent.max_at_once": "At the same time",
  "subagent.max_steps": "Steps of each",
  "subagent.max_tokens": "Tokens of each",
  "subagent.max_minutes": "Minutes of each",
  "subagent.max_report_chars": "Characters of a report",
} as const;
