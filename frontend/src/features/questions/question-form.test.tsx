import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { answerQuestion } from "@/api/endpoints";
import type { Question } from "@/api/types";
import { QuestionForm } from "./question-form";

vi.mock("@/api/endpoints", () => ({ answerQuestion: vi.fn() }));

const answerMock = vi.mocked(answerQuestion);

beforeEach(() => {
  answerMock.mockReset();
  answerMock.mockResolvedValue({ run_id: "run_1", remaining: 0 });
});

function show(change: Partial<Question> = {}) {
  const question: Question = {
    call_id: "call_1",
    question: "Which database?",
    options: [{ label: "SQLite", description: "one file" }, { label: "PostgreSQL" }],
    choice: "one",
    ...change,
  };
  render(<QuestionForm conversationId="conv_1" question={question} />);
}

const sent = () => answerMock.mock.calls.map(([, , body]) => body);

describe("QuestionForm", () => {
  test("is answered with the keyboard alone", async () => {
    show();
    await userEvent.tab();
    await userEvent.keyboard(" ");
    await userEvent.keyboard("{ArrowDown}");
    await userEvent.tab();
    await userEvent.keyboard("but an old one{Enter}");
    expect(sent()[0]?.answer).toEqual({ chosen: ["PostgreSQL"], text: "but an old one" });
    expect(answerMock.mock.calls[0]?.slice(0, 2)).toEqual(["conv_1", "call_1"]);
  });

  test("several options can be chosen where that is asked, and taken back", async () => {
    show({ choice: "several" });
    await userEvent.click(screen.getByLabelText(/SQLite/));
    await userEvent.click(screen.getByLabelText(/PostgreSQL/));
    await userEvent.click(screen.getByLabelText(/SQLite/));
    await userEvent.click(screen.getByTestId("answer"));
    expect(sent()[0]?.answer.chosen).toEqual(["PostgreSQL"]);
  });

  test("an empty answer cannot be sent, and a sent one not again", async () => {
    show({ options: [] });
    const button = screen.getByTestId<HTMLButtonElement>("answer");
    expect(button.disabled).toBe(true);
    await userEvent.type(screen.getByLabelText("Your answer"), " ");
    expect(button.disabled).toBe(true);
    await userEvent.type(screen.getByLabelText("Your answer"), "yes");
    await userEvent.click(button);
    expect(button.disabled).toBe(true);
    expect(screen.getByText("Sending…")).toBeDefined();
    expect(answerMock).toHaveBeenCalledTimes(1);
  });

  test("a failed answer stays, and goes out again under the same id unless it is changed", async () => {
    answerMock.mockRejectedValue(new TypeError("offline"));
    show();
    await userEvent.click(screen.getByLabelText(/SQLite/));
    await userEvent.click(screen.getByTestId("answer"));
    await userEvent.click(screen.getByTestId("answer"));
    await userEvent.click(screen.getByLabelText(/PostgreSQL/));
    await userEvent.click(screen.getByTestId("answer"));
    const ids = sent().map((body) => body.client_id);
    expect(ids).toHaveLength(3);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  test("what the model writes is text", () => {
    show({ question: "<img src=x onerror=alert(1)>" });
    expect(document.querySelector("img")).toBeNull();
  });
});
