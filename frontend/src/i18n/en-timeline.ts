/** What is said where somebody looks for something in a conversation. */
export const TIMELINE = {
  "find.label": "Find in this conversation",
  "find.place": "{place} of {n}",
  "find.none": "Nothing found",
  "find.older": "To the older match",
  "find.newer": "To the newer match",
  "timeline.thoughtTokens": "≈ {tokens} tokens",
  "tool.openFile": "Open in Files",
  "tool.asNow": "As it is now",
  "tool.openTerminal": "Open in Terminal",
  "restore.done": "{n, plural, one {1 file} other {{n} files}} restored",
  "restore.failed": "{path}: {reason}",
  "run.continueSteps": "Continue ({n, plural, one {1 more step} other {{n} more steps}})",
  "outline.label": "Your messages",
  "outline.filter": "Your messages in this conversation",
  "outline.empty": "No message of yours",
} as const;
