import { LIVE } from "../scenes";
import type { State } from "../states";
import { shown } from "./app";

/** A conversation and what belongs to it. */
export const CONVERSATIONS: Record<string, State> = {
  "a conversation that is done": { path: "/c/conv_demo", ready: "[data-testid=part-text]" },
  "a run under way": { path: "/c/conv_work", ready: "[data-testid=queue]" },
  "an answer that comes in": {
    path: "/c/conv_work?panel=none",
    ready: "text=It comes in",
    act: async (page, on) => {
      await page.getByTestId("queue").waitFor();
      on.emit({ type: "message.created", message: LIVE }, "conv_work");
    },
  },
  "opened calls": {
    path: "/c/conv_work?panel=none",
    ready: "[data-testid=tool-card] .bg-add-bg",
  },
  "calls to approve": { path: "/c/conv_approve", ready: "[data-testid=approval][data-armed=true]" },
  "a question": { path: "/c/conv_asks", ready: "[data-testid=question-dock]" },
  "a run that failed": { path: "/c/conv_error", ready: "[data-testid=continue]" },
  "a conversation that does not exist": {
    path: "/c/conv_none",
    ready: "main",
    set: (on) => on.refused.set("/conversations/conv_none", 404),
  },
  "a message that waits to be sent": {
    path: "/c/conv_demo",
    ready: "[data-testid=unsent][data-state=waiting]",
    act: async (page, on) => {
      await shown(page);
      on.unanswered.add("/conversations/conv_demo/messages");
      const box = page.getByTestId("composer").getByRole("textbox");
      await box.fill("This one waits.");
      await box.press("Enter");
    },
  },
  "finding in the conversation": {
    path: "/c/conv_work?panel=none",
    ready: "[data-testid=find-state]:has-text('of')",
    act: async (page) => {
      await page.getByTestId("queue").waitFor();
      await page.getByTestId("timeline").focus();
      await page.keyboard.press("Control+f");
      await page.getByTestId("find").getByRole("textbox").fill("clock");
    },
  },
  "the outline": {
    path: "/c/conv_demo?panel=none",
    ready: "[data-testid=outline] [role=option]",
    act: async (page) => {
      await shown(page);
      const box = page.getByTestId("composer").getByRole("textbox");
      await box.fill("/outline");
      await page.getByTestId("suggestions").getByRole("option").first().waitFor();
      // The field is a combobox by now.
      await page.keyboard.press("Enter");
    },
  },
  "commands in the composer": {
    path: "/c/conv_demo",
    ready: "[data-testid=suggestions]",
    act: (page) => page.getByTestId("composer").getByRole("textbox").fill("/"),
  },
  "a menu": {
    path: "/c/conv_demo",
    ready: "[role=menu]",
    act: (page) => page.getByTestId("model-picker").click(),
  },
  "the meter": {
    path: "/c/conv_demo",
    ready: "[role=dialog]",
    act: (page) => page.getByTestId("context-meter").click(),
  },
};
